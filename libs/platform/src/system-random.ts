import { randomBytes } from 'node:crypto';
import { Random } from '@flow/kernel';

/** Chance from the operating system's generator: fit for keys, tokens and ids. */
export class SystemRandom extends Random {
  override fraction(): number {
    const bytes = randomBytes(8);
    // 53 bits: as many as a double holds exactly.
    return (bytes.readUInt32LE(0) * 2 ** 21 + (bytes.readUInt32LE(4) >>> 11)) / 2 ** 53;
  }

  override bytes(length: number): Uint8Array {
    return randomBytes(length);
  }
}
