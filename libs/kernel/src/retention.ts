import type { Fault } from './app-error';
import { durationMs } from './duration';
import { isJsonObject, pointerTo, type Json } from './json';

/** How an instance ended; terminal, so that what is decided by it stays decided. */
export type EndStatus = 'succeeded' | 'failed' | 'cancelled';
export const END_STATUSES = ['succeeded', 'failed', 'cancelled'] as const satisfies readonly EndStatus[];

/** An ISO 8601 duration (`P30D`), or `forever`. */
export type Keeping = string;
export const FOREVER = 'forever';
/** Whoever waited for an instance can still read how it ended. */
export const SHORTEST_KEEPING_MS = 60_000;

/** How long ended instances are kept: all alike, or by how they ended; what is not named is left to whoever decides next. */
export type Retention = Keeping | Readonly<Partial<Record<EndStatus, Keeping>>>;

/** Milliseconds; Infinity for `forever`, undefined for a text that is neither that nor a duration. */
export function keepingMs(text: Keeping): number | undefined {
  return text === FOREVER ? Infinity : durationMs(text);
}

/** What is wrong with a retention that was sent; pointers begin with `at`. */
export function retentionFaults(sent: Json, at: string): Fault[] {
  if (!isJsonObject(sent)) return keepingFaults(sent, at);
  const entries = Object.entries(sent);
  if (entries.length === 0)
    return [{ pointer: at, code: 'field.invalid', message: `Name at least one of ${END_STATUSES.join(', ')}.` }];
  return entries.flatMap(([status, text]) => {
    const pointer = pointerTo(at, status);
    if ((END_STATUSES as readonly string[]).includes(status)) return keepingFaults(text, pointer);
    return [{ pointer, code: 'field.unknown', message: `"${status}" is none of ${END_STATUSES.join(', ')}.` }];
  });
}

function keepingFaults(text: Json, pointer: string): Fault[] {
  const ms = typeof text === 'string' ? keepingMs(text) : undefined;
  if (ms === undefined)
    return [{ pointer, code: 'field.invalid', message: `Say an ISO 8601 duration such as P30D, or ${FOREVER}.` }];
  return ms >= SHORTEST_KEEPING_MS
    ? []
    : [{ pointer, code: 'retention.too_short', message: 'Ended instances are kept for at least a minute (PT1M).' }];
}

/** What the first of these says about instances that ended so; undefined when none says anything. */
export function keptMs(status: EndStatus, retentions: readonly (Retention | undefined)[]): number | undefined {
  for (const retention of retentions) {
    const keeping = typeof retention === 'object' ? retention[status] : retention;
    if (keeping !== undefined) return keepingMs(keeping);
  }
  return undefined;
}
