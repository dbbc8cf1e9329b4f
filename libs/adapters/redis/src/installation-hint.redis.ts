import { RedisOfAnotherInstallation, RedisUnavailable } from './redis.errors';
import type { RedisConnection } from './redis-connection';

/** What stands in Redis of the installation that uses it. It may be emptied at any time: where nothing stands it is written again. */
export class RedisInstallationHint {
  constructor(private readonly redis: RedisConnection) {}

  async find(): Promise<string | undefined> {
    try {
      return (await this.redis.commands.get(this.key)) ?? undefined;
    } catch (error) {
      throw new RedisUnavailable(this.redis.server, error);
    }
  }

  /** @throws RedisOfAnotherInstallation, RedisUnavailable */
  async confirm(id: string): Promise<void> {
    try {
      await this.redis.commands.set(this.key, id, 'NX');
    } catch (error) {
      throw new RedisUnavailable(this.redis.server, error);
    }
    this.check(id, await this.find());
  }

  /** @throws RedisOfAnotherInstallation */
  check(id: string, found: string | undefined): void {
    if (found !== undefined && found !== id) throw new RedisOfAnotherInstallation(this.redis.server, found, this.key);
  }

  private get key(): string {
    return this.redis.key('installation');
  }
}
