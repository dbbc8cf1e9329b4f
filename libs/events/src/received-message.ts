import { createHash } from 'node:crypto';
import { idAt, type Json } from '@flow/kernel';
import { MessageRefused } from './event.errors';

export interface ReceivedMessage {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly key: string | null;
  readonly value: Uint8Array | null;
  readonly headers: Readonly<Record<string, string>>;
  /** When it was sent, or came to the broker. */
  readonly at: Date;
  /** The same whenever the group gets this message: see `messageKey`. */
  readonly idempotencyKey: string;
}

export type MessagePlace = Pick<ReceivedMessage, 'topic' | 'partition' | 'offset'>;

/** What a group's effect of a message is remembered by. */
export function messageKey(group: string, { topic, partition, offset }: MessagePlace): string {
  return `kafka:${group}:${topic}:${partition}:${offset}`;
}

/**
 * An id for what a message creates: the same whenever it comes, so that a second creation finds the first. `purpose` tells apart what one message
 * creates more than once (two triggers of one topic). It sorts by the message's time.
 */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller says which kind of id it makes
export function idOfMessage<T extends string>({ idempotencyKey, at }: ReceivedMessage, purpose = ''): T {
  const hash = createHash('sha256').update(`${idempotencyKey}\n${purpose}`).digest();
  return idAt(at, hash);
}

/** The JSON that a message holds. @throws MessageRefused */
export function jsonOfMessage({ value }: ReceivedMessage, limitBytes: number): Json {
  if (value === null) throw new MessageRefused('message.empty', 'It has no value.');
  if (value.byteLength > limitBytes)
    throw new MessageRefused('message.too_large', `Its ${value.byteLength} bytes are more than ${limitBytes}.`);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(value)) as Json;
  } catch (error) {
    throw new MessageRefused('message.not_json', `Its value is not JSON: ${(error as Error).message}`);
  }
}
