import { createHash } from 'node:crypto';
import { belowSpan, type InstanceId } from '@flow/kernel';

const SPAN_BYTES = 8;

/** What a task does outside is known by this, at every attempt, before and after a crash. */
export function taskKeyOf(instance: InstanceId, path: string): string {
  return `${instance}:${path}`;
}

/**
 * The trace of a run below one of its spans: what the run causes under a key that is always the same (a task, a delivery) is the same span whenever it
 * is done again.
 */
export function traceBelow(traceparent: string, key: string): string {
  const span = createHash('sha256').update(key).digest().subarray(0, SPAN_BYTES);
  // An id of zeros is none; one hash in 2^64 is.
  if (span.every((byte) => byte === 0)) span[SPAN_BYTES - 1] = 1;
  return belowSpan(traceparent, span);
}
