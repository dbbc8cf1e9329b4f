import type { DagId, DomainId } from '@flow/kernel';
import { SecretUsers, type SecretUse } from '@flow/secrets';

interface NamingDag {
  readonly domain: DomainId;
  readonly id: DagId;
  readonly title: string;
  readonly secrets: readonly string[];
}

/** DAGs of which nothing is known but the secrets that they name. */
export class MemorySecretUsers extends SecretUsers {
  private dags: NamingDag[] = [];

  save(domain: DomainId, title: string, secrets: readonly string[]): DagId {
    const id = `dag-${this.dags.length}` as DagId;
    this.dags.push({ domain, id, title, secrets });
    return id;
  }

  remove(domain: DomainId, id: DagId): void {
    this.dags = this.dags.filter((dag) => dag.domain !== domain || dag.id !== id);
  }

  override async of(
    domain: DomainId,
    names: readonly string[],
    limit: number,
  ): Promise<ReadonlyMap<string, SecretUse>> {
    const found = new Map<string, SecretUse>();
    for (const name of names) {
      const naming = this.dags.filter((dag) => dag.domain === domain && dag.secrets.includes(name));
      const dags = naming.slice(0, limit).map(({ id, title }) => ({ id, title }));
      if (naming.length > 0) found.set(name, { total: naming.length, dags });
    }
    return found;
  }
}
