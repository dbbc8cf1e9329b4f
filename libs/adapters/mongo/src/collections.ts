import type { WorkerReport } from '@flow/instances';
import type { Binary, IndexDescription } from './driver';

/** Raised with every change that an older build could not live with. */
export const SCHEMA_VERSION = 1;

/** Statuses as numbers: `status < 5` is "has not ended". Stored, as in the embedded store: never change one. */
export const STATUS_CODE = {
  queued: 0,
  running: 1,
  waiting: 2,
  paused: 3,
  cancelling: 4,
  succeeded: 5,
  failed: 6,
  cancelled: 7,
} as const;
export const FIRST_ENDED_CODE = 5;

export interface WorkerDoc {
  readonly _id: string;
  /** Rises from one worker to the next: the order in which they came. */
  readonly opened: number;
  readonly mark: number;
  readonly beat: number;
  readonly isClosing: boolean;
  readonly isClosed: boolean;
  readonly report?: WorkerReport | null;
  readonly isDraining?: boolean;
}

export interface LogRecordDoc {
  readonly worker: string;
  readonly n: number;
  readonly isSealed: boolean;
  readonly nonce: string;
  readonly body: string;
}

export interface InstanceDoc {
  readonly _id: string;
  readonly domain: string;
  readonly dagId: string;
  /** The domain in whose lists it stands: debug runs, and what is being removed, stand in none. */
  readonly listed?: string;
  readonly status: number;
  readonly createdMs: number;
  /** JSON of each label's key and value. */
  readonly labels: readonly string[];
  readonly owner: string | null;
  readonly epoch: number;
  readonly seq: number;
  readonly wakeMs: number | null;
  /** JSON of the instance as the API shows it. */
  readonly doc: string;
  readonly cursor?: { readonly seq: number; readonly schema: number; readonly state: string };
  /** Of a retry: the first attempt, and the number of this one. */
  readonly root?: string;
  readonly attempt?: number;
  /** Of one that has ended, unless it is a debug run: the domain, and when. */
  readonly ended?: string;
  readonly endedMs?: number;
  readonly parent?: string;
  /** Of a live one with a slot: with whom it shares, whether it waits, and its turn. */
  readonly slot?: string;
  readonly slotWaits?: 0 | 1;
  readonly slotTurn?: number;
  /** Of a debug run. */
  readonly expiresMs?: number;
  /** It is being removed, and nobody finds it any more. */
  readonly isGoing?: true;
}

/** A slot that is taken, by instance. */
export interface SlotTicketDoc {
  readonly _id: string;
  readonly slot: string;
  /** Its number within the group, from 0. */
  readonly place: number;
}

export interface TaskDoc {
  /** Instance and id, so that the tasks of one instance stand together in the order of their ids. */
  readonly _id: string;
  readonly instance: string;
  readonly id: string;
  readonly seq: number;
  readonly doc: string;
  /** Whose approval it waits for, in which domain. */
  readonly askedIn?: string;
  readonly asked?: readonly string[];
}

export interface HistoryDoc {
  readonly _id: string;
  readonly instance: string;
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly events: string;
}

export interface MessageDoc {
  readonly _id: string;
  readonly instance: string;
  readonly message: string;
}

export interface InboxDoc {
  readonly _id: string;
  readonly instance: string;
  readonly event: string;
  /** The instance again until there is an outcome. */
  readonly open?: string;
  readonly outcome?: string;
}

export interface TombstoneDoc {
  readonly _id: string;
  readonly untilMs: number;
}

export interface LineDoc {
  readonly instance: string;
  readonly seq: number;
  readonly domain: string;
  readonly task: string;
  readonly isFull: boolean;
  readonly bytes: number;
  readonly doc: string;
}

export interface KeyDoc {
  readonly _id: string;
  readonly bodyHash: string;
  readonly reservedId: string;
  readonly holder: string;
  readonly leaseUntilMs: number;
  readonly begunMs: number;
  readonly answer: string | null;
}

