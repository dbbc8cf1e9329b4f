import { createHash } from 'node:crypto';
import { isJsonObject, type Clock } from '@flow/kernel';
import { failed, failedForNow, type Outcome } from '@flow/operators';
import type { HttpClient } from '@flow/platform';
import { basic, type OAuth2Auth } from './http-auth';
import { isPassing, retryAfterMs } from './http-status';
import { parseJson } from './json-text';

interface Token {
  readonly token: string;
  /** On the clock of the calls. */
  readonly untilMs: number;
}

export type TokenAnswer = { readonly token: string; readonly cached: boolean } | { readonly outcome: Outcome };

const LONGEST_MS = 10 * 60_000;
const SHORTEST_MS = 60_000;
/** A token is not used in its last moments: the request has to arrive, too. */
const MARGIN_MS = 30_000;
const MOST_TOKENS = 1000;

/** Tokens by client credentials, kept in memory for a short time. Neither credentials nor tokens are written anywhere. */
export class OAuth2Tokens {
  private readonly kept = new Map<string, Token>();

  constructor(private readonly http: HttpClient) {}

  /** A token, from memory or from the token URL. Throws OutboundError. */
  async token(auth: OAuth2Auth, domain: string, clock: Clock, signal: AbortSignal): Promise<TokenAnswer> {
    const key = keyOf(auth, domain);
    const kept = this.kept.get(key);
    if (kept && kept.untilMs > clock.monotonicMs()) return { token: kept.token, cached: true };
    const answer = await this.fetch(auth, clock, signal);
    if ('outcome' in answer) return answer;
    if (this.kept.size >= MOST_TOKENS) this.kept.clear();
    this.kept.set(key, { token: answer.token, untilMs: clock.monotonicMs() + answer.lifeMs });
    return { token: answer.token, cached: false };
  }

  /** Forgets a token that its host did not take. */
  forget(auth: OAuth2Auth, domain: string): void {
    this.kept.delete(keyOf(auth, domain));
  }

  private async fetch(
    auth: OAuth2Auth,
    clock: Clock,
    signal: AbortSignal,
  ): Promise<{ token: string; lifeMs: number } | { outcome: Outcome }> {
    const { tokenUrl, clientId, clientSecret, scope, audience, clientAuth = 'header' } = auth;
    const form = new URLSearchParams({ grant_type: 'client_credentials' });
    if (scope !== undefined) form.set('scope', scope);
    if (audience !== undefined) form.set('audience', audience);
    if (clientAuth === 'body') {
      form.set('client_id', clientId);
      form.set('client_secret', clientSecret);
    }
    const encoded = (text: string) => new URLSearchParams({ x: text }).toString().slice(2);
    const { status, headers, body } = await this.http.request({
      url: tokenUrl,
      method: 'POST',
      headers: {
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded',
        ...(clientAuth === 'header' && { authorization: basic(encoded(clientId), encoded(clientSecret)) }),
      },
      body: form.toString(),
      maxResponseBytes: 65_536,
      signal,
    });
    const parsed = parseJson(Buffer.from(body).toString('utf8'));
    const answer = 'value' in parsed && isJsonObject(parsed.value) ? parsed.value : {};
    const { access_token: token, expires_in: expiresIn } = answer;
    if (status === 200 && typeof token === 'string' && token !== '') {
      const lifeMs = typeof expiresIn === 'number' ? expiresIn * 1000 - MARGIN_MS : SHORTEST_MS;
      return { token, lifeMs: Math.min(LONGEST_MS, lifeMs) };
    }
    const reason = typeof answer.error === 'string' && /^[\w.-]{1,60}$/.test(answer.error) ? ` (${answer.error})` : '';
    const message = `The token URL gave no token: status ${status}${reason}.`;
    if (!isPassing(status)) return { outcome: failed('http.token_refused', message) };
    const waitMs = retryAfterMs(headers['retry-after'], clock.now());
    return {
      outcome: failedForNow('http.token_refused', message, waitMs === undefined ? {} : { retryAfterMs: waitMs }),
    };
  }
}

/** One client at one endpoint for one purpose; with its secret, so that knowing a client's id gives nobody its token. */
function keyOf({ tokenUrl, clientId, clientSecret, scope, audience }: OAuth2Auth, domain: string): string {
  const parts = [domain, tokenUrl, clientId, clientSecret, scope ?? null, audience ?? null];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64');
}
