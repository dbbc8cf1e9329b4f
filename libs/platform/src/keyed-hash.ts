import { createHmac } from 'node:crypto';

/** Tells whether two texts are the same, to nobody without its key: guesses cannot be tried against a hash that was stolen. */
export class KeyedHash {
  constructor(private readonly key: Uint8Array) {}

  /** HMAC-SHA-256, base64url. */
  of(text: string): string {
    return createHmac('sha256', this.key).update(text).digest('base64url');
  }
}
