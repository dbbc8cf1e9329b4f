import type { Redis } from 'ioredis';
import type { Clock } from '@flow/kernel';
import { cutNow, endAtOnce } from './redis-client';

/** A connection that only listens hears of nothing when the other side is gone without a word: it asks so often. */
const ASK_MS = 5_000;

interface Listener {
  onMessage(message: string): void;
  /** It stands, for the first time or again: what was said before was not heard. */
  onStanding?(): void;
}

interface Channel {
  readonly listeners: Set<Listener>;
  isStanding: boolean;
}

/**
 * What is said on channels, over one connection of its own. A wish to listen is kept over breaks of the connection and is carried out as soon as there is
 * one. What is said meanwhile is lost; listeners are told that this may be so.
 */
export class RedisChannels {
  private readonly channels = new Map<string, Channel>();
  private cancelAsk: (() => void) | undefined;
  private isClosed = false;

  constructor(
    private readonly subscriber: Redis,
    private readonly clock: Clock,
    private readonly onFault: (error: unknown) => void,
    private readonly onBack: () => void,
  ) {
    subscriber.on('message', (channel: string, message: string) => {
      for (const listener of [...(this.channels.get(channel)?.listeners ?? [])]) listener.onMessage(message);
    });
    subscriber.on('error', (error) => this.onFault(error));
    subscriber.on('close', () => {
      for (const channel of this.channels.values()) channel.isStanding = false;
      this.onFault(new Error('the connection that listens was closed'));
    });
    subscriber.on('ready', () => {
      this.onBack();
      this.subscribe([...this.channels]);
    });
  }

  async connect(): Promise<void> {
    await this.subscriber.connect();
    this.askSoon();
  }

  /** Until what it returns is called. */
  listen(name: string, listener: Listener): () => void {
    const known = this.channels.get(name);
    const channel = known ?? { listeners: new Set(), isStanding: false };
    channel.listeners.add(listener);
    if (!known) {
      this.channels.set(name, channel);
      this.subscribe([[name, channel]]);
    } else if (channel.isStanding) listener.onStanding?.();
    return () => {
      if (!channel.listeners.delete(listener) || channel.listeners.size > 0) return;
      this.channels.delete(name);
      // One that is not connected forgets all it listened to.
      this.subscriber.unsubscribe(name).catch(() => undefined);
    };
  }

  /** Resolves when all that was asked for before has been carried out, and what was said before has been heard. @throws when there is no connection */
  async settled(): Promise<void> {
    try {
      await this.subscriber.ping();
    } catch (error) {
      this.cut(error);
      throw error;
    }
  }

  close(): void {
    this.isClosed = true;
    this.cancelAsk?.();
    endAtOnce(this.subscriber);
  }

  private subscribe(wanted: readonly (readonly [string, Channel])[]): void {
    if (wanted.length === 0 || this.subscriber.status !== 'ready') return;
    this.subscriber.subscribe(...wanted.map(([name]) => name)).then(
      () => {
        for (const [name, channel] of wanted) this.stands(name, channel);
      },
      (error: unknown) => this.cut(error),
    );
  }

  private stands(name: string, channel: Channel): void {
    if (this.channels.get(name) !== channel) return;
    channel.isStanding = true;
    for (const listener of [...channel.listeners]) listener.onStanding?.();
  }

  private askSoon(): void {
    this.cancelAsk = this.clock.after(ASK_MS, () => {
      if (this.isClosed) return;
      if (this.subscriber.status === 'ready') this.settled().catch(() => undefined);
      this.askSoon();
    });
  }

  /** Nobody knows what a connection has done that did not answer: with the next one all is asked for again. */
  private cut(error: unknown): void {
    this.onFault(error);
    if (this.subscriber.status === 'ready') cutNow(this.subscriber);
  }
}
