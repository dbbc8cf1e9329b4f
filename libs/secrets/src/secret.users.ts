import type { DagId, DomainId, TriggerId } from '@flow/kernel';

/** The DAGs whose newest version names a secret, and the triggers that verify what comes by it: the first ones of each, and how many all are. */
export interface SecretUse {
  readonly total: number;
  readonly dags: readonly { readonly id: DagId; readonly title: string }[];
  readonly triggers?: readonly { readonly id: TriggerId; readonly dagId: DagId }[];
}

export const NO_USE: SecretUse = { total: 0, dags: [] };

/** Who needs a secret; the side that keeps DAGs extends it. */
export abstract class SecretUsers {
  /** By the name of the secret, with `limit` of each kind at most, DAGs the oldest first; a name that nobody has is absent. */
  abstract of(domain: DomainId, names: readonly string[], limit: number): Promise<ReadonlyMap<string, SecretUse>>;
}
