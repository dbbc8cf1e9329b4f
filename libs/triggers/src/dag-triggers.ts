import { DagListener, type DagFact, type DagStore } from '@flow/dags';
import type { TriggerRegistrar } from './trigger-registrar';

/** Hears of every DAG that is made, published or deleted, and lets its triggers follow: at least once, however often it fails. */
export class DagTriggers extends DagListener {
  constructor(
    private readonly dags: DagStore,
    private readonly registrar: TriggerRegistrar,
  ) {
    super();
  }

  override async hear(facts: readonly DagFact[]): Promise<void> {
    const last = new Map(facts.map((fact) => [fact.dag.id, fact]));
    for (const { dag, by } of last.values()) {
      // As it stands by now, whatever the fact says: what follows it comes later, and changes nothing then.
      const standing = await this.dags.find(dag.domain, dag.id);
      if (standing) await this.registrar.follow(standing);
      else await this.registrar.gone(dag.domain, dag.id, by);
    }
  }
}
