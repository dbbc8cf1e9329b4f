import { textWithLarge, withLarge, type InstanceId, type WithPlaces } from '@flow/kernel';
import type { RunEvent } from '@flow/engine';
import type { Creation } from './creation';
import type { InstanceFact } from './instance-events';
import type { OutboxMessage } from './outbox';

/** One durable stroke of one instance (engine.md B2). `parked` is its epoch's last: the owner lets go. */
export interface Transition {
  readonly id: InstanceId;
  readonly epoch: number;
  /** From 1, without a gap. */
  readonly seq: number;
  readonly create?: Creation;
  readonly parked?: true;
  /** What leaves the instance by this stroke. */
  readonly outbox?: readonly OutboxMessage[];
  /** What of it is told to the world outside. */
  readonly told?: readonly InstanceFact[];
  /** Ids of the inbox items that it acts on. */
  readonly consumed?: readonly string[];
  readonly events: readonly RunEvent[];
}

/** The transition as text; the text of its events is handed in, since history keeps the same. */
export function encodeTransition(
  { id, epoch, seq, create, parked, outbox, told, consumed }: Omit<Transition, 'events'>,
  eventsText: string,
): string {
  return `{"id":"${id}","epoch":${epoch},"seq":${seq}${create ? `,"create":${JSON.stringify(create)}` : ''}${parked ? ',"parked":true' : ''}${outbox?.length ? `,"outbox":${textWithLarge(outbox)}` : ''}${told?.length ? `,"told":${JSON.stringify(told)}` : ''}${consumed?.length ? `,"consumed":${JSON.stringify(consumed)}` : ''},"events":${eventsText}}`;
}

type Stored = Omit<Transition, 'events' | 'outbox'> & {
  readonly outbox?: readonly WithPlaces<OutboxMessage>[];
  readonly events: readonly WithPlaces<RunEvent>[];
};

export function decodeTransitions(body: string): readonly Transition[] {
  return (JSON.parse(body) as Stored[]).map(({ events, outbox, ...transition }) => ({
    ...transition,
    ...(outbox && { outbox: outbox.map(withLarge) }),
    events: events.map(withLarge),
  }));
}

/** History chunks hold a list of events per transition. */
export function decodeChunk(text: string): readonly (readonly RunEvent[])[] {
  return (JSON.parse(text) as WithPlaces<RunEvent>[][]).map((events) => events.map(withLarge));
}
