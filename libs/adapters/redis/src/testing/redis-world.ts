import { SystemClock } from '@flow/platform';
import { RedisConnection, type RedisPatience } from '../redis-connection';
import { testRedisUrl } from './redis-server';

let prefixes = 0;

/** Keys and channels that no other test has. */
export function freshPrefix(): string {
  prefixes += 1;
  return `test-${process.pid}-${Date.now().toString(36)}-${prefixes}:`;
}

/** Connections of several processes to one Redis, under one prefix. */
export class RedisWorld {
  readonly faults: unknown[] = [];
  backs = 0;
  readonly clock = new SystemClock();
  private readonly connections: RedisConnection[] = [];

  constructor(
    readonly url = testRedisUrl(),
    private readonly patience: Partial<RedisPatience> = {},
    readonly prefix = freshPrefix(),
  ) {}

  async connect(): Promise<RedisConnection> {
    const events = {
      onFault: (error: unknown) => this.faults.push(error),
      onBack: () => {
        this.backs += 1;
      },
    };
    const connection = await RedisConnection.open(
      { url: this.url, prefix: this.prefix },
      this.clock,
      events,
      this.patience,
    );
    this.connections.push(connection);
    return connection;
  }

  /**
   * Resolves when all that was sent has been heard: Redis does one thing after another, and what it says on a channel stands before a later answer on the
   * same connection.
   */
  async settled(): Promise<void> {
    // What is gathered in this turn is sent in the next.
    await new Promise((resolve) => setImmediate(resolve));
    for (let round = 0; round < 2; round += 1) {
      await Promise.all(this.connections.map(({ commands }) => commands.ping()));
      await Promise.all(this.connections.map(({ channels }) => channels.settled()));
    }
  }

  async close(): Promise<void> {
    for (const connection of this.connections) {
      const keys = await connection.commands.keys(`${this.prefix}*`).catch(() => []);
      if (keys.length > 0) await connection.commands.del(...keys).catch(() => 0);
      await connection.close();
    }
  }
}
