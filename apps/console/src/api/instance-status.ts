export const INSTANCE_STATUSES = [
  'queued',
  'running',
  'waiting',
  'paused',
  'cancelling',
  'succeeded',
  'failed',
  'cancelled',
] as const;
export type InstanceStatus = (typeof INSTANCE_STATUSES)[number];

export const hasEnded = (status: InstanceStatus) =>
  status === 'succeeded' || status === 'failed' || status === 'cancelled';
