import { LargeValue, isJsonObject, type Json, type StoredBytes } from '@flow/kernel';
import { roughBytes } from './rough-bytes';

const PIECE = 64 * 1024;
const CHARACTERS = 256 * 1024;

/**
 * JSON text of a value in pieces of about 64 KiB; others get their turn between them. Large values in it are written out from `open`, which
 * gives their bytes.
 */
export async function* jsonPieces(
  value: Json,
  open: (stored: StoredBytes) => AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let waiting = '';
  for await (const piece of write(value, open)) {
    if (typeof piece === 'string') {
      waiting += piece;
      if (waiting.length < PIECE) continue;
    }
    if (waiting !== '') yield Buffer.from(waiting);
    waiting = '';
    if (typeof piece !== 'string') yield piece;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  if (waiting !== '') yield Buffer.from(waiting);
}

/** The JSON text that a large value is, whatever its bytes are. */
export async function* jsonOf(form: StoredBytes['form'], bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (form === 'json') {
    yield* bytes;
    return;
  }
  yield Buffer.from('"');
  for await (const text of textOf(form, bytes)) yield Buffer.from(JSON.stringify(text).slice(1, -1));
  yield Buffer.from('"');
}

/** The text that a large value is, in pieces; of JSON its writing. */
export async function* textOf(form: StoredBytes['form'], bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  if (form === 'base64') {
    let left: Buffer = Buffer.alloc(0);
    for await (const piece of bytes) {
      const all = Buffer.concat([left, piece]);
      const whole = all.length - (all.length % 3);
      left = all.subarray(whole);
      yield all.toString('base64', 0, whole);
    }
    yield left.toString('base64');
    return;
  }
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  for await (const piece of bytes) yield decoder.decode(piece, { stream: true });
  yield decoder.decode();
}

async function* write(
  value: Json,
  open: (stored: StoredBytes) => AsyncIterable<Uint8Array>,
): AsyncGenerator<string | Uint8Array> {
  if (value instanceof LargeValue) yield* jsonOf(value.stored.form, open(value.stored));
  else if (typeof value === 'string') yield* textPieces(value);
  else if (Array.isArray(value)) {
    yield '[';
    for (const [i, item] of (value as readonly Json[]).entries()) {
      if (i > 0) yield ',';
      yield* part(item, open);
    }
    yield ']';
  } else if (isJsonObject(value)) {
    yield '{';
    let isFirst = true;
    for (const key in value) {
      yield `${isFirst ? '' : ','}${JSON.stringify(key)}:`;
      isFirst = false;
      yield* part(value[key] ?? null, open);
    }
    yield '}';
  } else yield JSON.stringify(value);
}

async function* part(
  value: Json,
  open: (stored: StoredBytes) => AsyncIterable<Uint8Array>,
): AsyncGenerator<string | Uint8Array> {
  const text = small(value);
  if (text === undefined) yield* write(value, open);
  else yield text;
}

/** The text of what is small and holds no large value. */
function small(value: Json): string | undefined {
  if (typeof value !== 'object' || value === null)
    return typeof value === 'string' ? shortText(value) : JSON.stringify(value);
  const large: LargeValue[] = [];
  const bytes = roughBytes(value, PIECE, (one) => large.push(one));
  return large.length === 0 && bytes <= PIECE ? JSON.stringify(value) : undefined;
}

function shortText(text: string): string | undefined {
  return text.length <= CHARACTERS ? JSON.stringify(text) : undefined;
}

function* textPieces(text: string): Generator<string> {
  yield '"';
  for (let at = 0; at < text.length;) {
    let end = Math.min(text.length, at + CHARACTERS);
    // A pair of surrogates stays together.
    const code = text.charCodeAt(end - 1);
    if (end < text.length && code >= 0xd800 && code < 0xdc00) end -= 1;
    yield JSON.stringify(text.slice(at, end)).slice(1, -1);
    at = end;
  }
  yield '"';
}
