import type { Json, JsonObject } from '@flow/kernel';
import type { Trigger } from './trigger';

const SOURCE = '/triggers';

interface Made {
  /** Of its source, the only one. */
  readonly id: string;
  readonly type: string;
  readonly time: Date;
  readonly data: Json;
  readonly source?: string;
  /** Further attributes. */
  readonly more?: JsonObject;
}

/** A CloudEvent 1.0 of what came for a trigger: what its expressions see, and what its history keeps. */
export function eventFor(trigger: Pick<Trigger, 'id'>, { id, type, time, data, source, more }: Made): JsonObject {
  return {
    specversion: '1.0',
    id,
    source: source ?? `${SOURCE}/${trigger.id}`,
    type,
    time: time.toISOString(),
    datacontenttype: 'application/json',
    ...more,
    data,
  };
}

/** Of a time that was due. */
export function scheduledEvent(trigger: Pick<Trigger, 'id'>, at: Date): JsonObject {
  const scheduledAt = at.toISOString();
  return eventFor(trigger, { id: scheduledAt, type: 'automation.trigger.scheduled', time: at, data: { scheduledAt } });
}
