import { isUtf8 } from 'node:buffer';
import { FORBIDDEN_KEYS, RequestInvalid, pointerTo, type Fault } from '@flow/kernel';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENS = new Set([0x5b, 0x7b]);
const CLOSES = new Set([0x5d, 0x7d]);
/** A longer row of digits, or an exponent, may be more than a number holds. */
const LONGEST_SAFE_DIGITS = 300;
const MOST_FAULTS = 20;
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Reads a request's body: UTF-8, at most `maxDepth` levels (counted before anything is built), no key that names JavaScript's own machinery,
 * no number beyond a double's range (it would turn into Infinity and then null), no half surrogate pairs (they would not survive storing).
 * Cost is linear in the size; bodies without anything suspicious are not walked.
 * @throws RequestInvalid with the pointer of each fault
 */
export function parseJsonBody(bytes: Buffer, maxDepth: number): unknown {
  if (!isUtf8(bytes)) throw refused('', 'json.not_utf8', 'The body is not valid UTF-8.');
  const suspicious = scan(bytes, maxDepth);
  const text = bytes.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const position = /position (\d+)/.exec((error as Error).message)?.[1];
    throw refused('', 'json.malformed', `The body is not valid JSON${position ? ` (character ${position})` : ''}.`);
  }
  if (suspicious || [...FORBIDDEN_KEYS].some((key) => text.includes(key))) {
    const faults = faultsIn(value);
    if (faults.length > 0) throw new RequestInvalid(faults);
  }
  return value;
}

/** Reads a body that stays text. */
export function parseTextBody(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw refused('', 'text.not_utf8', 'The body is not valid UTF-8.');
  return bytes.toString('utf8');
}

/** Counts levels without building anything; tells whether the text holds escapes or numbers that need a closer look. */
function scan(bytes: Buffer, maxDepth: number): boolean {
  let depth = 0;
  let digits = 0;
  let suspicious = false;
  let inString = false;
  for (let i = 0; i < bytes.length; i += 1) {
    const byte = bytes[i] as number;
    if (inString) {
      if (byte === QUOTE) inString = false;
      else if (byte === BACKSLASH) {
        i += 1;
        if (bytes[i] === 0x75) suspicious = true;
      }
    } else if (byte === QUOTE) inString = true;
    else if (byte >= 0x30 && byte <= 0x39) {
      digits += 1;
      if (digits > LONGEST_SAFE_DIGITS) suspicious = true;
    } else {
      if (digits > 0 && (byte === 0x65 || byte === 0x45)) suspicious = true;
      digits = 0;
      if (OPENS.has(byte)) {
        depth += 1;
        if (depth > maxDepth)
          throw refused(
            '',
            'json.too_deep',
            `The body is nested deeper than ${maxDepth} levels, which is the most here.`,
          );
      } else if (CLOSES.has(byte)) depth -= 1;
    }
  }
  return suspicious;
}

interface Place {
  readonly value: unknown;
  readonly key: string | number;
  readonly parent: Place | null;
}

function pointerOf(place: Place): string {
  const keys: (string | number)[] = [];
  for (let at = place; at.parent; at = at.parent) keys.push(at.key);
  return keys.reduceRight<string>((pointer, key) => pointerTo(pointer, key), '');
}

function faultsIn(root: unknown): Fault[] {
  const faults: Fault[] = [];
  const stack: Place[] = [{ value: root, key: '', parent: null }];
  for (let place = stack.pop(); place && faults.length < MOST_FAULTS; place = stack.pop()) {
    const { value } = place;
    if (typeof value === 'number' && !Number.isFinite(value))
      faults.push(faultAt(place, 'json.number_too_large', 'This number is larger than any that can be kept.'));
    else if (typeof value === 'string' && LONE_SURROGATE.test(value))
      faults.push(faultAt(place, 'json.text_invalid', 'This text holds half of a surrogate pair.'));
    else if (typeof value === 'object' && value !== null) {
      for (const [key, child] of Object.entries(value)) {
        const below: Place = { value: child, key, parent: place };
        if (Array.isArray(value)) stack.push(below);
        else if (FORBIDDEN_KEYS.has(key))
          faults.push(faultAt(below, 'json.key_forbidden', 'This name is not allowed for a field.'));
        else if (LONE_SURROGATE.test(key))
          faults.push(faultAt(place, 'json.text_invalid', 'The name of a field holds half of a surrogate pair.'));
        else stack.push(below);
      }
    }
  }
  return faults;
}

function faultAt(place: Place, code: string, message: string): Fault {
  return { pointer: pointerOf(place), code, message };
}

function refused(pointer: string, code: string, message: string): RequestInvalid {
  return new RequestInvalid([{ pointer, code, message }]);
}
