export { RedisServer, until } from './redis-server';
export { RedisWorld } from './redis-world';
