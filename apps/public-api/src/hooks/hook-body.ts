import { DEFAULT_DEPTH } from '@flow/http';
import { parseJsonBody, parseTextBody } from '@flow/platform';
import { FORBIDDEN_KEYS, RequestInvalid, pointerTo, type Json, type JsonObject } from '@flow/kernel';
import type { HookCall } from '@flow/triggers';
import type { FastifyRequest } from 'fastify';

export const FORM_TYPE = 'application/x-www-form-urlencoded';
export const TEXT_TYPE = 'text/plain';

/** A request as hooks see it: the bytes that were signed, and how to read them. */
export function hookCallOf({ raw, body, query }: FastifyRequest): HookCall {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
  const headers = headersOf(raw.rawHeaders);
  const mediaType =
    bytes.length === 0
      ? ''
      : (/^[^;]*/
          .exec(raw.headers['content-type'] ?? '')?.[0]
          .trim()
          .toLowerCase() ?? '');
  return { body: bytes, mediaType, headers, query: queryOf(query), read: () => readHookBody(bytes, mediaType) };
}

/** A body in its own type: what lies about it is refused. @throws RequestInvalid */
export function readHookBody(bytes: Buffer, mediaType: string): Json {
  if (bytes.length === 0) return {};
  if (mediaType === FORM_TYPE) return formOf(parseTextBody(bytes));
  if (mediaType !== TEXT_TYPE) return parseJsonBody(bytes, DEFAULT_DEPTH) as Json;
  const text = parseTextBody(bytes);
  if (text.includes('\0')) throw refused('text.not_storable', 'The text holds U+0000.');
  return { text };
}

/** What is escaped in a form, and nothing else, stands there as it is: a body that was never encoded is no form. */
const ENCODED = /^[A-Za-z0-9\-._~!$&'()*+,;=:@/?%[\]|]*$/;
const MOST_FIELDS = 1_000;

function formOf(text: string): JsonObject {
  const pairs = text.split('&');
  if (!ENCODED.test(text) || pairs.length > MOST_FIELDS) throw malformed();
  const fields = new Map<string, Json>();
  for (const pair of pairs.filter((one) => one !== '')) {
    const at = pair.indexOf('=');
    const name = decoded(at < 0 ? pair : pair.slice(0, at));
    add(fields, name, at < 0 ? '' : decoded(pair.slice(at + 1)));
  }
  return Object.fromEntries(fields);
}

function queryOf(query: unknown): JsonObject {
  const fields = new Map<string, Json>();
  for (const [name, value] of Object.entries(query as Record<string, string | string[]>)) {
    if ([name, value].flat().some((text) => text.includes('\0')))
      throw refused('text.not_storable', 'The query holds U+0000.');
    add(fields, name, value);
  }
  return Object.fromEntries(fields);
}

function add(fields: Map<string, Json>, name: string, value: Json): void {
  if (FORBIDDEN_KEYS.has(name)) throw refused('json.key_forbidden', 'This name is not allowed for a field.', name);
  const standing = fields.get(name);
  if (Array.isArray(standing)) (standing as Json[]).push(value);
  else fields.set(name, standing === undefined ? value : [standing, value]);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw malformed();
  }
}

/** Each name in lower case with every value that came, as it stands in the request: nothing is joined. */
function headersOf(raw: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const headers = new Map<string, string[]>();
  for (let i = 0; i < raw.length; i += 2) {
    const [name = '', value = ''] = raw.slice(i, i + 2);
    const values = headers.get(name.toLowerCase());
    if (values) values.push(value);
    else headers.set(name.toLowerCase(), [value]);
  }
  return headers;
}

function malformed(): RequestInvalid {
  return refused('form.malformed', `The body is no form: fields of ${FORM_TYPE}, ${MOST_FIELDS} at most, in UTF-8.`);
}

function refused(code: string, message: string, name?: string): RequestInvalid {
  return new RequestInvalid([{ pointer: name === undefined ? '' : pointerTo('', name), code, message }]);
}
