import {
  AppError,
  LargeValue,
  isJsonObject,
  largeValuesIn,
  partName,
  withLarge,
  type Json,
  type JsonObject,
  type LargeForm,
  type StoredBytes,
  type WithPlaces,
} from '@flow/kernel';
import { BlobTooLarge, type BlobPlace, type BlobStore } from '@flow/platform';
import { jsonPieces, textOf } from './json-pieces';
import type { FoundParts, JsonThread, WantedTree } from './json-thread';
import { maskedBytes } from './masked-bytes';
import { roughBytes } from './rough-bytes';

/** A path into an output, as an expression names it. */
export type ReadPath = readonly (string | number)[];

export interface ValueLimits {
  /** Bytes of one output as JSON that are held; what is larger is kept as a blob. */
  readonly inlineBytes: number;
  /** Bytes of one value. */
  readonly valueBytes: number;
}

export class ValueTooLarge extends AppError {
  readonly kind = 'too_large';
  readonly code = 'task.output_too_large';
  constructor(limitBytes: number) {
    super(`The output is larger than ${limitBytes} bytes (LARGEST_VALUE).`, { limitBytes });
  }
}

export class TooLargeToLoad extends AppError {
  readonly kind = 'too_large';
  readonly code = 'value.too_large_to_load';
  constructor(limitBytes: number) {
    super(
      `The parameters hold large values of more than ${limitBytes} bytes together, which this operator would have to hold in memory. Give it a part of them, like {{__step.body.items.0}}, or an operator that streams (the body of @http/request).`,
      { limitBytes },
    );
  }
}

export class TooLargeTogether extends AppError {
  readonly kind = 'too_large';
  readonly code = 'value.too_large_together';
  constructor(limitBytes: number) {
    super(`The expression looks into large values of more than ${limitBytes} bytes together (LARGEST_VALUE).`, {
      limitBytes,
    });
  }
}

/** Entries of an output that are larger than this are moved out first, so that the small ones stay at hand. */
const LARGE_ENTRY = 32 * 1024;
/** What one call gets into memory of large values. */
const MOST_LOADED = 16 * 1024 * 1024;

/** Keeps values that are too large to be held in the blob store, and reads them again. */
export class LargeValues {
  constructor(
    private readonly blobs: BlobStore,
    private readonly thread: JsonThread,
    readonly limits: ValueLimits,
  ) {}

  /** Keeps the value that the bytes are. `reads` are the paths into it that will be read. Durable when it resolves. @throws ValueTooLarge */
  async keep(
    place: BlobPlace,
    open: () => AsyncIterable<Uint8Array>,
    about: { readonly form: LargeForm; readonly reads: readonly ReadPath[]; readonly hidden: readonly string[] },
  ): Promise<{ readonly value: Json } | { readonly fault: string }> {
    const { form, reads, hidden } = about;
    const { inlineBytes, valueBytes } = this.limits;
    if (form !== 'json') {
      const stored = await this.put(place, maskedBytes(open(), hidden), form);
      return { value: large(stored, absentParts(reads)) };
    }
    const found = await this.thread.keep(bounded(open(), valueBytes), {
      wanted: treeOf(reads),
      inlineBytes,
      limitBytes: valueBytes,
      forms: hidden,
    });
    if ('tooLarge' in found) throw new ValueTooLarge(valueBytes);
    if ('fault' in found || 'value' in found) return found;
    return { value: large(await this.put(place, once(found.bytes)), await this.partsOf(place, found.parts)) };
  }

  /** The output as a run can hold it: what is too large is kept, entry by entry where that is enough. @throws ValueTooLarge */
  async fit(place: BlobPlace, output: Json, reads: readonly ReadPath[]): Promise<Json> {
    if (this.fits(output)) return output;
    if (isJsonObject(output) && !(output instanceof LargeValue)) {
      const largeKeys = this.largeKeysOf(output);
      const isLarge = (key: string) => largeKeys.includes(key);
      const held = Object.fromEntries(Object.entries(output).filter(([key]) => !isLarge(key)));
      if (largeKeys.length <= 100 && this.fits(held)) return this.withMoved(place, output, isLarge, reads);
    }
    return this.moved(place, output, reads);
  }

