export { RedisConnection, type RedisEvents, type RedisPatience, type RedisPlace } from './redis-connection';
export { RedisEvicts, RedisMisconfigured, RedisOfAnotherInstallation, RedisUnavailable } from './redis.errors';
export { RedisInstallationHint } from './installation-hint.redis';
export { RedisWorkerBell } from './worker-bell.redis';
export { RedisLiveFanOut } from './live-fan-out.redis';
export { RedisRateMeter } from './rate-meter.redis';
export { BullmqDispatchQueue } from './dispatch-queue.bullmq';
export { lookAtRedis, type RedisSeen } from './redis.look';
