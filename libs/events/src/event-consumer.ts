import type { ReceivedMessage } from './received-message';

export interface Subscription {
  /** Members of one group share the partitions; each group reads all. */
  readonly group: string;
  /** As the broker knows them: no prefix is put before them. */
  readonly topics: readonly string[];
  /** What stands already when the group is new: read it too, begin with what comes, or with what came from a time on. */
  readonly from: 'beginning' | 'now' | Date;
}

/**
 * Takes one message; it is taken when this resolves. Whatever it causes is to be caused once for each `idempotencyKey`, in the same write that
 * remembers the key: a message comes again when a process ends before it was written down that it was taken, and it may then come to another
 * process while this one still works on it. `signal`: it is time to end; what throws then comes again. @throws MessageRefused when no
 * repetition would help: it goes to the dead letters. Anything else is tried again.
 */
export type MessageHandler = (message: ReceivedMessage, signal: AbortSignal) => Promise<void>;

/**
 * Takes messages of one partition that follow one another: all are taken when this resolves. When it throws, none is; unless something is away, they are then
 * brought one by one, so that one of them that cannot be taken keeps no other from it.
 */
export type BatchHandler = (messages: readonly ReceivedMessage[], signal: AbortSignal) => Promise<void>;

/** How many messages are brought together. */
export interface BatchSize {
  readonly messages: number;
  /** Of their values; one message may be more. */
  readonly bytes: number;
}

export interface PartitionLag {
  readonly topic: string;
  readonly partition: number;
  /** Messages that stand and were not taken. */
  readonly lag: number;
}

/** What a group reads, while it does. */
export interface Consumption {
  lag(): Promise<readonly PartitionLag[]>;
  /** Takes nothing more, lets what is under way end for so long, writes down what was taken, and leaves the group. */
  stop(withinMs: number): Promise<void>;
}

/**
 * Brings messages of topics to a handler: those of one partition one after another in their order, partitions independently. A message
 * counts as taken only when its handler has ended well, or it is a dead letter: so none is lost, and one may come again.
 */
export abstract class EventConsumer {
  /** Resolves at once: a broker that is away is waited for. @throws nothing */
  subscribe(subscription: Subscription, handler: MessageHandler): Consumption {
    return this.subscribeBatches(subscription, { messages: 1, bytes: 1 }, ([message], signal) =>
      message ? handler(message, signal) : Promise.resolve(),
    );
  }

  /** As `subscribe`, several messages at a time. @throws nothing */
  abstract subscribeBatches(subscription: Subscription, size: BatchSize, handler: BatchHandler): Consumption;
}
