import { cloudEvent, type EventOutbox, type WaitingEvent } from '@flow/events';
import type { DagStatus } from './dag';
import type { DagFact } from './dag-fact';
import { DagListener } from './dag-outbox';

/** What is told of a DAG. Its definition is not: whoever may read it asks for it. */
export interface DagEventData {
  readonly id: string;
  readonly businessDomain: string;
  readonly title: string;
  readonly type: string;
  readonly version: string;
  readonly status: DagStatus;
  readonly trigger: string;
  readonly priority: string;
  readonly tags: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** The principal who did it. */
  readonly by: string;
}

export function dagEventOf({ id: factId, sequence, kind, at, by, dag }: DagFact): WaitingEvent {
  const { id, domain, title, type, version, status, trigger, priority, tags, labels } = dag;
  const { createdBy, createdAt, updatedAt } = dag;
  const happenedAt = Date.parse(at);
  const event = cloudEvent<DagEventData>({
    id: factId,
    source: `/flow-automation/${encodeURIComponent(domain)}`,
    type: `automation.dag.${kind}`,
    subject: id,
    sequence,
    at: happenedAt,
    data: {
      ...{ id, businessDomain: domain, title, type, version, status, trigger, priority, tags, labels },
      ...{ createdBy, createdAt, updatedAt, by },
    },
  });
  return { id: factId, topic: 'dag.lifecycle', key: id, at: happenedAt, body: JSON.stringify(event) };
}

/** Tells the world outside of DAGs: their facts become events that wait to be told. */
export class DagEvents extends DagListener {
  constructor(
    private readonly outbox: EventOutbox,
    private readonly onAdded: () => void,
  ) {
    super();
  }

  override async hear(facts: readonly DagFact[]): Promise<void> {
    await this.outbox.put(facts.map(dagEventOf));
    this.onAdded();
  }
}
