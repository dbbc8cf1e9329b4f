/** Raised when a reader of the version before could misread what is told; fields may be added without. */
export const EVENT_SCHEMA_VERSION = 1;

/** Where facts of a kind are told; an installation's own prefix stands before it. */
export type EventTopic = 'instance.lifecycle' | 'dag.lifecycle' | 'audit';

export const EVENT_TOPICS: readonly EventTopic[] = ['instance.lifecycle', 'dag.lifecycle', 'audit'];

/** A fact for the world outside that is durable and waits to be told. */
export interface WaitingEvent {
  /** The same at every repetition. Of one key, ids rise in the order in which the facts came to be. */
  readonly id: string;
  readonly topic: EventTopic;
  /** What it is about: facts of one key are told in their order. */
  readonly key: string;
  /** When it came to be, ms since 1970. */
  readonly at: number;
  /** JSON text of the CloudEvent: the same bytes at every repetition. */
  readonly body: string;
  /** W3C `traceparent` of what it comes from; it stands in the body too. */
  readonly traceparent?: string;
}

/** A CloudEvent 1.0 in its JSON format. `sequence` and `traceparent` are its extensions of those names: ids of one subject rise with the first. */
export interface CloudEvent<Data = unknown> {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly schemaversion: number;
  readonly sequence: string;
  readonly traceparent?: string;
  readonly data: Data;
}

/** What of an event differs from one to the next. */
export type EventFacts<Data> = Pick<CloudEvent<Data>, 'id' | 'source' | 'type' | 'subject' | 'sequence' | 'data'> & {
  readonly at: number;
  readonly traceparent?: string | undefined;
};

export function cloudEvent<Data>({
  id,
  source,
  type,
  subject,
  sequence,
  data,
  at,
  traceparent,
}: EventFacts<Data>): CloudEvent<Data> {
  return {
    specversion: '1.0',
    id,
    source,
    type,
    subject,
    time: new Date(at).toISOString(),
    datacontenttype: 'application/json',
    schemaversion: EVENT_SCHEMA_VERSION,
    sequence,
    ...(traceparent !== undefined && { traceparent }),
    data,
  };
}
