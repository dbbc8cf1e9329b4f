import type { DagStore } from '@flow/dags';
import type { DomainId } from '@flow/kernel';
import { SecretUsers, type SecretUse } from '@flow/secrets';

/** What secrets have to know about DAGs. */
export class DagSecretUsers extends SecretUsers {
  constructor(private readonly dags: DagStore) {
    super();
  }

  override of(domain: DomainId, names: readonly string[], limit: number): Promise<ReadonlyMap<string, SecretUse>> {
    return this.dags.namingSecrets(domain, names, limit);
  }
}
