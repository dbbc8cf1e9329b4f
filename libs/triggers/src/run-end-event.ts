import { withoutLarge, withLarge, type InstanceId, type JsonObject, type WithPlaces } from '@flow/kernel';
import type { RunEnd } from '@flow/instances';
import type { Firing } from './firing';
import { eventFor } from './trigger-event';
import type { Trigger } from './trigger';

/** Runs that start one another by their ends, each the next: what is longer is stopped. */
export const LONGEST_CHAIN = 10;

/** The CloudEvent of an end. A result that is too large to be held stands in it as a reference (`LargeValues`). */
export function runEndEvent(trigger: Trigger, end: RunEnd): JsonObject {
  const { instance, dagId, version, status, result, reason, labels, at, chain } = end;
  return eventFor(trigger, {
    id: instance,
    type: `automation.instance.${status}`,
    time: new Date(at),
    more: { subject: dagId, chain: chain + 1 },
    data: { instanceId: instance, dagId, version, status, result, reason: reason as JsonObject | null, labels },
  });
}

/** As it is stored: large values stand beside the data, as in rows of instances. */
export function storedEvent({ cause, event }: Pick<Firing, 'cause' | 'event'>): JsonObject {
  return cause === 'dag' ? withoutLarge(event) : event;
}

/** As expressions see it. What comes from outside holds no references. */
export function eventOf({ cause, event }: Pick<Firing, 'cause' | 'event'>): JsonObject {
  return cause === 'dag' ? withLarge(event as WithPlaces<JsonObject>) : event;
}

/** Of a run that another's end starts: how many ends have led to it, and whose large values its input may hold. */
export function chainOf({ cause, event }: Pick<Firing, 'cause' | 'event'>): { chain?: number; largeFrom?: InstanceId } {
  if (cause !== 'dag' || typeof event.chain !== 'number') return {};
  return { chain: event.chain, largeFrom: event.id as InstanceId };
}
