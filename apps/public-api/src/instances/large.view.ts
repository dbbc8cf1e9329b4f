import { Answer, type JsonSchema } from '@flow/http';
import type { Task } from '@flow/instances';
import { pointerTo, type LargePlaces } from '@flow/kernel';
import { Readable } from 'node:stream';

export const largeSchema: JsonSchema = {
  type: 'array',
  items: { type: 'object', properties: { pointer: { type: 'string' }, bytes: { type: 'integer' } } },
  description:
    'Of lists: values that stand as null because they are large, where and how many bytes. Reading the one instance or task gives them in their places.',
};

/** What lists say in the place of large values. */
export function largeView({ values, at }: LargePlaces) {
  return at.map(({ path, value }) => ({
    pointer: path.reduce<string>(pointerTo, ''),
    bytes: values[value]?.stored?.bytes ?? 0,
  }));
}

export function toTaskView({ large, ...task }: Task) {
  return { ...task, ...(large && { large: largeView(large) }) };
}

/** An answer whose JSON is written while it is sent. */
export function written(json: AsyncIterable<Uint8Array>): Answer<Readable> {
  return new Answer(Readable.from(json, { objectMode: false }), {
    headers: { 'content-type': 'application/json; charset=utf-8' },
  });
}
