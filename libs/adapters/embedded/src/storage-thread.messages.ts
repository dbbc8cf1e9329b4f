import type { JournalRow } from './journal-writes';
import type { LogRecord } from '@flow/instances';
import type { WorkerId } from '@flow/kernel';
import { StorageFull, StorageUnavailable } from '@flow/platform';

export interface ThreadPlace {
  readonly file: string;
  /** `WriteTurn.shared` of the thread that asks. */
  readonly turn: SharedArrayBuffer;
}

/** What is asked of the storage thread; rows are JSON, which is dearer to read than to write, and the thread reads. */
export type Errand = { readonly no: number } & ErrandBody;
export type ErrandBody =
  | { readonly do: 'append'; readonly workerId: WorkerId; readonly record: LogRecord }
  | { readonly do: 'raiseMark'; readonly workerId: WorkerId; readonly n: number }
  | { readonly do: 'project'; readonly rows: string }
  | { readonly do: 'settleOutbox'; readonly ids: readonly string[] }
  | { readonly do: 'addToJournal'; readonly rows: readonly JournalRow[]; readonly flush: 'now' | 'later' }
  | { readonly do: 'removeFromJournal'; readonly ids: readonly string[] };

/** `ms`: how long it took in the thread. */
export type Answer = { readonly no: number; readonly ms: number } & (
  { readonly value: 'stands' | 'fenced' | 'done' } | { readonly error: PackedError }
);

/** An error on its way between threads: what callers tell apart keeps its class. */
export interface PackedError {
  readonly kind: 'full' | 'unavailable' | 'other';
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
}

export function packError(error: unknown): PackedError {
  const kind = error instanceof StorageFull ? 'full' : error instanceof StorageUnavailable ? 'unavailable' : 'other';
  if (!(error instanceof Error)) return { kind, name: 'Error', message: String(error) };
  const { name, message, stack } = error.cause instanceof Error && kind !== 'other' ? error.cause : error;
  return { kind, name, message, ...(stack !== undefined && { stack }) };
}

export function unpackError({ kind, name, message, stack }: PackedError): Error {
  const error = Object.assign(new Error(message), { name }, stack !== undefined && { stack });
  if (kind === 'full') return new StorageFull(error);
  return kind === 'unavailable' ? new StorageUnavailable(error) : error;
}
