import { durationMs, isJsonObject, type Json, type JsonObject } from '@flow/kernel';
import { checkAtStart } from './check-expressions';
import type { CheckContext } from './dag-check';

const LONGEST_RATE_MS = 366 * 24 * 60 * 60 * 1_000;

/** Limits of starts: what their shape does not say. */
export function checkStartLimits({ startBy, concurrency, rateLimit }: JsonObject, context: CheckContext): void {
  const { faults, warnings } = context;
  if (typeof startBy === 'string' && durationMs(startBy) === 0)
    faults.add('/startBy', 'field.invalid', '"startBy" must be longer than nothing.');
  if (startBy !== undefined && concurrency === undefined)
    warnings.add('/startBy', 'dag.start_by_without_effect', 'Nothing waits for its start without "concurrency".');
  if (isJsonObject(concurrency)) checkKey(concurrency.key, '/concurrency/key', context);
  if (!isJsonObject(rateLimit)) return;
  checkKey(rateLimit.key, '/rateLimit/key', context);
  const { per } = rateLimit;
  const perMs = typeof per === 'string' ? durationMs(per) : per;
  if (typeof perMs !== 'number') return;
  if (typeof per === 'string' && perMs === 0)
    faults.add('/rateLimit/per', 'field.invalid', '"per" must be longer than nothing.');
  if (perMs > LONGEST_RATE_MS) faults.add('/rateLimit/per', 'field.invalid', '"per" is P366D at most.');
}

function checkKey(key: Json | undefined, pointer: string, context: CheckContext): void {
  if (typeof key !== 'string') return;
  if (!key.includes('{{'))
    context.warnings.add(pointer, 'limit.key_constant', 'The key holds no {{ }}: it is the same for all instances.');
  checkAtStart(key, pointer, context);
}
