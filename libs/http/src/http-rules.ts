import { Readable } from 'node:stream';
import type { IncomingMessage } from 'node:http';
import { TokenInvalid, type Caller, type Callers, type Demand } from '@flow/auth';
import type { RequestQuotas } from '@flow/quotas';
import { parseJsonBody, parseTextBody } from '@flow/platform';
import { readTraceparent, type Clock, type IdGenerator } from '@flow/kernel';
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions, onSendHookHandler } from 'fastify';
import { RouteAudit, type AuditHooks } from './audit.hooks';
import type { Drain } from './drain';
import { JSON_TYPE, YAML_TYPE } from './endpoint';
import {
  ContentTypeUnsupported,
  MethodNotAllowed,
  RequestMalformed,
  RequestTimedOut,
  RouteNotFound,
  ServerDraining,
} from './http.errors';
import type { AnsweredRequest, HttpLog } from './http-log';
import type { Idempotency } from './idempotency.hooks';
import { serverOf } from './listeners';
import { PROBLEM_TYPE, toAppError, toProblem } from './problem';
import { RequestBound } from './request-bound';
import { checkContentType, checkInput, hasBody, methodsAt, type RoutePlans } from './route-plans';
import { credentialsOf, noSessionCookie } from './session-cookie';

const REQUEST_ID = /^[A-Za-z0-9._:-]{1,128}$/;

const ALWAYS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

interface Parts {
  readonly callers: Callers;
  readonly ids: IdGenerator;
  readonly clock: Clock;
  readonly idempotency: Idempotency;
  readonly audit: AuditHooks;
  readonly quotas: RequestQuotas;
}

/**
 * What holds for every request, in this order: id and headers, drain, who may come and how often (before the body is read), content type, body, input,
 * Idempotency-Key, audit journal, handler; and at the end one place that turns whatever was thrown into a problem.
 */
export class HttpRules {
  private parts: Parts | undefined;

  constructor(
    private readonly plans: RoutePlans,
    private readonly drain: Drain,
    private readonly log: HttpLog,
    private readonly requestTimeoutMs: number,
    private readonly onAnswered: ((request: AnsweredRequest) => void) | undefined,
  ) {}

  install(fastify: FastifyInstance, parts: Parts): void {
    this.parts = parts;
    fastify.decorateRequest('caller', null);
    fastify.decorateRequest('denied', null);
    fastify.decorateRequest('audited', null);
    fastify.decorateRequest('errorCode', null);
    fastify.decorateRequest('reservedId', null);
    fastify.decorateRequest('ongoing', null);
    fastify.decorateRequest('bound', null);
    fastify.decorateRequest('bodyStream', null);
    fastify.decorateRequest('isOver', false);
    fastify.decorateRequest('traceparent', null);
    fastify.addHook('onRoute', (route) => this.onRoute(route, parts));
    fastify.addHook('onRequest', this.onRequest);
    fastify.addHook('preParsing', this.preParsing);
    fastify.addHook('preValidation', this.preValidation);
    fastify.addHook('onResponse', this.onResponse);
    fastify.setErrorHandler(this.onError);
    fastify.setNotFoundHandler(this.onNotFound);
    fastify.removeAllContentTypeParsers();
    const read = (type: string, parse: (bytes: Buffer, request: FastifyRequest) => unknown) =>
      fastify.addContentTypeParser(type, { parseAs: 'buffer' }, (request, body, done) => {
        try {
          const bytes = body as Buffer;
          if (bytes.length === 0) done(null, undefined);
          else done(null, request.routeOptions.config.plan?.endpoint?.raw ? bytes : parse(bytes, request));
        } catch (error) {
          done(error as Error);
        }
      });
    read(JSON_TYPE, (bytes, { routeOptions }) => parseJsonBody(bytes, routeOptions.config.plan?.depth ?? 1));
    // Whether a route takes YAML was checked before; it reads the text itself.
    read(YAML_TYPE, parseTextBody);
    // Only routes that read the bytes themselves take other types.
    read('*', (_bytes, { routeOptions }) => {
      throw new ContentTypeUnsupported(routeOptions.config.plan?.consumes ?? [JSON_TYPE]);
    });
  }

