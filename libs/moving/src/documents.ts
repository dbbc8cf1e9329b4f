import type { Dag, DagFact, DagVersion } from '@flow/dags';
import type { DeliveryStatus, StoredWebhookSecret } from '@flow/deliveries';
import type { WaitingEvent } from '@flow/events';
import type { Cursor, HistoryChunk, InstanceHeader, KeptLine, OutboxItem, SlotTicket, Task } from '@flow/instances';
import type { DomainId, InstanceId } from '@flow/kernel';
import type { IdempotencyScope, KeptAnswer } from '@flow/platform';

/** A DAG with what its newest version says of its making; one that was deleted is kept, for its instances. */
export interface MovedDag {
  readonly dag: Dag;
  readonly versionBy: string;
  readonly versionAt: string;
  readonly isDeleted: boolean;
  /** What is to be told of it. */
  readonly facts?: readonly DagFact[];
}

/** A delivery and, when it was given up, the dead letter that waits for a person. Times are milliseconds since 1970. */
export interface MovedDelivery {
  readonly id: string;
  readonly domain: DomainId;
  readonly instance: string;
  readonly status: DeliveryStatus;
  readonly url: string;
  readonly attempts: number;
  readonly createdMs: number;
  /** While it waits. */
  readonly nextMs: number | null;
  readonly lastError: string | null;
  /** While it waits or is a dead letter. */
  readonly body: string | null;
  readonly traceparent?: string;
  readonly letter: {
    readonly url: string;
    readonly attempts: number;
    readonly lastError: string;
    readonly diedMs: number;
  } | null;
}

export interface MovedKey extends IdempotencyScope {
  readonly bodyHash: string;
  readonly reservedId: string;
  readonly holder: string;
  readonly leaseUntilMs: number;
  readonly begunMs: number;
  readonly answer: KeptAnswer | null;
}

export interface MovedBlob {
  readonly domain: DomainId;
  readonly owner: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** What a document store holds, part by part, in the words of those whose it is. What is found from it (labels, who is asked, who waits for a slot) is made anew. */
export interface MovedDocuments {
  readonly versions: DagVersion;
  readonly dags: MovedDag;
  readonly instances: { readonly header: InstanceHeader; readonly cursor: Cursor | null };
  readonly tasks: { readonly instance: InstanceId; readonly seq: number; readonly task: Task };
  readonly history: { readonly instance: InstanceId; readonly chunk: HistoryChunk };
  readonly messages: { readonly instance: string; readonly item: OutboxItem };
  readonly lines: KeptLine;
  readonly keys: MovedKey;
  readonly deliveries: MovedDelivery;
  readonly webhooks: {
    readonly domain: DomainId;
    readonly revision: number;
    readonly secrets: readonly StoredWebhookSecret[];
  };
  /** Slots that are taken, each with its number within its group. */
  readonly tickets: SlotTicket & { readonly place: number };
  /** Facts that wait to be told. */
  readonly events: WaitingEvent;
  readonly tombstones: { readonly id: string; readonly untilMs: number };
  readonly values: MovedBlob;
}

export type DocumentPart = keyof MovedDocuments;

/** In this order: what others are made from comes before them. */
export const DOCUMENT_PARTS = [
  'versions',
  'dags',
  'values',
  'instances',
  'tickets',
  'tasks',
  'history',
  'messages',
  'lines',
  'keys',
  'deliveries',
  'webhooks',
  'events',
  'tombstones',
] as const satisfies readonly DocumentPart[];
