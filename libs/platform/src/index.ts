export { BlobStore, type Blob, type BlobOwner, type BlobPlace } from './blob.store';
export { BlobDamaged, BlobMissing, BlobTooLarge } from './blob.errors';
export { HttpClient, type OutboundConfig, type OutboundRequest, type OutboundResponse } from './http-client';
export type { ResolveHost } from './http-client-connector';
export { OutboundGuard } from './http-client-guard';
export {
  OutboundAborted,
  OutboundAllowInvalid,
  OutboundBlocked,
  OutboundError,
  OutboundFailed,
  OutboundInvalid,
  OutboundRedirectRefused,
  OutboundTimeout,
  OutboundTooLarge,
} from './http-client.errors';
export { FailpointHit, armFailpoint, failpoint } from './failpoint';
export { parseJsonBody, parseTextBody } from './json-body';
export {
  DecidingMark,
  InstallationMark,
  SERVER_STORES,
  StoresMixed,
  agreeOnInstallation,
  conflictBetween,
  type DecidedInstallation,
  type InstallationStores,
  type StoreNames,
  type StoreUse,
} from './installation';
export { KeyedHash } from './keyed-hash';
export { Repeated } from './repeated';
export { StorageFull, StorageUnavailable } from './storage.errors';
export { persistently } from './storage-patience';
export { SystemClock } from './system-clock';
export { SystemRandom } from './system-random';
export {
  IDEMPOTENCY_KEEP_MS,
  IdempotencyStore,
  type IdempotencyScope,
  type IdempotencyStanding,
  type IdempotentRequest,
  type KeptAnswer,
} from './idempotency.store';
