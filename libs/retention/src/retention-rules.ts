import type { DagStore } from '@flow/dags';
import type { EndedGroup } from '@flow/instances';
import { keptMs, type DagId, type DomainId, type Keeping, type Retention } from '@flow/kernel';
import type { DomainRetentions } from './domain-retention.store';

/** Milliseconds for which the ended instances of a group are kept; Infinity for ever. */
export type KeptMs = (group: EndedGroup) => Promise<number>;

/** Who says how long: the DAG in its newest version, then its business domain, then the setting. */
export class RetentionRules {
  constructor(
    private readonly dags: DagStore,
    private readonly domains: DomainRetentions,
    readonly fallback: Keeping,
  ) {}

  /** For groups in their order: what was read for the one before is not read again. */
  reader(): KeptMs {
    let domain: { readonly id: DomainId; readonly retention: Retention | undefined } | undefined;
    let dag: { readonly id: DagId; readonly retention: Retention | undefined } | undefined;
    return async (group) => {
      if (domain?.id !== group.domain) {
        domain = { id: group.domain, retention: (await this.domains.find(group.domain))?.retention };
        dag = undefined;
      }
      if (dag?.id !== group.dagId) dag = { id: group.dagId, retention: await this.ofDag(group.domain, group.dagId) };
      return keptMs(group.status, [dag.retention, domain.retention, this.fallback]) ?? Infinity;
    };
  }

  /** A deleted DAG says what it said last. */
  private async ofDag(domain: DomainId, id: DagId): Promise<Retention | undefined> {
    const dag = await this.dags.find(domain, id);
    if (dag) return dag.retention;
    const [last] = (await this.dags.versions(domain, id, { limit: 1 })).items;
    return last && (await this.dags.version(domain, id, last.version))?.content.retention;
  }
}
