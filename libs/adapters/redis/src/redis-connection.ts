import type { Redis, RedisOptions } from 'ioredis';
import type { Clock } from '@flow/kernel';
import { RedisChannels } from './redis-channels';
import { endAtOnce, makeClient } from './redis-client';
import { RedisEvicts, RedisMisconfigured, RedisUnavailable, isMisconfigured } from './redis.errors';

/** Where Redis is. */
export interface RedisPlace {
  /** redis:// or rediss://, as REDIS_URL has it. */
  readonly url: string;
  /** host:port each; they are asked which server is the master, and then the url's own host and port do not count. */
  readonly sentinels?: readonly string[];
  readonly sentinelName?: string;
  readonly sentinelPassword?: string | null;
  /** What keys and channels begin with. */
  readonly prefix: string;
}

export interface RedisPatience {
  /** Until a connection stands. */
  readonly connectMs: number;
  /** Until a command is answered. */
  readonly commandMs: number;
  /** Between two tries to connect, at most. */
  readonly backOffMs: number;
}

export interface RedisEvents {
  /** Redis is away, or could be used better than it is. Told once until it is there again. */
  onFault(error: unknown): void;
  /** It is there again. */
  onBack?(): void;
}

const PATIENCE: RedisPatience = { connectMs: 5_000, commandMs: 2_000, backOffMs: 2_000 };
const FIRST_BACK_OFF_MS = 50;
const SENTINEL_PORT = 26_379;
const READY_KEPT_MS = 60_000;

/**
 * The one door to Redis. A command is answered or refused within `commandMs`, and refused at once while Redis is away: nothing queues up, nothing is sent
 * twice. A connection that hangs is cut and made anew, by itself, for as long as it takes.
 */
export class RedisConnection {
  readonly channels: RedisChannels;
  /** Connections that are away. */
  private readonly away = new Set<string>();
  private isOpen = false;

  private constructor(
    private readonly place: RedisPlace,
    private readonly patience: RedisPatience,
    readonly commands: Redis,
    subscriber: Redis,
    clock: Clock,
    private readonly events: RedisEvents,
  ) {
    this.channels = new RedisChannels(
      subscriber,
      clock,
      (error) => this.fault('channels', error),
      () => this.back('channels'),
    );
  }

  /** Connects, and looks whether this Redis is fit. @throws RedisUnavailable, RedisMisconfigured, RedisEvicts */
  static async open(
    place: RedisPlace,
    clock: Clock,
    events: RedisEvents,
    patience: Partial<RedisPatience> = {},
  ): Promise<RedisConnection> {
    const bounds = { ...PATIENCE, ...patience };
    const options = optionsOf(place, bounds);
    const client = (role: string) => makeClient({ ...options, connectionName: `${place.prefix}${role}` });
    const connection = new RedisConnection(
      place,
      bounds,
      await client('commands'),
      await client('channels'),
      clock,
      events,
    );
    try {
      await connection.connect(clock);
      connection.isOpen = true;
    } catch (error) {
      await connection.close();
      throw error;
    }
    return connection;
  }

  /** A key or channel of this installation. */
  key(...parts: readonly string[]): string {
    return this.place.prefix + parts.join(':');
  }

  get prefix(): string {
    return this.place.prefix;
  }

  /** Host and port, without user and password. */
  get server(): string {
    return serverOf(this.place);
  }

  /** For health checks: it answers, and takes writes. @throws RedisUnavailable */
  async ready(): Promise<void> {
    try {
      await this.commands.set(this.key('ready'), '1', 'PX', READY_KEPT_MS);
    } catch (error) {
      throw new RedisUnavailable(this.server, error);
    }
  }

  /** Another connection of the same kind, for what needs one to itself; whoever asks for it ends it (`endAtOnce`). */
  async another(role: string): Promise<Redis> {
    const client = await makeClient({
      ...optionsOf(this.place, this.patience),
      connectionName: `${this.place.prefix}${role}`,
    });
    client.on('error', (error) => this.fault(role, error));
    client.on('ready', () => this.back(role));
    return client;
  }

  async close(): Promise<void> {
    this.isOpen = false;
    this.channels.close();
    endAtOnce(this.commands);
  }

