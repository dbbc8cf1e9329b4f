import { canonicalJson } from '@flow/kernel';
import { createHash } from 'node:crypto';

/** One thing that is moved, as both sides read it. */
export interface Entry<T = unknown> {
  /** Its name within its part: the same on both sides, whatever number or order either gives it. */
  readonly key: string;
  readonly content: T;
}

/** An entry where it is read, with the place to go on behind. */
export interface PlacedEntry<T = unknown> extends Entry<T> {
  readonly place: string;
}

const DIGEST_BITS = 256;

/** The same text for the same content, whatever the order of its fields. */
export function textOf({ key, content }: Entry): string {
  return canonicalJson([key, content]);
}

/** A checksum over entries in any order: the sum of their SHA-256. One that is changed, lost or there twice gives another. */
export class Tally {
  private sum = 0n;
  private counted = 0;

  add(text: string): void {
    const digest = createHash('sha256').update(text).digest('hex');
    this.sum = BigInt.asUintN(DIGEST_BITS, this.sum + BigInt(`0x${digest}`));
    this.counted += 1;
  }

  get count(): number {
    return this.counted;
  }

  get checksum(): string {
    return this.sum.toString(16).padStart(DIGEST_BITS / 4, '0');
  }
}
