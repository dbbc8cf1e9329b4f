import { largeValuesIn, type Json } from '@flow/kernel';
import { done, failed, failedForNow, type OperatorContext, type Outcome } from '@flow/operators';
import { OutboundError, type OutboundResponse } from '@flow/platform';
import { closed, defineAction, type BuiltinDeps } from '../define';
import {
  BODY_TYPES,
  RESPONSE_TYPES,
  canBeKept,
  decodeBody,
  encodeBody,
  formOf,
  pairsOf,
  type BodyType,
  type DecodedBody,
  type ResponseType,
} from '../http-body';
import { authSchema, basic, type HttpAuth } from '../http-auth';
import { HEARTBEAT, heartbeatFaults } from '../heartbeat';
import { secretOutOfPlace } from '../http-secrets';
import { expectedSchema, isExpected, isPassing, retryAfterMs, type ExpectedStatus } from '../http-status';
import { OAuth2Tokens } from '../oauth2-tokens';
import { textOf } from '../json-text';

const METHODS = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
const READING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
const MIB = 1024 * 1024;
/** The attempt's own time bound, which the signal carries, is the one that counts. */
const NO_BOUND_MS = 7 * 86_400_000;

interface Parameters {
  readonly method?: (typeof METHODS)[number];
  readonly url: string;
  readonly query?: Readonly<Record<string, Json>>;
  readonly headers?: Readonly<Record<string, string | number | boolean | null>>;
  readonly body?: Json;
  readonly bodyType?: BodyType;
  readonly auth?: HttpAuth;
  readonly expected?: readonly ExpectedStatus[];
  readonly responseType?: ResponseType;
  readonly maxResponseBytes?: number;
  readonly followRedirects?: number;
  readonly callback?: boolean;
  readonly heartbeat?: string;
}

const AUTH_TWICE = {
  pointer: '/auth',
  code: 'step.parameters_invalid',
  message: 'Give "auth" or the header Authorization, not both.',
};
const BEATS_ALONE = {
  pointer: '/heartbeat',
  code: 'step.parameters_invalid',
  message: '"heartbeat" is for the wait that "callback": true makes: give both, or neither.',
};

const scalar = { type: ['string', 'number', 'boolean', 'null'] };

