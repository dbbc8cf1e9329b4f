import { AppError, type ErrorKind } from '@flow/kernel';
import { MessageRefused, type BatchHandler, type ReceivedMessage } from '@flow/events';
import type { KafkaDeadLetters } from './dead-letters.kafka';

/** Of a message that fails for another reason than that something is away. */
export const MOST_ATTEMPTS = 8;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** What is away comes back: as long as it is, every message fails, and none is to blame. */
const PASSING: ReadonlySet<ErrorKind> = new Set(['unavailable', 'limited', 'storage_full']);

/** What became of messages: the first ones are over, and the partition waits before the next is tried again, unless all are. */
export interface Taking {
  readonly over: readonly ('taken' | 'dead')[];
  readonly laterMs?: number;
}

/** Gives messages of a group to its handler, and knows how often the one that each partition waits for has failed. */
export class MessageTaker {
  private readonly failing = new Map<string, { readonly offset: string; readonly attempts: number }>();

  constructor(
    private readonly group: string,
    private readonly handler: BatchHandler,
    private readonly deadLetters: Pick<KafkaDeadLetters, 'keep'>,
    private readonly onFault: (error: unknown) => void,
  ) {}

  /** Messages of one partition that follow one another. */
  async take(messages: readonly ReceivedMessage[], signal: AbortSignal): Promise<Taking> {
    const [first] = messages;
    if (!first || messages.length === 1) return first ? this.takeOne(first, signal) : { over: [] };
    try {
      await unlessAborted(this.handler(messages, signal), signal);
      this.failing.delete(placeOf(first));
      return { over: messages.map(() => 'taken') };
    } catch (error) {
      if (signal.aborted) return { over: [], laterMs: 0 };
      if (mayPass(error)) return this.later(first, this.attemptsAt(first), error);
    }
    // Something is wrong with one of them.
    const over: Taking['over'][number][] = [];
    for (const message of messages) {
      const one = await this.takeOne(message, signal);
      over.push(...one.over);
      if (one.laterMs !== undefined) return { over, laterMs: one.laterMs };
    }
    return { over };
  }

  private async takeOne(message: ReceivedMessage, signal: AbortSignal): Promise<Taking> {
    try {
      await unlessAborted(this.handler([message], signal), signal);
      this.failing.delete(placeOf(message));
      return { over: ['taken'] };
    } catch (error) {
      if (signal.aborted) return { over: [], laterMs: 0 };
      const attempts = this.attemptsAt(message);
      if (!isHopeless(error, attempts)) return this.later(message, attempts, error);
      try {
        await this.deadLetters.keep(this.group, message, error);
      } catch (fault) {
        return this.later(message, attempts, fault);
      }
      this.failing.delete(placeOf(message));
      return { over: ['dead'] };
    }
  }

  /** This one included. */
  private attemptsAt(message: ReceivedMessage): number {
    const before = this.failing.get(placeOf(message));
    return (before?.offset === message.offset ? before.attempts : 0) + 1;
  }

  private later(message: ReceivedMessage, attempts: number, error: unknown): Taking {
    this.failing.set(placeOf(message), { offset: message.offset, attempts });
    this.onFault(error);
    return { over: [], laterMs: Math.min(FIRST_PAUSE_MS * 2 ** (attempts - 1), LONGEST_PAUSE_MS) };
  }
}

/** A handler that does not heed the signal is left to itself: its partition is another member's by then, and its effect is known by its key. */
async function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  let hear: () => void = () => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    hear = () => reject(signal.reason as Error);
    signal.addEventListener('abort', hear);
  });
  if (signal.aborted) hear();
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', hear);
  }
}

function placeOf({ topic, partition }: ReceivedMessage): string {
  return `${topic}:${partition}`;
}

function mayPass(error: unknown): boolean {
  return error instanceof AppError && PASSING.has(error.kind);
}

function isHopeless(error: unknown, attempts: number): boolean {
  return error instanceof MessageRefused || (!mayPass(error) && attempts >= MOST_ATTEMPTS);
}
