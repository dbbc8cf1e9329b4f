import { withoutLarge, type DagId, type DomainId, type InstanceId, type Json } from '@flow/kernel';
import type { Failure } from '@flow/engine';
import type { RunEnd } from './run-end';

/** What must leave an instance: written in the transition that causes it, delivered at least once, under an id that is always the same. */
export type OutboxMessage =
  /** The step that waited for this child waits no longer. */
  | { readonly kind: 'child.cancel'; readonly child: InstanceId }
  /** A child that was waited for has ended. */
  | {
      readonly kind: 'parent.tell';
      readonly parent: InstanceId;
      readonly path: string;
      readonly attempt: number;
      readonly index: number;
      readonly status: 'succeeded' | 'failed' | 'cancelled';
      readonly result: Json;
      readonly failure: Failure | null;
    }
  /** Whoever started this instance wants to be told of its end at this address. */
  | {
      readonly kind: 'callback';
      readonly domain: DomainId;
      readonly dagId: DagId;
      readonly instance: InstanceId;
      readonly url: string;
      readonly status: 'succeeded' | 'failed' | 'cancelled';
      readonly result: Json;
      readonly reason: Failure | null;
      readonly traceparent?: string;
    }
  /** Somebody of this service hangs on the end of this instance. */
  | (RunEnd & { readonly kind: 'ended' });

/** What runs say to one another. */
export type FamilyMessage = OutboxMessage & { readonly kind: 'child.cancel' | 'parent.tell' };

export interface OutboxItem {
  /** `instance:seq:number`. */
  readonly id: string;
  readonly message: OutboxMessage;
}

export function outboxItems(instance: InstanceId, seq: number, messages: readonly OutboxMessage[]): OutboxItem[] {
  return messages.map((message, i) => ({ id: `${instance}:${seq}:${i}`, message: withoutLarge(message) }));
}
