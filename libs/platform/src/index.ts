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
