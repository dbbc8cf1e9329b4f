import { AppError, type ErrorKind } from '@flow/kernel';
import { MessageRefused, type MessageHandler, type ReceivedMessage } from '@flow/events';
import type { KafkaDeadLetters } from './dead-letters.kafka';

/** Of a message that fails for another reason than that something is away. */
export const MOST_ATTEMPTS = 8;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** What is away comes back: as long as it is, every message fails, and none is to blame. */
const PASSING: ReadonlySet<ErrorKind> = new Set(['unavailable', 'limited', 'storage_full']);

/** What became of a message: it is over with it, or its partition waits until it is tried again. */
export type Taking = { readonly kind: 'taken' | 'dead' } | { readonly kind: 'later'; readonly pauseMs: number };

/** Gives messages of a group to its handler, and knows how often the one that each partition waits for has failed. */
export class MessageTaker {
  private readonly failing = new Map<string, { readonly offset: string; readonly attempts: number }>();

  constructor(
    private readonly group: string,
    private readonly handler: MessageHandler,
    private readonly deadLetters: Pick<KafkaDeadLetters, 'keep'>,
    private readonly onFault: (error: unknown) => void,
  ) {}

  async take(message: ReceivedMessage, signal: AbortSignal): Promise<Taking> {
    const place = `${message.topic}:${message.partition}`;
    try {
      await unlessAborted(this.handler(message, signal), signal);
      this.failing.delete(place);
      return { kind: 'taken' };
    } catch (error) {
      if (signal.aborted) return { kind: 'later', pauseMs: 0 };
      const before = this.failing.get(place);
      const attempts = (before?.offset === message.offset ? before.attempts : 0) + 1;
      if (!isHopeless(error, attempts)) return this.later(place, message, attempts, error);
      try {
        await this.deadLetters.keep(this.group, message, error);
      } catch (fault) {
        return this.later(place, message, attempts, fault);
      }
      this.failing.delete(place);
      return { kind: 'dead' };
    }
  }

  private later(place: string, { offset }: ReceivedMessage, attempts: number, error: unknown): Taking {
    this.failing.set(place, { offset, attempts });
    this.onFault(error);
    return { kind: 'later', pauseMs: Math.min(FIRST_PAUSE_MS * 2 ** (attempts - 1), LONGEST_PAUSE_MS) };
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

function isHopeless(error: unknown, attempts: number): boolean {
  if (error instanceof MessageRefused) return true;
  const mayPass = error instanceof AppError && PASSING.has(error.kind);
  return !mayPass && attempts >= MOST_ATTEMPTS;
}
