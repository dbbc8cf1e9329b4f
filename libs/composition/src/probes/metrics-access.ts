import { TokenInvalid } from '@flow/auth';
import { createHash, timingSafeEqual } from 'node:crypto';
import { isIPv6 } from 'node:net';

const sha256 = (text: string) => createHash('sha256').update(text).digest();

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host.startsWith('127.') || (isIPv6(host) && host === '::1');
}

/** Who may read /metrics: holders of METRICS_TOKEN; without that setting whoever reaches a listener on loopback. */
export class MetricsAccess {
  private readonly expected: Buffer | undefined;

  constructor(
    token: string | null,
    private readonly host: string,
  ) {
    this.expected = token === null ? undefined : sha256(`Bearer ${token}`);
  }

  /** @throws TokenInvalid */
  check(authorization: string | undefined): void {
    if (this.expected ? !timingSafeEqual(sha256(authorization ?? ''), this.expected) : !isLoopback(this.host))
      throw new TokenInvalid();
  }
}
