import { SystemClock } from '@flow/platform';
import { RedisInstallationHint } from './installation-hint.redis';
import { RedisConnection, type RedisPlace } from './redis-connection';

export interface RedisSeen {
  readonly server: string;
  readonly policy: string;
  readonly installation: string | undefined;
  readonly clockMs: number;
  /** When it was asked, by the clock of this machine. */
  readonly askedMs: number;
}

/** Looks at Redis and changes nothing. @throws RedisUnavailable, RedisEvicts */
export async function lookAtRedis(place: RedisPlace): Promise<RedisSeen> {
  const redis = await RedisConnection.open(place, new SystemClock(), { onFault: () => undefined });
  try {
    const info = await redis.commands.info();
    const told = (name: string) => new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1];
    const askedMs = Date.now();
    const [seconds, micros] = await redis.commands.time();
    return {
      ...{ server: told('redis_version') ?? 'of an unknown version', policy: told('maxmemory_policy') ?? 'unknown' },
      installation: await new RedisInstallationHint(redis).find(),
      ...{ clockMs: Number(seconds) * 1_000 + Number(micros) / 1_000, askedMs },
    };
  } finally {
    await redis.close();
  }
}
