import { DagListener, dagEventOf, type DagFact } from '@flow/dags';
import type { DomainId, JsonObject } from '@flow/kernel';
import { keyOfEvent } from './cloud-event';
import type { EventIntake } from './event-intake';
import { lookupOf } from './kinds/event';
import type { TriggerStore } from './trigger.store';

/**
 * Brings what becomes of DAGs to the `internal` triggers of their business domain that ask for it, as the events that brokers are told (`DagEvents`). A fact that comes
 * again has the same source and id, and so the firing that it had.
 */
export class DagChangeEvents extends DagListener {
  constructor(
    private readonly triggers: TriggerStore,
    private readonly intake: EventIntake,
  ) {
    super();
  }

  override async hear(facts: readonly DagFact[]): Promise<void> {
    const domains = new Map<DomainId, DagFact[]>();
    for (const fact of facts) domains.set(fact.dag.domain, [...(domains.get(fact.dag.domain) ?? []), fact]);
    for (const [domain, own] of domains) {
      const known = await this.triggers.lookUp('event', lookupOf({ source: 'internal' }, domain));
      const enabled = known.filter((trigger) => trigger.enabled);
      if (enabled.length > 0) await this.intake.take(enabled, own.map(arrivedOf));
    }
  }
}

function arrivedOf(fact: DagFact) {
  const { body, at } = dagEventOf(fact);
  const event = JSON.parse(body) as JsonObject;
  return { key: keyOfEvent(event), at: new Date(at), event, bytes: body.length };
}
