import { randomFillSync } from 'node:crypto';
import { Random } from '@flow/kernel';

/** Asking the operating system takes microseconds each time: small amounts are drawn in advance. */
const POOL_BYTES = 4_096;

/** Chance from the operating system's generator: fit for keys, tokens and ids. */
export class SystemRandom extends Random {
  private readonly pool = Buffer.allocUnsafeSlow(POOL_BYTES);
  private used = POOL_BYTES;

  override fraction(): number {
    const bytes = Buffer.from(this.bytes(8));
    // 53 bits: as many as a double holds exactly.
    return (bytes.readUInt32LE(0) * 2 ** 21 + (bytes.readUInt32LE(4) >>> 11)) / 2 ** 53;
  }

  override bytes(length: number): Uint8Array {
    if (length > POOL_BYTES / 8) return randomFillSync(new Uint8Array(length));
    if (this.used + length > POOL_BYTES) {
      randomFillSync(this.pool);
      this.used = 0;
    }
    const drawn = Uint8Array.prototype.slice.call(this.pool, this.used, this.used + length);
    // What was given away is not kept.
    this.pool.fill(0, this.used, this.used + length);
    this.used += length;
    return drawn;
  }
}