  /** Fastify's `genReqId`: the caller's own id when it is harmless, else a new one. */
  readonly requestId = (request: { readonly headers: IncomingMessage['headers'] }): string => {
    const given = request.headers['x-request-id'];
    return typeof given === 'string' && REQUEST_ID.test(given) ? given : (this.parts?.ids.next<string>() ?? '-');
  };

  /** Errors that Fastify finds before it has a route (a broken address). */
  readonly onFrameworkError = (_error: Error, request: FastifyRequest, reply: FastifyReply): void => {
    this.sendHeaders(request, reply);
    this.onError(new RequestMalformed(), request, reply);
  };

  private onRoute(route: RouteOptions, { idempotency, audit }: Parts): void {
    const plan = this.plans.add(route);
    // What is streamed is bounded by whoever reads it.
    if (plan.endpoint?.streams) route.bodyLimit = Number.MAX_SAFE_INTEGER;
    if (plan.access === 'public') return;
    const audited = new RouteAudit(plan);
    const isIdempotent = plan.endpoint?.idempotent ?? false;
    const begin = (request: FastifyRequest) => audit.begin(request, audited, waitMsOf(request));
    route.preHandler = [...(isIdempotent ? [idempotency.begin] : []), ...(audited.action === null ? [] : [begin])];
    const end: onSendHookHandler = (request, reply, payload, done) =>
      audit.end(request, reply, audited, () => done(null, payload));
    route.onSend = [...(isIdempotent ? [idempotency.end] : []), end];
  }

