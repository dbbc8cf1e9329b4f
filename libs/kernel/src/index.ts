export { AppError, RequestInvalid, type ErrorKind, type Fault } from './app-error';
export { Clock, Random } from './clock';
export { durationMs } from './duration';
export {
  IdGenerator,
  idAt,
  idFrom,
  isId,
  type DagId,
  type DomainId,
  type FiringId,
  type InstanceId,
  type PrincipalId,
  type TokenId,
  type TriggerId,
  type WorkerId,
} from './ids';
export { FORBIDDEN_KEYS, canonicalJson, isJsonObject, pointerTo, type Json, type JsonObject } from './json';
export {
  LargeValue,
  LargeValueClosed,
  contentOf,
  contentsOf,
  largeValuesIn,
  partName,
  textWithLarge,
  withLarge,
  withoutLarge,
  type LargeForm,
  type LargePlaces,
  type StoredBytes,
  type WithPlaces,
} from './large-value';
export { decodeCursor, encodeCursor, type CursorKeys, type Page, type PageRequest } from './page';
export { PRIORITIES, turnOf, type Priority } from './priority';
export { MemoryRateMeter, RateMeter, type Metered, type Rate } from './rate-meter';
export {
  END_STATUSES,
  FOREVER,
  SHORTEST_KEEPING_MS,
  keepingMs,
  keptMs,
  retentionFaults,
  type EndStatus,
  type Keeping,
  type Retention,
} from './retention';
export { findText, needsCare } from './text-search';
export { belowSpan, readTraceparent, traceIdOf } from './traceparent';
