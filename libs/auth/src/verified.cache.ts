import type { TokenId } from '@flow/kernel';
import type { VerifiedToken } from './token';

interface Entry {
  readonly token: VerifiedToken;
  readonly untilMs: number;
}

/**
 * What was verified a moment ago, by the hash of the bearer (never the bearer itself). Bounded: the oldest makes room. A revocation takes
 * effect at once in this process; another process sees it when its entry runs out.
 */
export class VerifiedCache {
  private readonly entries = new Map<string, Entry>();
  private readonly keysOf = new Map<TokenId, string>();
  private revocations = 0;

  constructor(
    private readonly ttlMs: number,
    private readonly capacity: number,
  ) {}

  /** Rises with every revocation: what was read before one must not be kept after it. */
  get generation(): number {
    return this.revocations;
  }

  get(key: string, nowMs: number): VerifiedToken | undefined {
    const entry = this.entries.get(key);
    if (!entry) return undefined;
    if (nowMs < entry.untilMs) return entry.token;
    this.drop(key, entry.token.tokenId);
    return undefined;
  }

  /** Keeps nothing when a token was revoked since `generation` was read. */
  put(key: string, token: VerifiedToken, nowMs: number, generation: number): void {
    if (generation !== this.revocations) return;
    const untilMs = Math.min(nowMs + this.ttlMs, token.expiresAt?.getTime() ?? Infinity);
    this.entries.delete(key);
    this.entries.set(key, { token, untilMs });
    this.keysOf.set(token.tokenId, key);
    if (this.entries.size <= this.capacity) return;
    const oldest = this.entries.entries().next().value;
    if (oldest) this.drop(oldest[0], oldest[1].token.tokenId);
  }

  revoke(id: TokenId): void {
    this.revocations += 1;
    const key = this.keysOf.get(id);
    if (key !== undefined) this.drop(key, id);
  }

  private drop(key: string, id: TokenId): void {
    this.entries.delete(key);
    if (this.keysOf.get(id) === key) this.keysOf.delete(id);
  }
}