export interface DeliveryDoc {
  readonly _id: string;
  readonly domain: string;
  readonly instance: string;
  readonly status: number;
  readonly url: string;
  readonly attempts: number;
  readonly createdMs: number;
  /** While it waits. */
  readonly lane?: string;
  readonly nextMs?: number;
  readonly lastError: string | null;
  readonly body?: string;
  readonly traceparent?: string;
  /** Of a dead letter: the domain, and what it was. */
  readonly dead?: string;
  readonly diedMs?: number;
  readonly host?: string;
  readonly letterUrl?: string;
  readonly letterAttempts?: number;
  readonly letterError?: string;
}

export interface WebhookSecretsDoc {
  readonly _id: string;
  readonly revision: number;
  readonly secrets: string;
}

export interface DagDoc {
  /** Domain and id. */
  readonly _id: string;
  readonly id: string;
  readonly domain: string;
  /** Unique: domain and title while it stands, its own id afterwards. */
  readonly titleKey: string;
  readonly title: string;
  readonly folded: string;
  /** JSON of the DAG without its content's steps: what a list shows. */
  readonly summary: string;
  readonly content: string;
  readonly changeLog: string;
  readonly status: string;
  readonly trigger: string;
  readonly tags: readonly string[];
  readonly createdBy: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly version: string;
  readonly versionBy: string;
  readonly versionAt: string;
  readonly revision: number;
  readonly secrets: readonly string[];
  /** The domain in whose lists it stands; absent when it is deleted. */
  readonly listed?: string;
  /** While something of it is to be told: since when, and what, as JSON, in its order. */
  readonly toTellMs?: number;
  readonly outbox?: readonly { readonly id: string; readonly fact: string }[];
}

export interface VersionDoc {
  /** Domain, DAG and version. */
  readonly _id: string;
  readonly dag: string;
  /** Major, minor and patch as one text that sorts like them. */
  readonly order: string;
  readonly version: string;
  readonly changeLog: string;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly content: string;
}

export interface BlobDoc {
  /** Domain, owner and hash. */
  readonly _id: string;
  readonly domain: string;
  readonly owner: string;
  readonly bytes: number;
  /** Under which its pieces stand; no other blob names it. */
  readonly content: string;
  readonly keptMs: number;
}

export interface BlobPieceDoc {
  /** Content and number. */
  readonly _id: string;
  readonly content: string;
  readonly n: number;
  readonly data: Uint8Array | Binary;
  readonly writtenMs: number;
}

export interface EventDoc {
  readonly _id: string;
  readonly topic: string;
  readonly key: string;
  readonly atMs: number;
  readonly body: string;
  readonly traceparent?: string;
}

export interface EventLeaderDoc {
  readonly _id: string;
  readonly holder: string;
  readonly untilMs: number;
}

export interface SchemaDoc {
  readonly _id: string;
  readonly version: number;
}

/** A database belongs to one installation. */
export const INSTALLATION_ID = 'installation';

export interface InstallationDoc {
  readonly _id: string;
  readonly id: string;
  readonly isSettled: boolean;
}

/** There is one move of a database. */
export const MOVE_ID = 'move';

/** A data folder that is being moved here, or was. */
export interface MoveDoc {
  readonly _id: string;
  readonly source: string;
  readonly isDone: boolean;
  readonly atMs: number;
  /** JSON of how far each part has come. */
  readonly parts: Readonly<Record<string, string>>;
}

export interface Collections {
  readonly schema: SchemaDoc;
  readonly installation: InstallationDoc;
  readonly moves: MoveDoc;
  readonly workers: WorkerDoc;
  readonly log_records: LogRecordDoc;
  readonly instances: InstanceDoc;
  readonly tasks: TaskDoc;
  readonly history: HistoryDoc;
  readonly outbox: MessageDoc;
  readonly inbox: InboxDoc;
  readonly slot_tickets: SlotTicketDoc;
  readonly tombstones: TombstoneDoc;
  readonly task_lines: LineDoc;
  readonly idempotency_keys: KeyDoc;
  readonly deliveries: DeliveryDoc;
  readonly webhook_secrets: WebhookSecretsDoc;
  readonly dags: DagDoc;
  readonly dag_versions: VersionDoc;
  readonly blobs: BlobDoc;
  readonly blob_pieces: BlobPieceDoc;
  readonly events: EventDoc;
  readonly event_leaders: EventLeaderDoc;
}

export type CollectionName = keyof Collections;

type Key<N extends CollectionName> = Readonly<Partial<Record<keyof Collections[N] & string, 1 | -1>>>;

