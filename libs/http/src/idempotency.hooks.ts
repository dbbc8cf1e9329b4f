import { canonicalJson, type Clock, type IdGenerator } from '@flow/kernel';
import type { IdempotencyScope, IdempotencyStore, KeyedHash } from '@flow/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { headerOf } from './answer';
import { IdempotencyBodyMismatch, IdempotencyInProgress, IdempotencyKeyInvalid } from './http.errors';
import type { HttpLog } from './http-log';

const WAIT_MS = 10_000;
const LEASE_MS = 30_000;
const KEPT_HEADERS = ['content-type', 'location', 'etag'] as const;

/** A request that holds a key, between its begin and its answer. */
export interface OngoingIdempotency {
  readonly scope: IdempotencyScope;
  /** Begun before and never answered: its effect may have been done then. */
  readonly resumed: boolean;
  readonly release: () => void;
}

/**
 * Honours Idempotency-Key. Requests of this process with the same key take turns here; what the store says decides the rest:
 *
 *     new, resume → the handler runs with the reserved id → below 400: the answer is kept
 *                                                         → 4xx of a new one: it had no effect, the key is free again
 *                                                         → else: it may have had one, the key stays for a repeat
 *     done → the kept answer        in_progress → 409        mismatch → 422
 */
export class Idempotency {
  private readonly held = new Map<string, Promise<void>>();

  constructor(
    private readonly store: IdempotencyStore,
    private readonly clock: Clock,
    private readonly ids: IdGenerator,
    private readonly hash: KeyedHash,
    private readonly holder: string,
    private readonly log: HttpLog,
  ) {}

  /** Fastify's preHandler of an idempotent route. */
  readonly begin = async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    request.reservedId = this.ids.next();
    const key = headerOf(request, 'idempotency-key');
    if (key === undefined || !request.caller) return undefined;
    if (!/^[\x21-\x7e]{1,255}$/.test(key)) throw new IdempotencyKeyInvalid();
    const { domain, principal } = request.caller;
    const route = `${request.method} ${request.routeOptions.url ?? ''}`;
    const scope: IdempotencyScope = { domain, principal, route, key };
    const release = await this.takeTurn(scope);
    try {
      const standing = await this.store.begin({
        ...scope,
        bodyHash: this.hash.of(askedBy(request)),
        newId: request.reservedId,
        holder: this.holder,
        leaseMs: LEASE_MS,
        now: this.clock.now(),
      });
      // Its time was over meanwhile, and no handler comes.
      if (request.isOver) {
        release();
        return undefined;
      }
      switch (standing.kind) {
        case 'new':
        case 'resume':
          request.reservedId = standing.reservedId;
          request.ongoing = { scope, resumed: standing.kind === 'resume', release };
          return undefined;
        case 'in_progress':
          throw new IdempotencyInProgress();
        case 'mismatch':
          throw new IdempotencyBodyMismatch();
        case 'done': {
          const { status, headers, body } = standing.answer;
          release();
          return await reply.code(status).headers(headers).header('idempotency-replayed', 'true').send(body);
        }
      }
    } catch (error) {
      release();
      throw error;
    }
  };

  /** Fastify's onSend of an idempotent route: what is kept is durable before it is sent. */
  readonly end = async (request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> => {
    const { ongoing } = request;
    // One whose time was over is still under way: its turn ends with it, so that a repeat comes behind it.
    if (!ongoing || request.isOver) return payload;
    request.ongoing = null;
    try {
      const status = reply.statusCode;
      if (status < 400) {
        const body = typeof payload === 'string' ? payload : Buffer.isBuffer(payload) ? payload.toString('utf8') : '';
        await this.store.finish(ongoing.scope, { status, headers: keptHeadersOf(reply), body });
      } else if (status < 500 && !ongoing.resumed) await this.store.forget(ongoing.scope);
    } catch (error) {
      // The effect is done and safe to repeat under its id: an answer that could not be kept is no reason to withhold it.
      this.log.warn({ err: error, requestId: request.id }, 'the answer to an Idempotency-Key could not be kept');
    } finally {
      ongoing.release();
    }
    return payload;
  };

  /** Waits until no other request of this process holds the key. @throws IdempotencyInProgress after 10 s */
  private async takeTurn(scope: IdempotencyScope): Promise<() => void> {
    const name = JSON.stringify([scope.domain, scope.principal, scope.route, scope.key]);
    const endMs = this.clock.monotonicMs() + WAIT_MS;
    for (let holding = this.held.get(name); holding; holding = this.held.get(name)) {
      if (!(await this.within(holding, endMs - this.clock.monotonicMs()))) throw new IdempotencyInProgress();
    }
    let open = (): void => undefined;
    const turn = new Promise<void>((resolve) => {
      open = resolve;
    });
    this.held.set(name, turn);
    return () => {
      if (this.held.get(name) === turn) this.held.delete(name);
      open();
    };
  }

  private async within(event: Promise<void>, ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = this.clock.after(ms, () => resolve(false));
      void event.then(() => {
        cancel();
        resolve(true);
      });
    });
  }
}

/** All that a request asks for; it may hold secrets. */
function askedBy(request: FastifyRequest): string {
  return `${request.url}\n${canonicalJson(request.body)}`;
}

function keptHeadersOf(reply: FastifyReply): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of KEPT_HEADERS) {
    const value = reply.getHeader(name);
    if (value !== undefined) kept[name] = String(value);
  }
  return kept;
}
