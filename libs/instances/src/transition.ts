import type { DagId, DomainId, InstanceId } from '@flow/kernel';
import type { RunEvent } from '@flow/engine';
import type { Priority } from './instance';

/** What stands fast about an instance from its creation on. */
export interface Creation {
  readonly domain: DomainId;
  readonly dagId: DagId;
  readonly version: string;
  readonly priority: Priority;
  readonly labels: Readonly<Record<string, string>>;
  readonly trigger: { readonly kind: string; readonly id?: string };
  readonly createdBy: string;
  readonly attempt: number;
  readonly retryOf: InstanceId | null;
  readonly rootId: InstanceId;
  readonly parentId: InstanceId | null;
}

/** One durable stroke of one instance (engine.md B2). `parked` is its epoch's last: the owner lets go. */
export interface Transition {
  readonly id: InstanceId;
  readonly epoch: number;
  /** From 1, without a gap. */
  readonly seq: number;
  readonly create?: Creation;
  readonly parked?: true;
  readonly events: readonly RunEvent[];
}

/** The transition as text; the text of its events is handed in, since history keeps the same. */
export function encodeTransition(
  { id, epoch, seq, create, parked }: Omit<Transition, 'events'>,
  eventsText: string,
): string {
  return `{"id":"${id}","epoch":${epoch},"seq":${seq}${create ? `,"create":${JSON.stringify(create)}` : ''}${parked ? ',"parked":true' : ''},"events":${eventsText}}`;
}

export function decodeTransitions(body: string): readonly Transition[] {
  return JSON.parse(body) as Transition[];
}

/** History chunks hold a list of events per transition. */
export function decodeChunk(text: string): readonly (readonly RunEvent[])[] {
  return JSON.parse(text) as RunEvent[][];
}