const index = <N extends CollectionName>(key: Key<N>, unique = false): IndexDescription => ({
  key: { ...key } as Record<string, 1 | -1>,
  ...(unique && { unique }),
});

/**
 * Every index, by collection. What `testing/asked.ts` sees asked in the contract suites must find one: fields that are compared by equality first, then
 * those of the order. `_id` has one of its own.
 */
export const COLLECTIONS: Readonly<Record<CollectionName, readonly IndexDescription[]>> = {
  schema: [],
  installation: [],
  moves: [],
  workers: [index<'workers'>({ opened: 1 }), index<'workers'>({ isClosed: 1, opened: 1 })],
  log_records: [index<'log_records'>({ worker: 1, n: 1 }, true)],
  instances: [
    index<'instances'>({ listed: 1, createdMs: 1, _id: 1 }),
    index<'instances'>({ listed: 1, status: 1, createdMs: 1, _id: 1 }),
    index<'instances'>({ listed: 1, dagId: 1, createdMs: 1, _id: 1 }),
    index<'instances'>({ listed: 1, dagId: 1, status: 1, createdMs: 1, _id: 1 }),
    index<'instances'>({ listed: 1, labels: 1, createdMs: 1, _id: 1 }),
    index<'instances'>({ owner: 1, _id: 1 }),
    index<'instances'>({ wakeMs: 1, _id: 1 }),
    index<'instances'>({ root: 1, attempt: -1, _id: -1 }),
    index<'instances'>({ ended: 1, dagId: 1, status: 1, endedMs: 1, _id: 1 }),
    index<'instances'>({ ended: 1, endedMs: 1, status: 1 }),
    index<'instances'>({ slotWaits: 1, slot: 1, slotTurn: 1, _id: 1 }),
    index<'instances'>({ expiresMs: 1 }),
    index<'instances'>({ isGoing: 1 }),
  ],
  tasks: [index<'tasks'>({ askedIn: 1, asked: 1, id: 1 })],
  history: [index<'history'>({ instance: 1, fromSeq: 1 })],
  outbox: [index<'outbox'>({ instance: 1 })],
  inbox: [index<'inbox'>({ open: 1, _id: 1 }), index<'inbox'>({ instance: 1 })],
  slot_tickets: [index<'slot_tickets'>({ slot: 1, place: 1 }, true)],
  tombstones: [index<'tombstones'>({ untilMs: 1 })],
  task_lines: [
    index<'task_lines'>({ instance: 1, seq: 1 }, true),
    index<'task_lines'>({ instance: 1, task: 1, seq: 1 }),
  ],
  idempotency_keys: [index<'idempotency_keys'>({ begunMs: 1 })],
  deliveries: [
    index<'deliveries'>({ lane: 1, nextMs: 1, createdMs: 1, _id: 1 }),
    index<'deliveries'>({ instance: 1 }),
    index<'deliveries'>({ dead: 1, diedMs: -1, _id: -1 }),
    index<'deliveries'>({ dead: 1, host: 1, diedMs: -1, _id: -1 }),
    index<'deliveries'>({ dead: 1, instance: 1, diedMs: -1, _id: -1 }),
  ],
  webhook_secrets: [],
  dags: [
    index<'dags'>({ titleKey: 1 }, true),
    index<'dags'>({ listed: 1, createdAt: 1, id: 1 }),
    index<'dags'>({ listed: 1, updatedAt: 1, id: 1 }),
    index<'dags'>({ listed: 1, folded: 1, id: 1 }),
    index<'dags'>({ listed: 1, tags: 1, createdAt: 1, id: 1 }),
    index<'dags'>({ listed: 1, secrets: 1, createdAt: 1, id: 1 }),
    index<'dags'>({ toTellMs: 1, _id: 1 }),
  ],
  dag_versions: [index<'dag_versions'>({ dag: 1, order: -1 })],
  blobs: [index<'blobs'>({ domain: 1, owner: 1 }), index<'blobs'>({ content: 1 })],
  blob_pieces: [index<'blob_pieces'>({ content: 1, n: 1 }), index<'blob_pieces'>({ n: 1, writtenMs: 1 })],
  events: [index<'events'>({ atMs: 1 }), index<'events'>({ topic: 1, _id: 1 })],
  event_leaders: [],
};
