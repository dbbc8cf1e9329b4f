import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { pointerTo, type Fault } from '@flow/kernel';

export const SIGNATURE_PRESETS = ['github', 'standard-webhooks'] as const;
export const ALGORITHMS = ['sha256', 'sha512', 'sha1'] as const;
type Algorithm = (typeof ALGORITHMS)[number];

/** What an author says of a signature; a preset stands for all but `secrets` and `toleranceSeconds`. */
export interface SignatureConfig {
  readonly preset?: (typeof SIGNATURE_PRESETS)[number];
  readonly header?: string;
  readonly format?: string;
  readonly payload?: string;
  readonly timestampHeader?: string;
  readonly idHeader?: string;
  readonly algorithm?: Algorithm;
  readonly key?: 'text' | 'base64';
  readonly secrets: readonly string[];
  readonly toleranceSeconds?: number;
}

/** Headers by their names in lower case, each with every value that came. */
export type HookHeaders = ReadonlyMap<string, readonly string[]>;

/** A call that its signature vouches for. */
export interface Signed {
  /** The only one of what was signed: whoever sends the same again gives the same. */
  readonly key: string;
  /** The message's id, where it is signed too. */
  readonly id?: string;
}

const PRESETS: Readonly<Record<(typeof SIGNATURE_PRESETS)[number], Omit<SignatureConfig, 'secrets'>>> = {
  github: { header: 'x-hub-signature-256', format: 'sha256={hex}' },
  'standard-webhooks': {
    header: 'webhook-signature',
    format: 'v1,{base64}',
    payload: '{id}.{timestamp}.{body}',
    timestampHeader: 'webhook-timestamp',
    idHeader: 'webhook-id',
    key: 'base64',
  },
};
const DIGEST_BYTES: Readonly<Record<Algorithm, number>> = { sha256: 32, sha512: 64, sha1: 20 };
const TOLERANCE_SECONDS = 300;
/** More signatures in one header are nobody's rotation. */
const MOST_ITEMS = 20;
const PLACES = /\{(hex|base64|timestamp|id|body)\}/g;

interface Item {
  readonly prefix: string;
  readonly suffix: string;
  readonly holds: 'hex' | 'base64' | 'timestamp';
}

/** How calls are signed: what is read from which header, what was signed, and by what. */
export class SignatureRule {
  readonly secrets: readonly string[];
  /** Headers that tell of the signature; nobody else gets to see them. */
  readonly headers: readonly string[];
  private readonly said: Required<Pick<SignatureConfig, 'header' | 'format' | 'payload' | 'algorithm'>> &
    SignatureConfig;
  private readonly items: readonly Item[];

  constructor(config: SignatureConfig) {
    const preset = config.preset && PRESETS[config.preset];
    const { header = '', format = '{hex}', algorithm = 'sha256', ...more } = { ...config, ...preset };
    const isTimed = format.includes('{timestamp}') || more.timestampHeader !== undefined;
    this.said = { payload: isTimed ? '{timestamp}.{body}' : '{body}', ...more, header, format, algorithm };
    this.secrets = config.secrets;
    this.headers = [header, more.timestampHeader, more.idHeader].flatMap((name) => name?.toLowerCase() ?? []);
    this.items = format.includes('{timestamp}') ? format.split(/[ ,]+/).flatMap(itemOf) : itemOf(format);
  }

  get isTimed(): boolean {
    return this.said.timestampHeader !== undefined || this.said.format.includes('{timestamp}');
  }

  /** Undefined unless one of the keys made one of the signatures, over these very bytes, within the time. What is wrong is told to nobody. */
  verify(headers: HookHeaders, body: Uint8Array, values: readonly string[], now: Date): Signed | undefined {
    const { header, timestampHeader, idHeader, format, algorithm } = this.said;
    const read = this.read(once(headers, header) ?? '', format.includes('{timestamp}') ? /[ ,]+/ : / +/);
    const timestamp = timestampHeader === undefined ? read?.timestamp : once(headers, timestampHeader);
    const id = idHeader === undefined ? undefined : once(headers, idHeader);
    if (!read || (this.isTimed && !this.isInTime(timestamp, now))) return undefined;
    // The parts are joined by dots and the like: an id with one of them could be cut elsewhere.
    if (idHeader !== undefined && !(id !== undefined && /^[A-Za-z0-9_-]{1,200}$/.test(id))) return undefined;
    const signed = this.signedBytes({ timestamp, id }, body);
    let isMade = false;
    for (const key of values.flatMap((value) => this.keyOf(value))) {
      const digest = createHmac(algorithm, key).update(signed).digest();
      for (const one of read.signatures) isMade = timingSafeEqual(digest, one) || isMade;
    }
    if (!isMade) return undefined;
    const key = id === undefined ? `signed ${createHash('sha256').update(signed).digest('hex')}` : `id ${id}`;
    return { key, ...(id !== undefined && { id }) };
  }

  private read(value: string, between: RegExp) {
    const parts = value.split(between);
    if (value === '' || parts.length > MOST_ITEMS) return undefined;
    const signatures: Buffer[] = [];
    const timestamps: string[] = [];
    for (const part of parts)
      for (const { prefix, suffix, holds } of this.items) {
        if (part.length <= prefix.length + suffix.length || !part.startsWith(prefix) || !part.endsWith(suffix))
          continue;
        const held = part.slice(prefix.length, part.length - suffix.length);
        if (holds === 'timestamp') timestamps.push(held);
        else signatures.push(...bytesOf(held, holds, DIGEST_BYTES[this.said.algorithm]));
      }
    if (signatures.length === 0 || timestamps.length > 1) return undefined;
    return { signatures, timestamp: timestamps[0] };
  }

