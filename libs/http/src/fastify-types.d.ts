import 'fastify';
import type { Caller } from '@flow/auth';
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
