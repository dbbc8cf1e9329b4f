import { auditedText, type AuditResult, type AuditTrail, type AuditedCommand } from '@flow/audit';
import type { Denied } from '@flow/auth';
import type { Clock, IdGenerator, JsonObject } from '@flow/kernel';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { HttpLog } from './http-log';
import type { RoutePlan } from './route-plans';

/** What a refusal costs whoever sends it again and again: too little to be recorded each time. */
const DENIALS: ReadonlySet<number> = new Set([401, 403, 429]);

/** A batch of a thousand ids. */
const LONGEST_DETAILS = 32 * 1_024;

/**
 * Every command that comes in over HTTP has an audit record. Before the handler runs it stands in the journal; what is refused before that is
 * noted with its answer; of reads only those that are forbidden are noted.
 */
export class AuditHooks {
  constructor(
    private readonly trail: AuditTrail,
    private readonly clock: Clock,
    private readonly ids: IdGenerator,
    private readonly requestTimeoutMs: number,
    private readonly log: HttpLog,
  ) {}

  /** Fastify's preHandler, behind that of Idempotency-Key. @throws AuditBehind, and what keeps the journal from being written */
  async begin(request: FastifyRequest, route: RouteAudit, waitMs: number): Promise<void> {
    const { action } = route;
    if (!request.caller || action === null || request.isOver) return;
    const command = this.commandOf(request, route, request.caller, action);
    request.audited = command;
    await this.trail.begin(command, this.requestTimeoutMs + waitMs);
  }

  /** Fastify's onSend. What is refused or denied (4xx) is answered when that stands in the journal. */
  end(request: FastifyRequest, reply: FastifyReply, route: RouteAudit, done: () => void): void {
    const status = reply.statusCode;
    const { audited } = request;
    if (audited) {
      this.trail.end(audited.id, this.resultOf(request, status), {
        ...(route.creates && status < 500 && { object: { ...audited.object, id: createdOf(reply) } }),
        ...(hasCreatedNothing(status, audited) && { details: withoutCreated(audited.details) }),
      });
      done();
      return;
    }
    const who = request.caller ?? request.denied;
    const isCommand = route.action !== null && (status >= 400 || reply.hasHeader('idempotency-replayed'));
    if (!who || !(isCommand || status === 403)) {
      done();
      return;
    }
    const details = reply.hasHeader('idempotency-replayed') ? { replayed: true } : {};
    const command = this.commandOf(request, route, who, route.action ?? route.asks, details);
    const result = this.resultOf(request, status);
    const noting = DENIALS.has(status) ? this.trail.noteDenied(command, result) : this.trail.note(command, result);
    const noted = noting.catch((error: unknown) => {
      // What it refuses has changed nothing: the answer is right all the same.
      this.log.error({ err: error, action: command.action, ...command.actor }, 'a refusal could not be recorded');
    });
    // An answer that a store is away does not wait for that store.
    if (status >= 500) done();
    else void noted.then(done);
  }

  private commandOf(
    request: FastifyRequest,
    route: RouteAudit,
    { principal, tokenId, domain }: Denied,
    action: string,
    more?: JsonObject,
  ): AuditedCommand {
    return {
      id: this.ids.next(),
      domain,
      at: this.clock.now(),
      actor: { principal, tokenId },
      action,
      object: route.objectOf(request),
      requestId: request.id,
      traceId: request.traceparent?.split('-')[1] ?? null,
      remote: request.ip,
      details: more ?? route.detailsOf(request),
    };
  }

  private resultOf({ errorCode }: FastifyRequest, status: number): AuditResult {
    const outcome = status < 400 ? 'done' : status < 500 ? 'refused' : 'failed';
    return { outcome, endedAt: this.clock.now(), status, code: errorCode };
  }
}

/** What is known of a route's commands from its declaration. */
export class RouteAudit {
  /** null: it has none. */
  readonly action: string | null;
  /** What it asks of those who come; of reads that is all that is said. */
  readonly asks: string;
  private readonly about: string;
  private readonly parameter: string | undefined;
  private readonly shown: ((body: never) => JsonObject) | undefined;

  constructor({ endpoint, path, access }: RoutePlan) {
    this.action = endpoint?.action ?? null;
    this.asks = access === 'token' ? 'token.use' : access;
    const [, before = '', parameter] = /([^/]+)\/:(\w+)/.exec(path) ?? [];
    this.parameter = parameter;
    const noun = (this.action ?? this.asks).split('.')[0] as string;
    // `/dead-letters/:id` is about a dead_letter.
    this.about = before.endsWith('s') ? before.slice(0, -1).replaceAll('-', '_') : noun;
    this.shown = endpoint?.audited;
  }

  /** Whether it is about what it creates: then the answer names that, and an id that was kept for it may be nothing's. */
  get creates(): boolean {
    return this.parameter === undefined;
  }

  /** What stands first in the address, or what is to be created. */
  objectOf({ params, reservedId }: FastifyRequest): AuditedCommand['object'] {
    const { parameter, about } = this;
    const named = parameter === undefined ? undefined : (params as Record<string, string>)[parameter];
    return { type: about, id: named === undefined ? reservedId : auditedText(named) };
  }

  /** Of a request that is valid. */
  detailsOf({ body, reservedId }: FastifyRequest): JsonObject {
    const created = this.parameter !== undefined && reservedId !== null ? { created: reservedId } : {};
    const shown = this.shown?.((body ?? {}) as never) ?? {};
    return { ...created, ...(JSON.stringify(shown).length <= LONGEST_DETAILS ? shown : { omitted: 'too long' }) };
  }
}

/** The last part of the place that the answer names; null where nothing, or many, were created. */
function createdOf(reply: FastifyReply): string | null {
  const place = reply.getHeader('location');
  return typeof place === 'string' ? auditedText(place.split('/').at(-1) ?? '') : null;
}

/** What was refused or a dry run, whatever id was kept for it. */
const hasCreatedNothing = (status: number, { details }: AuditedCommand): boolean =>
  (status >= 400 && status < 500) || details['dryRun'] === true;

function withoutCreated(details: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(details).filter(([name]) => name !== 'created'));
}
