import { DagEvents, DagRelay } from '@flow/dags';
import { EventRelay } from '@flow/events';
import { DagChangeEvents, DagTriggers } from '@flow/triggers';
import { Clock, Random } from '@flow/kernel';
import { randomUUID } from 'node:crypto';
import { made, type Ground, type Provided } from './made';

/** What tells events in this process; nothing does where KAFKA_BROKERS is not set. */
export class EventTelling {
  constructor(readonly relay: EventRelay | undefined) {}
}

/** What is told to the world outside. */
export const eventsProviders = ({ app, stores, log, metrics }: Ground): readonly Provided[] => [
  made(EventTelling, [Clock, Random], (clock, random) => {
    const { publisher, events: outbox } = stores;
    if (!publisher) return new EventTelling(undefined);
    const published = metrics.counter('events_published_total', 'Events that were told.');
    const faults = metrics.counter('events_publish_faults_total', 'Batches of events that could not be told.');
    const relay = new EventRelay(outbox, publisher, clock, random, randomUUID(), {
      onFault: (error) => {
        faults.inc();
        log.error({ err: error }, 'events could not be told; they wait, and it is tried again');
      },
      onPublished: (count) => published.inc(count),
    });
    if (app.works) {
      metrics.gauge(
        'events_waiting',
        'Events that wait to be told, of all processes.',
        async () => (await outbox.backlog()).count,
      );
      metrics.gauge(
        'events_oldest_seconds',
        'How long the oldest event waits to be told; 0 when none does.',
        async () => {
          const { oldestAt } = await outbox.backlog();
          return oldestAt ? Math.max(0, clock.now().getTime() - oldestAt.getTime()) / 1_000 : 0;
        },
      );
    }
    return new EventTelling(relay);
  }),
  made(DagRelay, [Clock, EventTelling, DagTriggers, DagChangeEvents], (clock, { relay }, triggers, changes) => {
    const { dagOutbox, events } = stores;
    // Whoever else has to hear of DAGs is one more listener here.
    const listeners = [triggers, changes, ...(relay ? [new DagEvents(events, () => relay.wake())] : [])];
    const onFault = (error: unknown) =>
      log.error({ err: error }, 'what became of a DAG could not be told; it waits, and it is tried again');
    return new DagRelay(dagOutbox, listeners, clock, onFault);
  }),
];
