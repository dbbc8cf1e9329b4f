import { demand, type Caller } from '@flow/auth';
import type { Clock, FiringId, JsonObject, TriggerId } from '@flow/kernel';
import { cloudEventFaults, keyOfEvent } from './cloud-event';
import type { EventIntake } from './event-intake';
import type { FiringStatus } from './firing';
import type { FiringStore } from './firing.store';
import { lookupOf } from './kinds/event';
import { EventInvalid } from './trigger.errors';
import type { TriggerStore } from './trigger.store';

export const MOST_PUSHED = 100;

/** What a trigger makes of an event that was pushed. */
export interface PushedFiring {
  readonly id: FiringId;
  readonly triggerId: TriggerId;
  readonly status: FiringStatus;
}

export interface PushedEvent {
  readonly id: string;
  readonly source: string;
  readonly firings: readonly PushedFiring[];
}

/** Events that the platform says itself, for the `internal` triggers of a business domain. */
export class PushedEvents {
  constructor(
    private readonly triggers: TriggerStore,
    private readonly history: FiringStore,
    private readonly intake: EventIntake,
    private readonly clock: Clock,
  ) {}

  /** CloudEvents; durable when it resolves. One whose source and id were pushed before gives what it gave then. @throws EventInvalid */
  async push(caller: Caller, sent: JsonObject | readonly JsonObject[]): Promise<readonly PushedEvent[]> {
    demand(caller, 'platform.admin');
    const events: readonly JsonObject[] = isList(sent) ? sent : [sent];
    const faults = events.flatMap((event, i) =>
      cloudEventFaults(event).map((fault) => ({
        ...fault,
        pointer: isList(sent) ? `/${i}${fault.pointer}` : fault.pointer,
      })),
    );
    if (faults.length > 0) throw new EventInvalid(faults);
    const known = await this.triggers.lookUp('event', lookupOf({ source: 'internal' }, caller.domain));
    const at = this.clock.now();
    const arrived = events.map((event) => ({
      key: keyOfEvent(event),
      at,
      event: { ...event, time: event.time ?? at.toISOString() },
      bytes: Buffer.byteLength(JSON.stringify(event)),
    }));
    const taken = await this.intake.take(
      known.filter(({ enabled }) => enabled),
      arrived,
    );
    const standing = await Promise.all(
      taken.map(async ({ firing, isNew }) =>
        isNew ? firing : ((await this.history.findKey(firing.triggerId, firing.key)) ?? firing),
      ),
    );
    return events.map((event) => {
      const { id, source } = event as { readonly id: string; readonly source: string };
      const firings = standing.filter(
        (_, i) => taken[i]?.firing.event.id === id && taken[i].firing.event.source === source,
      );
      return {
        id,
        source,
        firings: firings.map(({ id: firing, triggerId, status }) => ({ id: firing, triggerId, status })),
      };
    });
  }
}

function isList(sent: JsonObject | readonly JsonObject[]): sent is readonly JsonObject[] {
  return Array.isArray(sent);
}