  private async connect(clock: Clock): Promise<void> {
    const { connectMs, commandMs } = this.patience;
    let why: unknown;
    const note = (error: unknown) => (why ??= error);
    this.commands.on('error', note);
    let cancel: () => void = () => undefined;
    const late = new Promise<never>((_resolve, reject) => {
      cancel = clock.after(connectMs + commandMs, () => reject(new Error('connect timed out')));
    });
    try {
      const connecting = [this.commands.connect(), this.channels.connect()];
      // One that fails first may say less of the reason than the other.
      await Promise.race([Promise.allSettled(connecting).then(() => Promise.all(connecting)), late]);
      await this.checkPolicy();
      // The driver tells of a database that is not there, and goes on with another.
      if (isMisconfigured(why)) throw why;
    } catch (error) {
      if (error instanceof RedisEvicts) throw error;
      const cause = [why, error].find(isMisconfigured) ?? why ?? error;
      throw new (isMisconfigured(cause) ? RedisMisconfigured : RedisUnavailable)(this.server, cause);
    } finally {
      cancel();
    }
    this.commands.off('error', note);
    this.commands.on('error', (error) => this.fault('commands', error));
    this.commands.on('close', () => this.fault('commands', new Error('the connection was closed')));
    this.commands.on('ready', () => {
      this.back('commands');
      this.lookAgain();
    });
  }

  /** What is told by INFO, since CONFIG is often not permitted. */
  private async checkPolicy(): Promise<void> {
    const info = await this.commands.info('memory');
    const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1];
    if (policy !== undefined && policy !== 'noeviction') throw new RedisEvicts(this.server, policy);
  }

  /** It may be another server by now. */
  private lookAgain(): void {
    this.checkPolicy().catch((error: unknown) => {
      if (error instanceof RedisEvicts) this.events.onFault(error);
    });
  }

  private fault(role: string, error: unknown): void {
    if (!this.isOpen) return;
    const isNews = this.away.size === 0;
    this.away.add(role);
    if (isNews) this.events.onFault(new RedisUnavailable(this.server, error));
  }

  private back(role: string): void {
    if (this.away.delete(role) && this.away.size === 0) this.events.onBack?.();
  }
}

function optionsOf(place: RedisPlace, { connectMs, commandMs, backOffMs }: RedisPatience): RedisOptions {
  const url = new URL(place.url);
  const tls = url.protocol === 'rediss:' ? {} : undefined;
  const db = Number(url.pathname.slice(1) || 0);
  const { sentinels = [], sentinelName = 'mymaster', sentinelPassword } = place;
  const backOff = (times: number) => Math.min(FIRST_BACK_OFF_MS * 2 ** Math.min(times - 1, 16), backOffMs);
  return {
    ...(url.username && { username: decodeURIComponent(url.username) }),
    ...(url.password && { password: decodeURIComponent(url.password) }),
    db,
    ...(sentinels.length > 0
      ? {
          sentinels: sentinels.map(addressOf),
          name: sentinelName,
          ...(sentinelPassword && { sentinelPassword }),
          ...(tls && { tls, enableTLSForSentinelMode: true, sentinelTLS: tls }),
          sentinelRetryStrategy: backOff,
          sentinelCommandTimeout: commandMs,
        }
      : { host: hostOf(url), port: Number(url.port || 6_379), ...(tls && { tls }) }),
    lazyConnect: true,
    connectTimeout: connectMs,
    commandTimeout: commandMs,
    // A little later, so that whoever waits hears of the time-out and not of the cut.
    socketTimeout: commandMs + 500,
    // The driver's own patience at an end, which keeps a process alive; we do not wait for that.
    disconnectTimeout: 100,
    keepAlive: 10_000,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    retryStrategy: backOff,
  };
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

function addressOf(text: string): { host: string; port: number } {
  const [, host = '', port] = /^(.+?)(?::(\d+))?$/.exec(text) ?? [];
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port ?? SENTINEL_PORT) };
}

function serverOf({ url, sentinels = [], sentinelName = 'mymaster' }: RedisPlace): string {
  if (sentinels.length > 0) return `${sentinelName} of the Sentinels ${sentinels.join(', ')}`;
  return new URL(url).host;
}
