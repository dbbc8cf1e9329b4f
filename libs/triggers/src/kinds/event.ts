import { durationMs, type DomainId, type Fault, type JsonObject } from '@flow/kernel';
import { NO_TOPICS } from '../event-topics';
import type { Trigger } from '../trigger';
import { templateFaults } from '../trigger-expressions';
import { closed, type BatchRule, type KindRules } from './kind';

export type EventSource = 'kafka' | 'internal';

export interface EventConfig {
  readonly source: EventSource;
  /** Of Kafka. */
  readonly topic?: string;
  /** A CloudEvents type, or what it begins with: `order.*`. */
  readonly type?: string;
  readonly batch?: { readonly size: number; readonly wait: string };
  readonly orderBy?: string;
}

export const LARGEST_BATCH = 1_000;
const LONGEST_WAIT_MS = 3_600_000;
/** What Kafka takes as a name. */
const TOPIC = '^[A-Za-z0-9._-]{1,249}$';

export const event: KindRules = {
  config: closed(
    {
      source: {
        enum: ['kafka', 'internal'],
        description:
          '`kafka`: a topic on the brokers of KAFKA_BROKERS; `internal`: what is pushed to POST /trigger/event, and what becomes of DAGs (`automation.dag.*`)',
      },
      topic: { type: 'string', pattern: TOPIC, description: 'Of Kafka; EVENT_TOPICS_ALLOWED has to name it' },
      type: {
        type: 'string',
        pattern: '^[^*\\s]+$|^[^*\\s]+\\.\\*$',
        maxLength: 255,
        description: 'Only events of this CloudEvents type; `order.*` takes all that begin with `order.`',
      },
      batch: {
        ...closed(
          {
            size: { type: 'integer', minimum: 1, maximum: LARGEST_BATCH },
            wait: { type: 'string', description: 'ISO 8601, up to PT1H: a batch starts after so long at the latest' },
          },
          ['size', 'wait'],
        ),
        description: 'Several events start one run, whose `event.data.events` they are',
      },
      orderBy: {
        type: 'string',
        minLength: 1,
        maxLength: 1_000,
        description: 'A text with expressions: events with the same value start one behind the other',
      },
    },
    ['source'],
  ),
  faults(sent, { topics = NO_TOPICS }) {
    const { source, topic, batch, orderBy } = eventConfig(sent);
    return [
      ...topicFaults(source, topic, topics),
      ...(batch ? waitFaults(batch.wait) : []),
      ...(orderBy === undefined ? [] : templateFaults('/orderBy', orderBy)),
      ...(batch && orderBy !== undefined
        ? [fault('/orderBy', 'field.invalid', 'A batch has no order of its own: leave "orderBy" or "batch" out.')]
        : []),
    ];
  },
  expressions: ['orderBy'],
  lookup: (sent, { domain }) => lookupOf(eventConfig(sent), domain),
  orderBy: (sent) => eventConfig(sent).orderBy,
  batch: (sent): BatchRule | undefined => {
    const { batch } = eventConfig(sent);
    return batch && { size: batch.size, waitMs: durationMs(batch.wait) ?? 0 };
  },
};

export function eventConfig(config: JsonObject): EventConfig {
  return config as unknown as EventConfig;
}

/** By what the triggers of an event are found: a topic is everybody's, what is pushed belongs to a business domain. */
export function lookupOf({ source, topic = '' }: Pick<EventConfig, 'source' | 'topic'>, domain: DomainId): string {
  return source === 'kafka' ? `kafka ${topic}` : `internal ${domain}`;
}

/** What the service says of itself within: only who names it gets it. A topic is named by whoever reads it. */
const OWN = 'automation.';

/** Whether a trigger asks for events of this type. */
export function wantsType({ config }: Pick<Trigger, 'config'>, type: string): boolean {
  const { source, type: wanted } = eventConfig(config);
  if (wanted === undefined) return source === 'kafka' || !type.startsWith(OWN);
  return wanted.endsWith('.*') ? type.startsWith(wanted.slice(0, -1)) : type === wanted;
}

function topicFaults(source: EventSource, topic: string | undefined, topics: typeof NO_TOPICS): Fault[] {
  if (source === 'internal')
    return topic === undefined
      ? []
      : [fault('/topic', 'field.invalid', '"topic" is for "source": "kafka": what is pushed has none.')];
  if (topic === undefined) return [fault('/topic', 'field.invalid', '"topic" is needed with "source": "kafka".')];
  const refused = topics.faultOf(topic);
  return refused ? [{ ...refused, pointer: '/topic' }] : [];
}

function waitFaults(wait: string): Fault[] {
  const ms = durationMs(wait) ?? -1;
  if (ms > 0 && ms <= LONGEST_WAIT_MS) return [];
  return [fault('/batch/wait', 'field.invalid', '"wait" must be an ISO 8601 duration up to PT1H, as in PT5S.')];
}

function fault(pointer: string, code: string, message: string): Fault {
  return { pointer, code, message };
}