  /** An object as a run can hold it: its large entries are kept, but for those named, and it stays an object. @throws ValueTooLarge */
  async fitEntries(place: BlobPlace, object: Json, held: readonly string[]): Promise<Json> {
    if (!isJsonObject(object) || object instanceof LargeValue || this.fits(object)) return object;
    const largeKeys = this.largeKeysOf(object);
    return this.withMoved(place, object, (key) => largeKeys.includes(key) && !held.includes(key), []);
  }

  /** What a large value is, read into memory; `together` is all that is to be in there at a time. @throws TooLargeToLoad, BlobMissing, BlobDamaged */
  async read(place: BlobPlace, value: LargeValue, together: readonly LargeValue[]): Promise<Json> {
    const { valueBytes } = this.limits;
    if (together.reduce((sum, { stored }) => sum + stored.bytes, 0) > valueBytes)
      throw new TooLargeTogether(valueBytes);
    return this.opened(place, value as unknown as Json);
  }

  fits(output: Json): boolean {
    const { inlineBytes } = this.limits;
    return roughBytes(output, inlineBytes) <= inlineBytes;
  }

  /** The value with all large values in it read into memory. @throws TooLargeToLoad, BlobMissing, BlobDamaged */
  async load(place: BlobPlace, value: Json): Promise<Json> {
    let bytes = 0;
    for (const one of largeValuesIn(value)) bytes += one.stored.bytes;
    if (bytes > MOST_LOADED) throw new TooLargeToLoad(MOST_LOADED);
    return this.opened(place, value);
  }

  /** JSON text of the value, large values written out. */
  json(place: BlobPlace, value: Json): AsyncIterable<Uint8Array> {
    return jsonPieces(value, ({ sha256 }) => this.blobs.get(place, sha256));
  }

  /** JSON text of a row of the store, large values written out. */
  jsonOfRow(place: BlobPlace, row: WithPlaces<object>): AsyncIterable<Uint8Array> {
    return this.json(place, withLarge(row) as Json);
  }

  /** The text that a large value is, in UTF-8; undefined for what is no text. */
  text(place: BlobPlace, value: Json): AsyncIterable<Uint8Array> | undefined {
    if (!(value instanceof LargeValue) || value.stored.form === 'json') return undefined;
    const { form, sha256 } = value.stored;
    const bytes = this.blobs.get(place, sha256);
    return form === 'text' ? bytes : encoded(textOf(form, bytes));
  }

  /** Gives another instance the large values in the data, its own from then on. */
  async share(from: BlobPlace, value: Json, owner: string): Promise<void> {
    for (const one of everyLargeIn(value)) await this.blobs.share(from, one.sha256, owner);
  }

  /** Lets go of everything that an instance has: it is being removed. */
  release(place: BlobPlace): Promise<void> {
    return this.blobs.release(place);
  }

  private largeKeysOf(object: JsonObject): readonly string[] {
    const large = Math.min(LARGE_ENTRY, this.limits.inlineBytes);
    return Object.keys(object).filter((key) => roughBytes(object[key] ?? null, large) > large);
  }

  private async withMoved(
    place: BlobPlace,
    object: JsonObject,
    isMoved: (key: string) => boolean,
    reads: readonly ReadPath[],
  ): Promise<Json> {
    const held: Record<string, Json> = {};
    for (const [key, value] of Object.entries(object))
      held[key] = isMoved(key) ? await this.moved(place, value, below(reads, [key])) : value;
    return held;
  }

  private async moved(place: BlobPlace, value: Json, reads: readonly ReadPath[]): Promise<Json> {
    if (value instanceof LargeValue) return value;
    if (typeof value === 'string' && isWellFormed(value)) {
      const open = () => encoded(textPieces(value));
      return large(await this.put(place, open(), 'text'), absentParts(reads));
    }
    const kept = await this.keep(place, () => this.json(place, value), { form: 'json', reads, hidden: [] });
    if ('value' in kept) return kept.value;
    throw new Error(`What an operator gave cannot be kept: ${kept.fault}`);
  }

