import { isJsonObject, type Json } from '@flow/kernel';

/** Bytes of a value as JSON, near enough for a bound; stops counting past the limit. */
export function roughBytes(value: Json, limit: number): number {
  let bytes = 0;
  const stack: Json[] = [value];
  while (stack.length > 0 && bytes <= limit) {
    const next = stack.pop() as Json;
    if (typeof next === 'string') bytes += 2 + (next.length > limit ? next.length : Buffer.byteLength(next));
    else if (Array.isArray(next)) {
      bytes += 2 + next.length;
      for (const item of next as readonly Json[]) stack.push(item);
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
