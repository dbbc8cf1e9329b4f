import type { DomainId, JsonObject, TriggerId } from '@flow/kernel';

/** Data under a name, to fire a trigger with. */
export interface SavedInput {
  readonly triggerId: TriggerId;
  readonly domain: DomainId;
  /** Unique within its trigger. */
  readonly name: string;
  readonly data: JsonObject;
  readonly createdBy: string;
  readonly createdAt: Date;
}

export const MOST_INPUTS = 100;
