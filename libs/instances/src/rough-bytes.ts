import { LargeValue, isJsonObject, type Json } from '@flow/kernel';

/** What stands in the place of a large value. */
const REFERENCE = 150;

/**
 * Bytes of a value as JSON, near enough for a bound; stops counting past the limit. Of a large value the parts that are at hand count,
 * and `onLarge` is told of it.
 */
export function roughBytes(value: Json, limit: number, onLarge?: (large: LargeValue) => void): number {
  let bytes = 0;
  const stack: Json[] = [value];
  while (stack.length > 0 && bytes <= limit) {
    const next = stack.pop() as Json;
    if (typeof next === 'string') bytes += 2 + (next.length > limit ? next.length : Buffer.byteLength(next));
    else if (Array.isArray(next)) {
      bytes += 2 + next.length;
      for (const item of next as readonly Json[]) stack.push(item);
    } else if (next instanceof LargeValue) {
      bytes += REFERENCE;
      onLarge?.(next);
      for (const part of next.parts.values()) if (part !== undefined) stack.push(part);
    } else if (isJsonObject(next)) {
      bytes += 2;
      for (const key in next) {
        bytes += key.length + 4;
        stack.push(next[key] as Json);
      }
    } else bytes += 5;
  }
  return bytes;
}