export const operator = ({ http }: BuiltinDeps) => {
  const tokens = new OAuth2Tokens(http);

  /** Sends the request once, with this Authorization when there is one. */
  function send(parameters: Parameters, url: URL, authorization: string | undefined, context: OperatorContext) {
    const { method = 'GET', headers = {}, auth, maxResponseBytes = 10 * MIB, followRedirects = 0 } = parameters;
    const body = encodeLarge(parameters, context) ?? encodeBody(parameters.body, parameters.bodyType) ?? {};
    const sent: Record<string, string> = {
      accept: '*/*',
      'user-agent': 'flow-automation',
      // The same at every attempt, whatever the method: who is asked again can know it.
      'idempotency-key': context.idempotencyKey,
    };
    if (context.traceparent !== undefined) sent.traceparent = context.traceparent;
    if (body.contentType !== undefined) sent['content-type'] = body.contentType;
    for (const [name, value] of Object.entries(headers)) if (value !== null) sent[name.toLowerCase()] = textOf(value);
    if (auth?.type === 'apiKey' && auth.in !== 'query') sent[auth.name.toLowerCase()] = auth.value;
    if (authorization !== undefined) sent.authorization = authorization;
    return http.request({
      url: url.href,
      method,
      headers: sent,
      ...('open' in body ? { body: body.open } : body.text !== undefined && { body: body.text }),
      redirects: followRedirects,
      maxResponseBytes,
      timeoutMs: NO_BOUND_MS,
      signal: context.signal,
    });
  }

  async function exchange(
    parameters: Parameters,
    url: URL,
    context: OperatorContext,
  ): Promise<OutboundResponse | Outcome> {
    const { auth } = parameters;
    if (auth?.type === 'basic') return send(parameters, url, basic(auth.username, auth.password), context);
    if (auth?.type === 'bearer') return send(parameters, url, `Bearer ${auth.token}`, context);
    if (auth?.type !== 'oauth2') return send(parameters, url, undefined, context);
    const { domain } = context.instance;
    for (;;) {
      const answer = await tokens.token(auth, domain, context.clock, context.signal);
      if ('outcome' in answer) return answer.outcome;
      if (context.secretsInUse.length > 0) context.conceal(answer.token);
      const response = await send(parameters, url, `Bearer ${answer.token}`, context);
      if (response.status !== 401) return response;
      // A kept token may have been revoked; a fresh one that is not taken is the end. 401 means that nothing was done.
      tokens.forget(auth, domain);
      if (!answer.cached) return response;
    }
  }

  return defineAction<Parameters>({
    id: '@http/request',
    title: 'HTTP request',
    help: 'Calls a URL and gives back status, headers and body.',
    effect: 'write',
    effectOf: ({ method = 'GET' }) => (READING.has(method as string) ? 'read' : 'write'),
    idempotent: false,
    timeoutMs: 60_000,
    capabilities: ['network', 'secret'],
    takesLarge: ['body'],
    parameters: closed(
      {
        method: { enum: [...METHODS], default: 'GET' },
        url: { type: 'string', minLength: 1, maxLength: 8192, description: 'http:// or https://' },
        query: {
          type: 'object',
          additionalProperties: { anyOf: [scalar, { type: 'array', items: scalar }] },
          description: 'Added to the URL; null is left out, a list repeats its key',
        },
        headers: {
          type: 'object',
          propertyNames: { pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$" },
          additionalProperties: { ...scalar, 'x-secret': true },
          description: 'null is left out',
        },
        body: { description: 'What is sent' },
        bodyType: {
          enum: [...BODY_TYPES],
          description:
            'How the body is written; a text as text and anything else as JSON when absent. form takes an object',
        },
        auth: authSchema,
        expected: expectedSchema,
        responseType: {
          enum: [...RESPONSE_TYPES],
          default: 'auto',
          description: 'auto goes by the content type: JSON parsed, text, or Base64 for what is neither',
        },
        maxResponseBytes: {
          type: 'integer',
          minimum: 1,
          maximum: 64 * MIB,
          default: 10 * MIB,
          description: 'What is longer fails the step. A long body is kept in the blob store, not in memory',
        },
        followRedirects: {
          type: 'integer',
          minimum: 0,
          maximum: 10,
          default: 0,
          description: 'How many redirects are followed; headers and body go along within the same origin only',
        },
        callback: {
          type: 'boolean',
          default: false,
          description:
            'The answer comes later, to {{callbacks.<this step>.url}}, which the request hands over; the output is then {body, receivedAt}. Waits for a day, or for the time bound of the step',
        },
        heartbeat: HEARTBEAT,
      },
      ['url'],
    ),
    output: closed(
      {
        status: { type: 'integer' },
        headers: { type: 'object', additionalProperties: { type: 'string' }, description: 'Names in lower case' },
        body: { description: 'JSON parsed; else text; else Base64; null when there is none' },
        bodyType: { enum: ['json', 'text', 'base64', 'empty'], description: 'What the body is given as' },
      },
      ['status', 'headers', 'body', 'bodyType'],
    ),
    example: {
      parameters: {
        method: 'POST',
        url: 'https://api.example.com/orders',
        query: { dryRun: true },
        headers: { 'X-Api-Key': '{{secrets.shop}}' },
        body: { customer: 'c-1', total: 12.5 },
        expected: [201, '400-409'],
      },
      output: { status: 201, headers: { 'content-type': 'application/json' }, body: { id: 'o-1' }, bodyType: 'json' },
    },
    check({ auth, headers, callback, heartbeat }) {
      const names = typeof headers === 'object' && headers !== null ? Object.keys(headers) : [];
      const takesHeader = typeof auth === 'object' && auth !== null && (auth as Partial<HttpAuth>).type !== 'apiKey';
      const isTwice = takesHeader && names.some((name) => name.toLowerCase() === 'authorization');
      const isAlone = heartbeat !== undefined && callback !== true;
      return [
        ...heartbeatFaults({ heartbeat: heartbeat ?? null }),
        ...(isAlone ? [BEATS_ALONE] : []),
        ...(isTwice ? [AUTH_TWICE] : []),
      ];
    },
    async run(parameters, context) {
      const { method = 'GET', auth, query = {}, expected = ['200-399'], responseType = 'auto' } = parameters;
      const targets = [parameters.url, ...(auth?.type === 'oauth2' ? [auth.tokenUrl] : [])];
      const bad = targets.find((text) => !URL.canParse(text));
      if (bad !== undefined)
        return failed('outbound.invalid', 'The URL is not valid; it starts with http:// or https:// and names a host.');
      const urls = targets.map((text) => new URL(text));
      const [url = new URL(parameters.url)] = urls;
      const misplaced = secretOutOfPlace(context.secretsInUse, urls);
      if (misplaced)
        return failed(
          'secret.host_not_allowed',
          `The secret ${misplaced.secret} may not be sent to ${misplaced.host}.`,
        );
      const [invalid] = heartbeatFaults({ heartbeat: parameters.heartbeat ?? null });
      if (invalid) return failed(invalid.code, invalid.message);
      if (!encodeLarge(parameters, context) && !encodeBody(parameters.body, parameters.bodyType))
        return failed('http.body_invalid', 'A form body must be an object.');
      for (const [key, value] of pairsOf(query)) url.searchParams.append(key, value);
      if (auth?.type === 'apiKey' && auth.in === 'query') url.searchParams.append(auth.name, auth.value);
      try {
        const response = await exchange(parameters, url, context);
        if ('kind' in response) return response;
        context.log.info(`${method} ${url.host} answered ${response.status}`);
        const outcome = await outcomeOf(response, context, {
          expected,
          responseType,
          host: url.host,
          method,
          now: context.clock.now(),
        });
        return outcome.kind === 'done' && parameters.callback ? { kind: 'deferred' } : outcome;
      } catch (error) {
        if (!(error instanceof OutboundError)) throw error;
        return error.retryable ? failedForNow(error.code, error.message) : failed(error.code, error.message);
      }
    },
  });
};

/** A body with large values in it is written out while it is sent. A form is short: it is not sent so. */
function encodeLarge(
  { body = null, bodyType }: Parameters,
  { large }: OperatorContext,
): { readonly open: () => AsyncIterable<Uint8Array>; readonly contentType: string } | undefined {
  if (bodyType === 'form' || largeValuesIn(body).next().done === true) return undefined;
  const isText = large.text(body) !== undefined;
  if (bodyType === 'text' || (isText && bodyType !== 'json'))
    return { open: () => large.text(body) ?? large.json(body), contentType: 'text/plain; charset=utf-8' };
  return { open: () => large.json(body), contentType: 'application/json' };
}

/** The body as `decodeBody` gives it, kept in the blob store: it is looked at in another thread, or not at all. */
async function keepBody(
  bytes: Uint8Array,
  contentType: string | undefined,
  wanted: ResponseType,
  { large }: OperatorContext,
): Promise<DecodedBody | undefined> {
  const { form, isSure } = formOf(contentType, wanted);
  const open = () => pieces(bytes);
  const kept = await large.keep(open, { form, at: ['body'] });
  if ('value' in kept) return { body: kept.value, bodyType: form };
  if (isSure) return undefined;
  const text = await large.keep(open, { form: 'text', at: ['body'] });
  return 'value' in text ? { body: text.value, bodyType: 'text' } : undefined;
}

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  const size = 64 * 1024;
  for (let at = 0; at < bytes.length; at += size) {
    yield bytes.subarray(at, at + size);
    // Others get their turn.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

async function outcomeOf(
  { status, headers, body: all }: OutboundResponse,
  context: OperatorContext,
  ask: { expected: readonly ExpectedStatus[]; responseType: ResponseType; host: string; method: string; now: Date },
): Promise<Outcome> {
  const wanted = isExpected(status, ask.expected);
  const isLong = all.length > context.large.inlineBytes;
  const isKept = wanted && isLong && canBeKept(headers['content-type'], ask.responseType);
  // What a refused request came back with is for people: it is not kept when it is long.
  const body = !wanted && isLong ? all.subarray(0, 0) : all;
  const decoded = isKept
    ? await keepBody(body, headers['content-type'], ask.responseType, context)
    : decodeBody(body, headers['content-type'], wanted ? ask.responseType : 'auto');
  if (!decoded) return failed('http.body_invalid', `The answer of ${ask.host} is no JSON (status ${status}).`);
  const output = { status, headers, ...decoded };
  if (wanted) return done(output);
  const message = `${ask.method} ${ask.host} answered ${status}, which is not expected.${isLong ? ' Its long body is not kept.' : ''}`;
  if (!isPassing(status)) return failed('http.status', message, output);
  const waitMs = retryAfterMs(headers['retry-after'], ask.now);
  return failedForNow('http.status', message, { output, ...(waitMs !== undefined && { retryAfterMs: waitMs }) });
}
