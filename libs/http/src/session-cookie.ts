import type { Credentials } from '@flow/auth';
import type { FastifyRequest } from 'fastify';
import { headerOf } from './answer';
import { serverOf } from './listeners';

/** Holds the token of whoever signed in with a browser, base64url. No page can read it, and browsers send it with no request of another site. */
const NAME = 'flow_session';
const PLACE = 'Path=/api; HttpOnly; SameSite=Strict';
/** What browsers keep of a cookie is 4,096 bytes with its name. */
export const LONGEST_SESSION_TOKEN = 3_000;
const TOKEN = /^[\x21-\x7e]{1,3000}$/;

/**
 * The console says so with each request. No form and no link of another page can say it, and a script of another origin would have to ask (a CORS
 * preflight) a server that never allows it. Without it the cookie counts for nothing, whatever a browser thinks of SameSite.
 */
const CONSOLE = 'x-flow-console';

interface Session {
  readonly token: string;
  /** null: it lives as long as the browser is open. */
  readonly expiresAt: Date | null;
  readonly secure: boolean;
}

export function sessionCookie({ token, expiresAt, secure }: Session, now: Date): string {
  const life = expiresAt && `Max-Age=${Math.max(0, Math.floor((expiresAt.getTime() - now.getTime()) / 1_000))}`;
  return [`${NAME}=${textOf(token)}`, PLACE, ...(life === null ? [] : [life]), ...(secure ? ['Secure'] : [])].join(
    '; ',
  );
}

/** Takes the cookie away again. */
export function noSessionCookie(): string {
  return `${NAME}=; ${PLACE}; Max-Age=0`;
}

/** Whether the page that asks was itself loaded over TLS, which may end before it reaches us. */
export function cameByTls({ headers }: FastifyRequest): boolean {
  const { origin, 'x-forwarded-proto': proto } = headers;
  return (origin?.startsWith('https:') ?? false) || proto === 'https';
}

function textOf(token: string): string {
  return Buffer.from(token).toString('base64url');
}

/** What a request says about who asks. @throws RequestInvalid */
export function credentialsOf(request: FastifyRequest): Credentials {
  const { authorization } = request.headers;
  const domain = headerOf(request, 'x-business-domain');
  return { authorization, domain, session: authorization === undefined ? sessionOf(request) : undefined };
}

/** The token of the cookie where that counts: for the console, on the public server. One of two is nobody's: another page may have set it. */
function sessionOf({ headers, raw }: FastifyRequest): string | undefined {
  if (headers[CONSOLE] !== '1' || serverOf(raw) !== 'public') return undefined;
  const given = (headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${NAME}=`))
    .map((pair) => pair.slice(NAME.length + 1));
  const [text = ''] = given;
  const token = Buffer.from(text, 'base64url').toString();
  return given.length === 1 && TOKEN.test(token) && textOf(token) === text ? token : undefined;
}
