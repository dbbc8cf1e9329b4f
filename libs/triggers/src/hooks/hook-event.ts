import { isJsonObject, type Json, type JsonObject } from '@flow/kernel';
import type { Trigger } from '../trigger';
import { eventFor } from '../trigger-event';
import { HookEventInvalid } from './hook.errors';
import type { HookHeaders } from './hook-signature';

export const CLOUD_EVENT_TYPE = 'application/cloudevents+json';

/** What came to a hook, as it came. */
export interface HookCall {
  readonly body: Uint8Array;
  /** In lower case, without parameters; '' without a body. */
  readonly mediaType: string;
  readonly headers: HookHeaders;
  readonly query: JsonObject;
  /** What the body says; asked for when it is known who sent it. @throws RequestInvalid */
  readonly read: () => Json;
}

/** Seen by expressions and kept in the history, where they came; an author may name others. */
const SEEN = ['content-type', 'user-agent', 'webhook-id', 'webhook-timestamp', 'x-github-event', 'x-github-delivery'];
/** What lets somebody in, here or elsewhere. */
export const NEVER_SEEN = [
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'x-api-key',
  'x-auth-token',
  'webhook-signature',
  'x-hub-signature',
  'x-hub-signature-256',
];

export function seenHeaders(headers: HookHeaders, named: readonly string[], hidden: readonly string[]): JsonObject {
  const seen: Record<string, Json> = {};
  for (const name of new Set([...SEEN, ...named.map((one) => one.toLowerCase())])) {
    const values = headers.get(name);
    if (values && !NEVER_SEEN.includes(name) && !hidden.includes(name)) seen[name] = values.join(', ');
  }
  return seen;
}

interface Came {
  readonly trigger: Pick<Trigger, 'id'>;
  readonly call: HookCall;
  readonly data: Json;
  readonly at: Date;
  /** Of a call that is no CloudEvent. */
  readonly id: string;
  readonly headers: JsonObject;
}

/** The CloudEvent that a call is or becomes, with what HTTP says beside it. @throws HookEventInvalid */
export function hookEvent({ trigger, call, data, at, id, headers }: Came): JsonObject {
  const http = { method: 'POST', headers, query: call.query };
  if (call.mediaType === CLOUD_EVENT_TYPE) return { ...checked(data), ...http };
  if (call.mediaType === 'application/cloudevents-batch+json')
    throw new HookEventInvalid('', 'Send one CloudEvent with each call.');
  const datacontenttype = call.mediaType === '' ? 'application/json' : call.mediaType;
  if (call.headers.has('ce-specversion'))
    return { ...checked({ ...binaryAttributes(call.headers), datacontenttype, data }), ...http };
  return eventFor(trigger, {
    id,
    type: 'automation.hook.called',
    time: at,
    data,
    more: { datacontenttype, ...http },
  });
}

/** Whether a call is a CloudEvent that stands in its body as a whole. */
export function isStructured({ mediaType }: HookCall): boolean {
  return mediaType === CLOUD_EVENT_TYPE;
}

export function isCloudEvent(call: HookCall): boolean {
  return isStructured(call) || call.headers.has('ce-specversion');
}

function binaryAttributes(headers: HookHeaders): JsonObject {
  const attributes: Record<string, Json> = {};
  for (const [name, values] of headers) {
    if (!name.startsWith('ce-')) continue;
    if (values.length > 1) throw new HookEventInvalid('', `Send the header ${name} once.`);
    try {
      attributes[name.slice(3)] = decodeURIComponent(values[0] ?? '');
    } catch {
      throw new HookEventInvalid('', `The header ${name} is not encoded as CloudEvents demand it.`);
    }
  }
  return attributes;
}

const ATTRIBUTE = /^[a-z0-9]{1,64}$/;

const CONTROLS = /[\u0000-\u001f\u007f-\u009f]/;
const LONGEST_ATTRIBUTE = 2_000;

function checked(event: Json): JsonObject {
  if (!isJsonObject(event)) throw new HookEventInvalid('', 'A CloudEvent is an object.');
  if (event.specversion !== '1.0') throw new HookEventInvalid('/specversion', 'CloudEvents of version 1.0 are taken.');
  for (const name of ['id', 'source', 'type'])
    if (typeof event[name] !== 'string' || event[name] === '')
      throw new HookEventInvalid(`/${name}`, `A CloudEvent has a "${name}".`);
  for (const [name, value] of Object.entries(event)) {
    if (name === 'data' || name === 'data_base64') continue;
    const isText = typeof value === 'string' && value.length <= LONGEST_ATTRIBUTE && !CONTROLS.test(value);
    if (!ATTRIBUTE.test(name) || !(isText || typeof value === 'number' || typeof value === 'boolean'))
      throw new HookEventInvalid('', `"${name.slice(0, 64)}" is no attribute that a CloudEvent can have.`);
  }
  return { ...event, data: event.data ?? null };
}
