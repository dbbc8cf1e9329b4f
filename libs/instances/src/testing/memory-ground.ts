import type {
  Cursor,
  HistoryChunk,
  InboxItem,
  InboxOutcome,
  InstanceHeader,
  LogRecord,
  SlotTicket,
  WorkerReport,
} from '@flow/instances';
import type { InstanceId, WorkerId } from '@flow/kernel';

/** One request to the store: an operation on single documents that is done whole or not at all, once, or again, or never. */
export type Ask = <T>(what: string, isWrite: boolean, perform: () => T) => Promise<T>;

/** Every request arrives and is answered at once. */
export const atOnce: Ask = async <T>(_what: string, _isWrite: boolean, perform: () => T) => perform();

export interface WorkerDoc {
  mark: number;
  beat: number;
  isClosing: boolean;
  report?: WorkerReport | null;
  isDraining?: boolean;
  isClosed: boolean;
}

export interface InstanceDoc {
  /** JSON of the instance. */
  text: string;
  header: Omit<InstanceHeader, 'instance'>;
  cursor: Cursor | null;
}

export interface InboxDoc {
  readonly item: InboxItem;
  outcome: InboxOutcome | null;
}

/**
 * What several processes share: documents of a store that knows no transaction over two of them, as MongoDB's are used. Each process sees it
 * through adapters of its own.
 */
export class MemoryGround {
  readonly workers = new Map<WorkerId, WorkerDoc>();
  readonly records = new Map<WorkerId, Map<number, LogRecord>>();
  readonly instances = new Map<InstanceId, InstanceDoc>();
  readonly tickets = new Map<InstanceId, SlotTicket>();
  readonly tombstones = new Set<InstanceId>();
  /** By instance and id; JSON, and the seq of what wrote it. */
  readonly tasks = new Map<InstanceId, Map<string, { readonly seq: number; readonly text: string }>>();
  /** By instance and first seq. */
  readonly history = new Map<InstanceId, Map<number, HistoryChunk>>();
  readonly outbox = new Map<string, string>();
  readonly inbox = new Map<string, InboxDoc>();
}
