import type { ReceivedMessage } from '@flow/events';
import { RequestInvalid, isJsonObject, type Fault, type Json, type JsonObject } from '@flow/kernel';
import { parseJsonBody, parseTextBody } from '@flow/platform';
import { cloudEventFaults, keyOfEvent, looksLikeCloudEvent } from './cloud-event';
import type { ArrivedEvent } from './event-intake';
import type { FiringReason } from './firing';

const STRUCTURED = 'application/cloudevents+json';
const BATCHED = 'application/cloudevents-batch+json';
const ATTRIBUTE = /^ce_/i;
const DEEPEST = 64;
/** What of a message that nobody can read is shown. */
const HEAD_BYTES = 1_024;

/** What a message says of itself and does not keep to. */
class Unreadable extends Error {
  constructor(readonly reason: FiringReason) {
    super(reason.message);
  }
}

/**
 * A message as the event that triggers see. A CloudEvent is one by its own word: structured (the value, by content type or by its fields) or binary (headers `ce_*`).
 * Anything else is wrapped: JSON, else text, else bytes as base64. What breaks its word, or is too large, is a dead letter with the head of its value.
 */
export function readMessage(message: ReceivedMessage, limitBytes: number): ArrivedEvent {
  const bytes = message.value?.byteLength ?? 0;
  const key = placeOf(message);
  try {
    if (bytes > limitBytes)
      throw refused('event.too_large', `Its ${bytes} bytes are more than the ${limitBytes} of EVENT_SIZE_LIMIT.`);
    const own = cloudEventOf(message);
    if (own) return { key: keyOfEvent(own), at: message.at, event: own, bytes };
    return { key, at: message.at, event: { ...attributesOf(message), ...dataOf(message, typeOf(message)) }, bytes };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    const event = { ...attributesOf(message), type: 'kafka.message.unreadable', data: null, ...headOf(message) };
    return { key, at: message.at, event, bytes: HEAD_BYTES, dead: error.reason };
  }
}

/** A topic that was made anew counts from 0 again: the time tells its messages apart. */
function placeOf({ topic, partition, offset, at }: ReceivedMessage): string {
  return `kafka ${topic}/${partition}/${offset}@${at.getTime()}`;
}

function cloudEventOf(message: ReceivedMessage): JsonObject | undefined {
  const type = typeOf(message);
  if (type === BATCHED) throw refused('event.invalid', `A message is one event: ${BATCHED} has no meaning in a topic.`);
  if (type === STRUCTURED) return checked(jsonOf(message));
  const attributes = Object.entries(message.headers).filter(([name]) => ATTRIBUTE.test(name));
  if (attributes.length > 0) {
    const named = attributes.map(([name, value]) => [name.slice(3).toLowerCase(), value] as const);
    const content = message.headers['content-type'];
    const event = Object.fromEntries(named) as JsonObject;
    return checked({ ...event, ...(content !== undefined && { datacontenttype: content }), ...dataOf(message, type) });
  }
  if (type !== '') return undefined;
  const value = looseJsonOf(message);
  return value !== undefined && looksLikeCloudEvent(value) ? checked(value) : undefined;
}

function checked(value: Json): JsonObject {
  if (!isJsonObject(value)) throw refused('event.invalid', 'A CloudEvent is a JSON object.');
  const [first] = cloudEventFaults(value);
  if (first) throw refused(first.code, `It is no CloudEvent 1.0: ${first.message}`);
  return value;
}

/** What it says it is, else what it can be read as. */
function dataOf(message: ReceivedMessage, type: string): JsonObject {
  const { value } = message;
  if (value === null) return { data: null };
  if (isJson(type)) return { data: jsonOf(message) };
  if (type.startsWith('text/')) return { data: readBy(parseTextBody, value) };
  if (type !== '') return { data_base64: base64(value) };
  const json = looseJsonOf(message);
  if (json !== undefined) return { data: json };
  try {
    return { datacontenttype: 'text/plain', data: parseTextBody(Buffer.from(value)) };
  } catch {
    return { datacontenttype: 'application/octet-stream', data_base64: base64(value) };
  }
}

function attributesOf(message: ReceivedMessage): JsonObject {
  const { topic, partition, offset, key, at } = message;
  const type = message.headers['content-type'];
  return {
    specversion: '1.0',
    id: `${topic}/${partition}/${offset}`,
    source: `/kafka/${topic}`,
    type: 'kafka.message',
    time: at.toISOString(),
    datacontenttype: type ?? 'application/json',
    ...(key !== null && { partitionkey: key }),
  };
}

function headOf({ value }: ReceivedMessage): JsonObject {
  const head = (value ?? new Uint8Array()).subarray(0, HEAD_BYTES);
  return { datahead: base64(head), databytes: value?.byteLength ?? 0 };
}

/** Lower case, without parameters; '' when it says nothing. */
function typeOf({ headers }: ReceivedMessage): string {
  return (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

function isJson(type: string): boolean {
  return type === 'application/json' || type.endsWith('+json');
}

function jsonOf({ value }: ReceivedMessage): Json {
  return readBy((bytes) => parseJsonBody(bytes, DEEPEST) as Json, value ?? new Uint8Array());
}

/** JSON that nobody promised: whatever else it is, it is taken as that. What is JSON and harmful is refused all the same. */
function looseJsonOf(message: ReceivedMessage): Json | undefined {
  try {
    return jsonOf(message);
  } catch (error) {
    const { reason } = error as Unreadable;
    if (reason.code === 'json.malformed' || reason.code === 'json.not_utf8') return undefined;
    throw error;
  }
}

function readBy<T>(read: (bytes: Buffer) => T, value: Uint8Array): T {
  try {
    return read(Buffer.from(value.buffer, value.byteOffset, value.byteLength));
  } catch (error) {
    if (!(error instanceof RequestInvalid)) throw error;
    const { code, message, pointer } = error.faults[0] as Fault;
    throw refused(code, pointer === '' ? message : `${message} (${pointer})`);
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

function refused(code: string, message: string): Unreadable {
  return new Unreadable({ code, message });
}
