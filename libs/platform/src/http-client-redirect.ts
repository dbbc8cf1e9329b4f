import { OutboundInvalid, OutboundRedirectRefused } from './http-client.errors';

/** One request of a chain of redirects; header names in lower case. */
export interface Hop {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | (() => AsyncIterable<Uint8Array>);
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** What may follow to another origin: nothing that could be a credential. */
const CROSS_ORIGIN_HEADERS = new Set(['accept', 'accept-encoding', 'accept-language', 'user-agent']);

/**
 * The request that an answer redirects to, or undefined when it is none. 303, and 301 or 302 to a POST, turn into GET
 * without body, as browsers do. To another origin only harmless headers go along, and a body never does.
 */
export function nextHop(hop: Hop, answer: Answer): Hop | undefined {
  const { status } = answer;
  const location = answer.headers.location;
  if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return undefined;
  if (!URL.canParse(location, hop.url.href))
    throw new OutboundInvalid(`${hop.url.host} redirects to something that is no URL.`);
  const url = new URL(location, hop.url.href);
  const toGet = (status === 303 && hop.method !== 'HEAD') || (status < 303 && hop.method === 'POST');
  const sameOrigin = url.origin === hop.url.origin;
  if (!sameOrigin && !toGet && hop.body !== undefined)
    throw new OutboundRedirectRefused(`${hop.url.host} redirects a request with a body to another host.`);
  const kept = Object.entries(hop.headers).filter(
    ([name]) => (sameOrigin || CROSS_ORIGIN_HEADERS.has(name)) && !(toGet && name.startsWith('content-')),
  );
  return {
    url,
    method: toGet ? 'GET' : hop.method,
    headers: Object.fromEntries(kept),
    ...(!toGet && hop.body !== undefined && { body: hop.body }),
  };
}
