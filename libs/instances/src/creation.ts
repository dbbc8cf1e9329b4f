import { createHash } from 'node:crypto';
import { idFrom, type DagId, type DomainId, type InstanceId, type Priority } from '@flow/kernel';
import type { DebugRun, ParentLink } from './instance';

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
  readonly parent: ParentLink | null;
  /** Levels of sub-flows above it. */
  readonly depth: number;
  /** Ends of runs that have led to this one, each to the next; none when left out. */
  readonly chain?: number;
  /** What started it, when that wants to hear how it ends. */
  readonly firing?: string;
  /** Where the end is told; may hold what lets its caller in, so that it is shown without its query. */
  readonly callbackUrl?: string;
  /** W3C `traceparent` of the request or the step that started it. */
  readonly traceparent?: string;
  /** When its DAG limits how many run at once: what its key came to, as JSON; '' without a key. Those with the same one share its slots. */
  readonly slot?: string;
  /** Of a debug run: it is its caller's alone, and goes away. */
  readonly debug?: DebugRun;
}

/**
 * The id of a child: the same whenever its step asks for it, so that asking twice makes one. It
 * begins with its parent's time.
 */
export function childIdOf(parent: InstanceId, path: string, attempt: number, index: number): InstanceId {
  const hash = createHash('sha256').update(`${parent}\n${path}\n${attempt}\n${index}`).digest();
  return idFrom(parent, hash);
}
