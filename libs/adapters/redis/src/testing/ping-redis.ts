import { SystemClock } from '@flow/platform';
import { RedisConnection } from '../redis-connection';

/** `ping-redis.ts <url>`: says whether Redis answers there, in a process that has its own trusted certificates. */
async function main(): Promise<void> {
  const url = process.argv[2] ?? '';
  const redis = await RedisConnection.open({ url, prefix: 'ping:' }, new SystemClock(), { onFault: () => undefined });
  await redis.ready();
  process.stdout.write('ready');
  await redis.close();
}

void main();