  private async put(
    place: BlobPlace,
    source: AsyncIterable<Uint8Array>,
    form: LargeForm = 'json',
  ): Promise<StoredBytes> {
    const { valueBytes } = this.limits;
    try {
      return { ...(await this.blobs.put(place, source, valueBytes)), form };
    } catch (error) {
      throw error instanceof BlobTooLarge ? new ValueTooLarge(valueBytes) : error;
    }
  }

  private async partsOf(place: BlobPlace, found: FoundParts): Promise<ReadonlyMap<string, Json | undefined>> {
    const parts = new Map<string, Json | undefined>();
    for (const [key, part] of found) {
      const name = partName(key) ?? '';
      if (part === null) parts.set(name, undefined);
      else if ('value' in part) parts.set(name, part.value);
      else {
        const stored = part.bytes && (await this.put(place, once(part.bytes)));
        parts.set(name, large(stored, await this.partsOf(place, part.parts)));
      }
    }
    return parts;
  }

  private async opened(place: BlobPlace, value: Json): Promise<Json> {
    if (typeof value !== 'object' || value === null) return value;
    if (value instanceof LargeValue) {
      const { form, sha256 } = value.stored;
      const bytes = this.blobs.get(place, sha256);
      if (form === 'json') return this.thread.load(bytes);
      let text = '';
      for await (const piece of textOf(form, bytes)) text += piece;
      return text;
    }
    if (Array.isArray(value)) {
      const items: Json[] = [];
      for (const item of value as readonly Json[]) items.push(await this.opened(place, item));
      return items;
    }
    const object: Record<string, Json> = {};
    for (const [key, item] of Object.entries(value)) object[key] = await this.opened(place, item);
    return object;
  }
}

/** The paths that lead into what stands at `at`, from there on. */
export function below(reads: readonly ReadPath[], at: ReadPath): readonly ReadPath[] {
  return reads
    .filter((path) => path.length > at.length && at.every((key, i) => path[i] === key))
    .map((path) => path.slice(at.length));
}

/** What a run has in the blob store because of this value: itself and its parts. */
export function* everyLargeIn(value: Json): Generator<StoredBytes> {
  for (const one of largeValuesIn(value)) {
    if (one.isWhole) yield one.stored;
    for (const part of one.parts.values()) if (part !== undefined) yield* everyLargeIn(part);
  }
}

function large(stored: StoredBytes | undefined, parts: ReadonlyMap<string, Json | undefined>): Json {
  return new LargeValue(stored, parts) as unknown as Json;
}

/** UTF-8 has no halves of pairs; JSON escapes them. */
function isWellFormed(text: string): boolean {
  return (text as string & { isWellFormed(): boolean }).isWellFormed();
}

/** A text has no parts: whoever reads one gets null, as of any text. */
function absentParts(reads: readonly ReadPath[]): ReadonlyMap<string, undefined> {
  return new Map(reads.flatMap(([key]) => (key === undefined ? [] : [[partName(key) ?? '', undefined]])));
}

interface Growing {
  isWhole: boolean;
  readonly children: [string | number, Growing][];
}

function treeOf(reads: readonly ReadPath[]): WantedTree {
  const root: Growing = { isWhole: true, children: [] };
  for (const path of reads) {
    let at = root;
    for (const key of path) {
      let child = at.children.find(([known]) => known === key)?.[1];
      if (!child) at.children.push([key, (child = { isWhole: false, children: [] })]);
      at = child;
    }
    at.isWhole = true;
  }
  return root;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  const piece = 256 * 1024;
  for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
}

async function* bounded(source: AsyncIterable<Uint8Array>, limitBytes: number): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const piece of source) {
    size += piece.length;
    if (size > limitBytes) throw new ValueTooLarge(limitBytes);
    yield piece;
  }
}

async function* encoded(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const text of texts) yield Buffer.from(text);
}

async function* textPieces(text: string): AsyncGenerator<string> {
  const piece = 256 * 1024;
  for (let at = 0; at < text.length;) {
    const code = text.charCodeAt(at + piece - 1);
    // A pair of surrogates stays together.
    const end = at + piece - (code >= 0xd800 && code < 0xdc00 ? 1 : 0);
    yield text.slice(at, end);
    at = end;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