  private isInTime(timestamp: string | undefined, now: Date): boolean {
    if (timestamp === undefined || !/^\d{1,12}$/.test(timestamp)) return false;
    const tolerance = this.said.toleranceSeconds ?? TOLERANCE_SECONDS;
    return Math.abs(now.getTime() / 1_000 - Number(timestamp)) <= tolerance;
  }

  private signedBytes(values: { timestamp: string | undefined; id: string | undefined }, body: Uint8Array): Buffer {
    const parts = this.said.payload.split(PLACES).map((part, i) => {
      if (i % 2 === 0) return Buffer.from(part, 'utf8');
      return part === 'body' ? body : Buffer.from((part === 'id' ? values.id : values.timestamp) ?? '', 'utf8');
    });
    return Buffer.concat(parts);
  }

  /** None of a value that is no key: it lets nobody in. */
  private keyOf(value: string): Buffer[] {
    if (this.said.key !== 'base64') return [Buffer.from(value, 'utf8')];
    const text = value.replace(/^whsec_/, '');
    const key = /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : Buffer.alloc(0);
    return key.length > 0 ? [key] : [];
  }
}

const NEVER_A_SIGNATURE = new Set([
  'cookie',
  'host',
  'content-type',
  'content-length',
  'transfer-encoding',
  'connection',
]);

/** What the schema cannot say, pointers relative to the signature. */
export function signatureFaults(config: SignatureConfig): Fault[] {
  const { preset, header, format = '{hex}', payload, timestampHeader, idHeader, toleranceSeconds } = config;
  const at = (name: string, message: string): Fault => ({
    pointer: pointerTo('', name),
    code: 'field.invalid',
    message,
  });
  if (preset !== undefined) {
    const own = ['header', 'format', 'payload', 'timestampHeader', 'idHeader', 'algorithm', 'key'] as const;
    const faults = own
      .filter((name) => config[name] !== undefined)
      .map((name) => at(name, `The preset ${preset} says this: leave it out, or leave the preset out.`));
    if (preset === 'github' && toleranceSeconds !== undefined)
      faults.push(at('toleranceSeconds', 'GitHub signs no time, so that there is none to compare.'));
    return faults;
  }
  const faults: Fault[] = [];
  if (header === undefined) faults.push(at('header', `Say a preset (${SIGNATURE_PRESETS.join(', ')}) or a header.`));
  for (const [name, value] of Object.entries({ header, timestampHeader, idHeader }))
    if (value !== undefined && NEVER_A_SIGNATURE.has(value.toLowerCase()))
      faults.push(at(name, `The header ${value} cannot hold this.`));
  const placed = [...format.matchAll(PLACES)].map(([, place]) => place);
  const signatures = placed.filter((place) => place === 'hex' || place === 'base64').length;
  const isTimed = placed.includes('timestamp') || timestampHeader !== undefined;
  if (signatures !== 1 || placed.some((place) => place === 'body' || place === 'id') || placed.length > 2)
    faults.push(
      at(
        'format',
        '"format" is a text with {hex} or {base64} in it once, and {timestamp} once at most: "sha256={hex}".',
      ),
    );
  if (
    placed.includes('timestamp') &&
    (timestampHeader !== undefined || format.split(/[ ,]+/).flatMap(itemOf).length !== 2)
  )
    faults.push(
      at('format', '{timestamp} stands in a part of its own, as in "t={timestamp},v1={hex}", or in `timestampHeader`.'),
    );
  const signed = payload === undefined ? undefined : [...payload.matchAll(PLACES)].map(([, place]) => place);
  const count = (place: string) => signed?.filter((one) => one === place).length ?? 0;
  const given = { timestamp: isTimed, id: idHeader !== undefined };
  if (signed && (count('body') !== 1 || count('hex') + count('base64') > 0))
    faults.push(at('payload', '"payload" is what was signed: a text with {body} in it once.'));
  if (idHeader !== undefined && !signed)
    faults.push(at('payload', 'What was signed has the id in it: say where, as in "{id}.{body}".'));
  for (const place of ['timestamp', 'id'] as const)
    if (signed && count(place) !== (given[place] ? 1 : 0))
      faults.push(
        at(
          'payload',
          given[place]
            ? `{${place}} has to be signed too: anybody could change it otherwise.`
            : `Nothing says where the ${place} is: give \`${place}Header\`.`,
        ),
      );
  if (toleranceSeconds !== undefined && !isTimed)
    faults.push(at('toleranceSeconds', 'There is no time in this signature to compare.'));
  return faults;
}

function once(headers: HookHeaders, name: string): string | undefined {
  const values = headers.get(name.toLowerCase()) ?? [];
  return values.length === 1 ? values[0]?.trim() : undefined;
}

function itemOf(part: string): Item[] {
  const [prefix, holds, suffix, ...rest] = part.split(PLACES);
  if (holds === undefined || holds === 'id' || holds === 'body' || rest.length > 0) return [];
  return [{ prefix: prefix ?? '', holds: holds as Item['holds'], suffix: suffix ?? '' }];
}

/** The digest that a text is, in one way of writing it alone. */
function bytesOf(text: string, form: 'hex' | 'base64', length: number): Buffer[] {
  if (form === 'hex')
    return /^[0-9a-fA-F]*$/.test(text) && text.length === 2 * length ? [Buffer.from(text, 'hex')] : [];
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === length && bytes.toString('base64') === text ? [bytes] : [];
}
