import type { Schedule } from './schedule';

/**
 * By how much a firing is delayed, in [0, jitter): the same in every process and after every restart, spread evenly over triggers
 * and fire times. The fire time stays the key of the firing.
 */
export function jitterMs({ jitterMs: most }: Pick<Schedule, 'jitterMs'>, triggerId: string, fireTime: Date): number {
  return Math.floor(most * fractionOf(`${triggerId} ${fireTime.getTime()}`));
}

/** A fraction in [0, 1) of a text: FNV-1a, with the bits mixed at the end (MurmurHash3), since fire times differ in few of them. */
function fractionOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
