import 'fastify';
import type { Caller } from '@flow/auth';
import type { OngoingIdempotency } from './idempotency.hooks';
import type { RouteDeclaration } from './endpoint';
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
    /** W3C trace context that it came with, when that is valid: see `readTraceparent`. */
    traceparent: string | null;
  }
}
