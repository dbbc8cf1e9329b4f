import 'fastify';
import type { AuditedCommand } from '@flow/audit';
import type { Caller, Denied } from '@flow/auth';
import type { Readable } from 'node:stream';
import type { OngoingIdempotency } from './idempotency.hooks';
import type { RouteDeclaration } from './endpoint';
import type { RequestBound } from './request-bound';
import type { RoutePlan } from './route-plans';

declare module 'fastify' {
  interface FastifyContextConfig extends Partial<RouteDeclaration> {
    plan?: RoutePlan;
  }
  interface FastifyRequest {
    /** Who asks; null on public routes. */
    caller: Caller | null;
    /** Whose valid token it was that did not do. */
    denied: Denied | null;
    /** The command as its record begins; null until it has one. */
    audited: AuditedCommand | null;
    /** Of the problem that it is answered with. */
    errorCode: string | null;
    /** The id for what an idempotent endpoint creates. */
    reservedId: string | null;
    ongoing: OngoingIdempotency | null;
    /** Until it is answered. */
    bound: RequestBound | null;
    /** Of an endpoint that reads its body itself. */
    bodyStream: Readable | null;
    /** It was answered since its time was over; what it has begun goes on. */
    isOver: boolean;
    /** W3C trace context that it came with, when that is valid: see `readTraceparent`. */
    traceparent: string | null;
  }
}
