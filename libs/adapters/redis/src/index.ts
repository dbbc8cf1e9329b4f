export { RedisConnection, type RedisEvents, type RedisPatience, type RedisPlace } from './redis-connection';
export { RedisEvicts, RedisMisconfigured, RedisUnavailable } from './redis.errors';
export { RedisWorkerBell } from './worker-bell.redis';
export { RedisLiveFanOut } from './live-fan-out.redis';
export { RedisRateMeter } from './rate-meter.redis';
export { BullmqDispatchQueue } from './dispatch-queue.bullmq';
export { lookAtRedis, type RedisSeen } from './redis.look';
