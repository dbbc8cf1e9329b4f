import type { DagStore } from '@flow/dags';
import type { DagId, DomainId, TriggerId } from '@flow/kernel';
import { SecretUsers, type SecretUse } from '@flow/secrets';
import { hookSecretsOf, type TriggerStore } from '@flow/triggers';

const A_PAGE = 200;

/** What secrets have to know about DAGs, and about webhooks that are verified by them. */
export class DagSecretUsers extends SecretUsers {
  constructor(
    private readonly dags: DagStore,
    private readonly triggers: TriggerStore,
  ) {
    super();
  }

  override async of(
    domain: DomainId,
    names: readonly string[],
    limit: number,
  ): Promise<ReadonlyMap<string, SecretUse>> {
    const uses = new Map<string, SecretUse>(await this.dags.namingSecrets(domain, names, limit));
    for (const [name, triggers] of await this.verifying(domain, new Set(names))) {
      const { total, dags } = uses.get(name) ?? { total: 0, dags: [] };
      uses.set(name, { total: total + triggers.length, dags, triggers: triggers.slice(0, limit) });
    }
    return uses;
  }

  /** Webhooks, disabled ones too: one that is enabled again would let nobody in. */
  private async verifying(domain: DomainId, names: ReadonlySet<string>) {
    const found = new Map<string, { readonly id: TriggerId; readonly dagId: DagId }[]>();
    if (names.size === 0) return found;
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = await this.triggers.list(
        domain,
        { kind: 'webhook' },
        { limit: A_PAGE, ...(cursor !== undefined && { cursor }) },
      );
      for (const { id, dagId, config, disabled } of page.items)
        for (const name of disabled?.code === 'dag_deleted' ? [] : hookSecretsOf(config))
          if (names.has(name)) found.set(name, [...(found.get(name) ?? []), { id, dagId }]);
      cursor = page.nextCursor;
    }
    return found;
  }
}
