import type { AuditJournal, AuditStore } from '@flow/audit';
import type { TokenStore } from '@flow/auth';
import type { DagOutbox, DagStore } from '@flow/dags';
import type { EventConsumer, EventOutbox, EventPublisher } from '@flow/events';
import type { FileStore } from '@flow/files';
import type { DeliveryStore, WebhookSecretStore } from '@flow/deliveries';
import type {
  EndedInstances,
  InstanceCounts,
  InstanceStore,
  LiveFanOut,
  SharedParts,
  SlotStore,
  TaskLog,
  WorkerLog,
} from '@flow/instances';
import type { RateMeter } from '@flow/kernel';
import type { BlobStore, IdempotencyStore } from '@flow/platform';
import type { DomainQuotas } from '@flow/quotas';
import type { DiskSpace, DomainRetentions } from '@flow/retention';
import type { SecretStore, VariableStore } from '@flow/secrets';
import type { FiringStore, SavedInputStore, TriggerStore } from '@flow/triggers';

/** Where events come from. */
export interface EventReader {
  readonly consumer: EventConsumer;
  /** Topics of this service itself that nothing may be read from. */
  readonly own: readonly string[];
  /** Whether a topic can be read. @throws when not */
  look(topic: string): Promise<void>;
}

/** Every store that a process runs on. */
export interface Stores {
  readonly dags: DagStore;
  /** What becomes of DAGs, until everybody who has to has heard of it. */
  readonly dagOutbox: DagOutbox;
  readonly instances: InstanceStore;
  readonly slots: SlotStore;
  readonly ended: EndedInstances;
  readonly counts: InstanceCounts;
  readonly space: DiskSpace;
  readonly log: WorkerLog;
  readonly blobs: BlobStore;
  readonly taskLog: TaskLog;
  readonly idempotency: IdempotencyStore;
  readonly deliveries: DeliveryStore;
  readonly webhookSecrets: WebhookSecretStore;
  readonly events: EventOutbox;
  /** Where events are told; nothing is written for it where there is none. */
  readonly publisher?: EventPublisher;
  /** What events are read by; none are where there is none. */
  readonly reader?: EventReader;
  readonly auditJournal: AuditJournal;
  readonly audit: AuditStore;
  readonly tokens: TokenStore;
  readonly secrets: SecretStore;
  readonly variables: VariableStore;
  readonly triggers: TriggerStore;
  readonly firings: FiringStore;
  readonly files: FileStore;
  readonly savedInputs: SavedInputStore;
  readonly domainQuotas: DomainQuotas;
  readonly domainRetentions: DomainRetentions;
  /** Where other processes use the same stores. */
  readonly shared?: SharedParts;
  /** Brings hints to those who watch an instance in another process. */
  readonly fanOut?: LiveFanOut;
  /** Meters that count for all processes together, by what they count. */
  readonly rates?: (name: 'dags' | 'requests' | 'hooks') => RateMeter;
  /** What has to answer besides, before work is sent here. */
  readonly readiness?: readonly { readonly name: string; readonly look: () => Promise<void> }[];
  /** What is where, for the start's banner. */
  readonly places: readonly { readonly holds: string; readonly at: string }[];
  close(): Promise<void>;
}
