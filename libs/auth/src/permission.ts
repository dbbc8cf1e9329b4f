/** Every permission there is; a route or a use case that names none cannot exist. */
export const PERMISSIONS = [
  'dag.view',
  'dag.create',
  'dag.modify',
  'dag.delete',
  'dag.run',
  'dag.debug',
  'instance.view',
  'instance.cancel',
  'instance.pause',
  'instance.retry',
  'instance.purge',
  'approval.decide',
  'operator.view',
  'secret.view',
  'secret.manage',
  'variable.view',
  'variable.manage',
  'webhook_secret.view',
  'webhook_secret.manage',
  'dead_letter.view',
  'dead_letter.manage',
  'token.manage',
  'platform.admin',
] as const;

export type Permission = (typeof PERMISSIONS)[number];
