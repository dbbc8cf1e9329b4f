import type { DagId, DomainId } from '@flow/kernel';

/** The DAGs whose newest version names a secret: the first ones, and how many there are. */
export interface SecretUse {
  readonly total: number;
  readonly dags: readonly { readonly id: DagId; readonly title: string }[];
}

export const NO_USE: SecretUse = { total: 0, dags: [] };

/** Who needs a secret; the side that keeps DAGs extends it. */
export abstract class SecretUsers {
  /** By the name of the secret, with `limit` DAGs at most, the oldest first; a name that no DAG has is absent. */
  abstract of(domain: DomainId, names: readonly string[], limit: number): Promise<ReadonlyMap<string, SecretUse>>;
}
