import { Clock, IdGenerator } from '@flow/kernel';
import {
  Batches,
  DagChangeEvents,
  DeadFirings,
  EventIntake,
  EventTopics,
  Firings,
  FiringStore,
  PushedEvents,
  TopicReaders,
  TriggerStore,
} from '@flow/triggers';
import { made, type Ground, type Provided } from './made';

/** What reads topics in this process; nothing does where KAFKA_BROKERS is not set. */
export class EventReading {
  constructor(readonly readers: TopicReaders | undefined) {}
}

/** What starts pipelines when an event comes. */
export const eventTriggersProviders = ({ app, settings, stores, log, metrics }: Ground): readonly Provided[] => [
  made(EventTopics, [], () => {
    const { reader } = stores;
    return new EventTopics({
      isConnected: reader !== undefined,
      allowed: settings.eventTopicsAllowed,
      own: reader?.own ?? [],
      ...(reader && { look: (topic: string) => reader.look(topic) }),
    });
  }),
  made(
    Batches,
    [FiringStore, TriggerStore, Firings, Clock, IdGenerator],
    (firingStore, triggers, firings, clock, ids) =>
      new Batches(firingStore, triggers, firings, clock, ids, stores.shared !== undefined, (error) =>
        log.error({ err: error }, 'batches of events could not be looked after; it is tried again'),
      ),
  ),
  made(EventIntake, [Firings, Batches], (firings, batches) => new EventIntake(firings, batches)),
  made(DagChangeEvents, [TriggerStore, EventIntake], (...parts) => new DagChangeEvents(...parts)),
  made(PushedEvents, [TriggerStore, FiringStore, EventIntake, Clock], (...parts) => new PushedEvents(...parts)),
  made(DeadFirings, [FiringStore, Firings, Clock], (...parts) => new DeadFirings(...parts)),
  made(EventReading, [TriggerStore, EventIntake, EventTopics, Clock], (triggers, intake, topics, clock) => {
    const { reader } = stores;
    if (!reader || !app.works) return new EventReading(undefined);
    const readers = new TopicReaders(
      triggers,
      reader.consumer,
      intake,
      topics,
      { groupPrefix: settings.kafkaTopicPrefix, limitBytes: settings.eventSizeLimit },
      clock,
      (error) => log.error({ err: error }, 'topics of triggers could not be looked after; it is tried again'),
    );
    metrics.gauge('event_lag', 'Messages of topics that triggers name and that were not taken yet.', () =>
      readers.lag(),
    );
    return new EventReading(readers);
  }),
];
