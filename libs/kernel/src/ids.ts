import { Clock, Random } from './clock';

declare const brand: unique symbol;
type Id<Name extends string> = string & { readonly [brand]: Name };

/** A business domain: the tenant that everything belongs to. */
export type DomainId = Id<'domain'>;
export type DagId = Id<'dag'>;
export type InstanceId = Id<'instance'>;
export type WorkerId = Id<'worker'>;
export type TokenId = Id<'token'>;
export type PrincipalId = Id<'principal'>;
export type TriggerId = Id<'trigger'>;
export type FiringId = Id<'firing'>;

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_LENGTH = 10;
const RANDOM_LENGTH = 16;

/** Makes ULIDs (26 characters, github.com/ulid/spec): sortable by time, rising within one generator, never words. */
export class IdGenerator {
  private lastMs = -1;
  private tail: number[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller says which kind of id it makes
  next<T extends string>(): T {
    const ms = Math.max(this.clock.now().getTime(), this.lastMs);
    if (ms === this.lastMs) this.increment();
    else {
      this.lastMs = ms;
      this.tail = Array.from(this.random.bytes(RANDOM_LENGTH), (byte) => byte & 31);
    }
    let text = timeHead(ms);
    for (const digit of this.tail) text += ALPHABET.charAt(digit);
    return text as T;
  }

  private increment(): void {
    for (let i = this.tail.length - 1; i >= 0; i -= 1) {
      const digit = this.tail[i] ?? 0;
      if (digit < 31) {
        this.tail[i] = digit + 1;
        return;
      }
      this.tail[i] = 0;
    }
  }
}

function timeHead(ms: number): string {
  let head = '';
  for (let rest = ms, i = 0; i < TIME_LENGTH; i += 1, rest = Math.floor(rest / 32))
    head = ALPHABET.charAt(rest % 32) + head;
  return head;
}

/** The shape of an id that this system made; anything else cannot name an object. */
export function isId(text: string): boolean {
  return /^[0-9A-HJKMNP-TV-Z]{26}$/.test(text);
}

/** An id of the same time as another one whose chance is given: at least 16 bytes, of which 5 bits each are used. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller says which kind of id it makes
export function idFrom<T extends string>(sibling: string, bytes: Uint8Array): T {
  let text = sibling.slice(0, TIME_LENGTH);
  for (let i = 0; i < RANDOM_LENGTH; i += 1) text += ALPHABET.charAt((bytes[i] ?? 0) & 31);
  return text as T;
}

/** As `idFrom`, of this time. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller says which kind of id it makes
export function idAt<T extends string>(at: Date, bytes: Uint8Array): T {
  return idFrom(timeHead(at.getTime()), bytes);
}