  private readonly onRequest = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    this.sendHeaders(request, reply);
    reply.raw.once('close', this.drain.enter());
    request.bound = new RequestBound((this.parts as Parts).clock, this.requestTimeoutMs, () =>
      this.onOver(request, reply),
    );
    const { plan } = request.routeOptions.config;
    if (this.drain.draining) {
      reply.header('connection', 'close');
      if (!plan?.endpoint?.whileDraining) throw new ServerDraining();
    }
    // An address without a plan is an unknown one: who has no token learns nothing about it.
    const access = plan?.access ?? 'token';
    if (access !== 'public') {
      request.caller = await this.admit(request, reply, access);
      // Probes are exempt, and so is what nobody needs a token for.
      if (!plan?.endpoint?.whileDraining) await this.charge(request.caller, reply);
    }
    if (plan) checkContentType(request, plan);
    if (hasBody(request)) request.bound.pause();
  };

  /** @throws what Callers.admit throws */
  private async admit(request: FastifyRequest, reply: FastifyReply, access: Demand): Promise<Caller> {
    const credentials = credentialsOf(request);
    try {
      return await (this.parts as Parts).callers.admit(credentials, access, (who) => {
        request.denied = who;
      });
    } catch (error) {
      // The page cannot take away itself what is of no use any more.
      if (error instanceof TokenInvalid && credentials.session !== undefined)
        reply.header('set-cookie', noSessionCookie());
      throw error;
    }
  }

  /** @throws QuotaExceeded */
  private async charge(caller: Caller, reply: FastifyReply): Promise<void> {
    const charged = await (this.parts as Parts).quotas.charge(caller);
    if (!charged) return;
    const { limit, windowMs, remaining, resetMs, refusal } = charged;
    reply
      .header('ratelimit-policy', `${limit};w=${windowMs / 1_000}`)
      .header('ratelimit-limit', String(limit))
      .header('ratelimit-remaining', String(remaining))
      .header('ratelimit-reset', String(Math.ceil(resetMs / 1_000)));
    if (refusal) throw refusal;
  }

  /** What streams is left for the handler; for Fastify there is no body. */
  private readonly preParsing = (
    request: FastifyRequest,
    _reply: FastifyReply,
    payload: Readable,
    done: (error: Error | null, payload: Readable) => void,
  ): void => {
    if (!request.routeOptions.config.plan?.endpoint?.streams || !hasBody(request)) {
      done(null, payload);
      return;
    }
    request.bodyStream = payload;
    const receivedEncodedLength = Number(request.headers['content-length'] ?? 0);
    done(null, Object.assign(Readable.from([]), { receivedEncodedLength }));
  };

  private readonly preValidation = (
    request: FastifyRequest,
    _reply: FastifyReply,
    done: (error?: Error) => void,
  ): void => {
    const { plan } = request.routeOptions.config;
    try {
      if (plan) checkInput(request, plan);
      const { bodyStream } = request;
      // How long it takes to arrive does not count.
      if (bodyStream) bodyStream.once('end', () => request.bound?.goOn(waitMsOf(request)));
      else request.bound?.goOn(waitMsOf(request));
      done();
    } catch (error) {
      done(error as Error);
    }
  };

  /** An answer that has begun, as that of a stream, is nobody's to cut. */
  private onOver(request: FastifyRequest, reply: FastifyReply): void {
    if (reply.sent || reply.raw.headersSent) return;
    const writes = request.headers['idempotency-key'] === undefined ? 'writes' : 'writes under a key';
    request.isOver = true;
    void reply.send(new RequestTimedOut(READS.has(request.method) ? 'reads' : writes));
  }

  private readonly onNotFound = (request: FastifyRequest, reply: FastifyReply): void => {
    const path = request.url.split('?')[0] ?? '';
    const server = serverOf(request.raw);
    const allowed = server ? methodsAt(this.plans.of(server), path) : [];
    this.onError(allowed.length > 0 ? new MethodNotAllowed(allowed) : new RouteNotFound(), request, reply);
  };

  private readonly onError = (thrown: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const error = toAppError(thrown);
    request.errorCode = error.code;
    const { status, headers, body } = toProblem(error, request.id, request.url.split('?')[0] ?? '');
    if (error.kind === 'internal')
      this.log.error({ ...factsOf(request), err: thrown }, 'a request failed because of a bug');
    // What a store that is away refuses to many is told in moderation by the log itself.
    else if ((error.kind === 'unavailable' || error.kind === 'storage_full') && !(error instanceof ServerDraining))
      this.log.warn({ ...factsOf(request), err: error }, 'a request was refused');
    // Its body was not read to the end: the connection cannot be used again.
    const { bodyStream } = request;
    if (error.kind === 'too_large' || (bodyStream && !bodyStream.readableEnded)) reply.header('connection', 'close');
    void reply.code(status).headers(headers).type(PROBLEM_TYPE).serializer(JSON.stringify).send(body);
  };

  private readonly onResponse = (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
    request.bound?.end();
    const { plan } = request.routeOptions.config;
    const durationMs = reply.elapsedTime;
    const route = plan?.path ?? 'unknown';
    this.onAnswered?.({
      server: serverOf(request.raw) ?? 'public',
      method: request.method,
      route,
      status: reply.statusCode,
      durationMs,
    });
    if (this.log.isLevelEnabled('debug'))
      this.log.debug({ ...factsOf(request), route, status: reply.statusCode, durationMs }, 'request');
    done();
  };

  private sendHeaders(request: FastifyRequest, reply: FastifyReply): void {
    reply.headers(ALWAYS).header('x-request-id', request.id);
    const given = request.headers.traceparent;
    const traceparent = typeof given === 'string' ? readTraceparent(given) : undefined;
    if (traceparent !== undefined) {
      request.traceparent = traceparent;
      reply.header('traceparent', traceparent);
    }
  }
}

const READS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/** What the route waits for by itself. */
function waitMsOf(request: FastifyRequest): number {
  const { mayWaitMs = 0 } = request.routeOptions.config.plan?.endpoint ?? {};
  return typeof mayWaitMs === 'function' ? mayWaitMs(request.query as never) : mayWaitMs;
}

/** What opens a door: the ids of hooks, and what is longer than any id, as the tokens of callbacks are. */
const CREDENTIAL = /(?<=\/hooks\/)[^/]+|[^/]{65,}/g;

/** What a log line says of a request: never its body, its query or its headers. */
function factsOf(request: FastifyRequest): object {
  return {
    requestId: request.id,
    method: request.method,
    path: request.url.split('?')[0]?.replaceAll(CREDENTIAL, '...'),
    ...(request.traceparent !== null && { traceparent: request.traceparent }),
    ...(request.caller && { domain: request.caller.domain, principal: request.caller.principal }),
  };
}
