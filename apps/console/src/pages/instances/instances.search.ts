/** What the address of the list of instances holds: its filters. */
export interface InstancesSearch {
  readonly status?: string;
  readonly dag?: string;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

export const instancesSearch = (search: Record<string, unknown>): InstancesSearch => ({
  status: text(search['status']),
  dag: text(search['dag']),
});
