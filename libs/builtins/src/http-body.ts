import { isJsonObject, type Json } from '@flow/kernel';
import { parseJson, textOf } from './json-text';

export const BODY_TYPES = ['json', 'form', 'text'] as const;
export type BodyType = (typeof BODY_TYPES)[number];

/** What to send and as which content type; nothing for a body that is not there. undefined: the body cannot be that. */
export function encodeBody(
  body: Json | undefined,
  type: BodyType | undefined,
): { readonly text?: string; readonly contentType?: string } | undefined {
  if (body === undefined || (body === null && type === undefined)) return {};
  switch (type ?? (typeof body === 'string' ? 'text' : 'json')) {
    case 'json':
      return { text: JSON.stringify(body), contentType: 'application/json' };
    case 'text':
      return { text: textOf(body), contentType: 'text/plain; charset=utf-8' };
    case 'form':
      return isJsonObject(body)
        ? { text: pairsOf(body).toString(), contentType: 'application/x-www-form-urlencoded' }
        : undefined;
  }
}

/** Keys and values as a query or a form has them: null is left out, a list gives one pair an item, an object is JSON. */
export function pairsOf(values: Readonly<Record<string, Json>>): URLSearchParams {
  const pairs = new URLSearchParams();
  for (const [key, value] of Object.entries(values))
    for (const item of Array.isArray(value) ? (value as readonly Json[]) : [value])
      if (item !== null) pairs.append(key, textOf(item));
  return pairs;
}

export const RESPONSE_TYPES = ['auto', 'json', 'text', 'base64'] as const;
export type ResponseType = (typeof RESPONSE_TYPES)[number];

export interface DecodedBody {
  readonly body: Json;
  readonly bodyType: 'json' | 'text' | 'base64' | 'empty';
}

const CHARSET = /;\s*charset="?([\w.:-]+)/i;
const JSON_TYPE = /^(application|text)\/([\w.+-]+\+)?json$/;
const TEXT_TYPE =
  /^(text\/.*|application\/(.+\+)?(xml|yaml|javascript|x-www-form-urlencoded|graphql|x-ndjson|csv|toml))$/;

/**
 * A response's body: JSON where its content type says so and it is (else its text), text for what is text, Base64 for what is not, null when
 * there is nothing. undefined when JSON was asked for and it is none.
 */
export function decodeBody(
  bytes: Uint8Array,
  contentType: string | undefined,
  wanted: ResponseType,
): DecodedBody | undefined {
  if (bytes.length === 0) return wanted === 'json' ? undefined : { body: null, bodyType: 'empty' };
  const type = typeOf(contentType);
  const base64 = (): DecodedBody => ({ body: Buffer.from(bytes).toString('base64'), bodyType: 'base64' });
  if (wanted === 'base64') return base64();
  if (wanted === 'json' || (wanted === 'auto' && JSON_TYPE.test(type))) {
    const text = textIn(bytes, undefined, false) ?? '';
    const parsed = parseJson(text);
    if ('value' in parsed) return { body: parsed.value, bodyType: 'json' };
    return wanted === 'json' ? undefined : { body: text, bodyType: 'text' };
  }
  const known = wanted === 'text' || TEXT_TYPE.test(type);
  const text = known || type === '' ? textIn(bytes, contentType, !known) : undefined;
  return text === undefined ? base64() : { body: text, bodyType: 'text' };
}

/** What `decodeBody` would give for bytes of this type, told without them. `isSure`: it is that or a fault. */
export function formOf(
  contentType: string | undefined,
  wanted: ResponseType,
): { readonly form: 'json' | 'text' | 'base64'; readonly isSure: boolean } {
  if (wanted === 'base64' || wanted === 'text') return { form: wanted, isSure: true };
  const type = typeOf(contentType);
  if (wanted === 'json' || JSON_TYPE.test(type)) return { form: 'json', isSure: wanted === 'json' };
  return { form: TEXT_TYPE.test(type) ? 'text' : 'base64', isSure: true };
}

/** Whether bytes can be kept as they came. What is text in another charset than UTF-8, or perhaps text, must be looked at first. */
export function canBeKept(contentType: string | undefined, wanted: ResponseType): boolean {
  const { form } = formOf(contentType, wanted);
  if (form === 'base64') return wanted === 'base64' || typeOf(contentType) !== '';
  return /^utf-?8$/i.test(CHARSET.exec(contentType ?? '')?.[1] ?? 'utf-8');
}

function typeOf(contentType: string | undefined): string {
  return (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

/** The bytes as text of the charset that the content type names, else UTF-8; undefined when `strict` and they are not. */
function textIn(bytes: Uint8Array, contentType: string | undefined, strict: boolean): string | undefined {
  const charset = CHARSET.exec(contentType ?? '')?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(charset, { fatal: strict }).decode(bytes);
  } catch {
    return strict ? undefined : new TextDecoder().decode(bytes);
  }
}
