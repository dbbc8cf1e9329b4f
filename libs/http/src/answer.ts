import { RequestInvalid } from '@flow/kernel';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { IfMatchInvalid } from './http.errors';
import type { FastifyRequest } from 'fastify';

/** What a handler gives when the body is not all: a status of its own, a place, an ETag. */
export class Answer<T> {
  constructor(
    readonly body: T,
    readonly about: {
      readonly status?: number;
      /** Path of what was created. */
      readonly location?: string;
      /** The state of what is shown, without quotes; comes back in If-Match. */
      readonly etag?: string | number;
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ) {}

  get headers(): Readonly<Record<string, string>> {
    const { location, etag, headers } = this.about;
    return {
      ...headers,
      ...(location !== undefined && { location }),
      ...(etag !== undefined && { etag: `"${etag}"` }),
    };
  }
}

/** The ETag that the request insists on, without quotes; undefined when any state will do. @throws IfMatchInvalid */
export function ifMatch(request: {
  readonly headers: { readonly 'if-match'?: string | undefined };
}): string | undefined {
  const header = request.headers['if-match']?.trim();
  if (header === undefined || header === '*') return undefined;
  const tag = /^"([\x21\x23-\x7e]{1,128})"$/.exec(header)?.[1];
  if (tag === undefined) throw new IfMatchInvalid();
  return tag;
}

/** As `ifMatch`, for ETags that are revision numbers. */
export function ifMatchRevision(request: Parameters<typeof ifMatch>[0]): number | undefined {
  const tag = ifMatch(request);
  if (tag === undefined) return undefined;
  // Not a number of ours: it names no state that ever was, so it is stale rather than broken.
  return /^\d{1,15}$/.test(tag) ? Number(tag) : -1;
}

/** `@IfMatch() revision: number | undefined`: what `ifMatchRevision` gives. */
export const IfMatch = createParamDecorator((_: unknown, context: ExecutionContext): number | undefined =>
  ifMatchRevision(context.switchToHttp().getRequest<FastifyRequest>()),
);

/** A header that may come once, as text. */
export function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  if (value === undefined || typeof value === 'string') return value;
  throw new RequestInvalid([{ pointer: '', code: 'header.repeated', message: `Send the header ${name} once.` }]);
}
