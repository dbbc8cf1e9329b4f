import type { Instance, Whole } from '@flow/client';

type May =
  | 'reason'
  | 'result'
  | 'retryOf'
  | 'parentId'
  | 'startedAt'
  | 'endedAt'
  | 'parent'
  | 'slot'
  | 'large'
  | 'input'
  | 'createdBy';

/** An instance as the service answers it: of its fields only these may be missing. */
export type ShownInstance = Omit<Whole<Instance>, May | 'debug'> &
  Pick<Instance, May> & { readonly debug?: Whole<NonNullable<Instance['debug']>> };
