import type { Caller } from '@flow/auth';
import { Controller, HttpCode, applyDecorators, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { API_PREFIX, type ServedBy } from './access';
import type { Dto } from './dto-schemas';
import { BodyMissing, RequestMalformed } from './http.errors';
import { statusOf, type EndpointOptions, type RouteDeclaration } from './endpoint';

const ENDPOINT = Symbol('endpoint');

/** Declares a route: who may come, what it takes and gives. Without it the process does not start. */
export function Endpoint(options: EndpointOptions): MethodDecorator {
  return applyDecorators(HttpCode(statusOf(options)), (_target, _key, descriptor) => {
    Reflect.defineMetadata(ENDPOINT, options, (descriptor as PropertyDescriptor).value as object);
  });
}

interface ApiOptions {
  /** The heading in the documentation; the path when left out. */
  readonly tag?: string;
}

/** A controller of the public API, below its prefix. */
export function PublicApi(path: string, options: ApiOptions = {}): ClassDecorator {
  return api('public', [`${API_PREFIX}/${path}`], options.tag ?? path);
}

/** A controller of the private API, below the same prefix. */
export function PrivateApi(path: string, options: ApiOptions = {}): ClassDecorator {
  return api('private', [`${API_PREFIX}/${path}`], options.tag ?? path);
}

/** A controller that both APIs have, below the same prefix. */
export function SharedApi(path: string, options: ApiOptions = {}): ClassDecorator {
  return api('both', [`${API_PREFIX}/${path}`], options.tag ?? path);
}

/** A controller that both servers have, with and without the prefix: what watches processes looks there. */
export function ProbeApi(path: string, options: ApiOptions = {}): ClassDecorator {
  return api('both', [path, `${API_PREFIX}/${path}`], options.tag ?? path);
}

/** A controller outside the prefix, on one server. */
export function RootApi(server: ServedBy, path: string, options: ApiOptions = {}): ClassDecorator {
  return api(server, [path], options.tag ?? path);
}

/** The caller that the request was let in as; not on public routes. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const { caller } = context.switchToHttp().getRequest<FastifyRequest>();
  if (!caller) throw new Error('A public route has no caller.');
  return caller;
});

/** The id that a creating endpoint gives to what it creates: the same for every repeat of an Idempotency-Key. */
export const ReservedId = createParamDecorator((_: unknown, context: ExecutionContext): string => {
  const { reservedId } = context.switchToHttp().getRequest<FastifyRequest>();
  if (reservedId === null) throw new Error('Only an endpoint that is declared idempotent reserves an id.');
  return reservedId;
});

/** Whether that id may have been used before: by a request of the same Idempotency-Key that was never answered. */
export const IsResumed = createParamDecorator((_: unknown, context: ExecutionContext): boolean => {
  const { ongoing } = context.switchToHttp().getRequest<FastifyRequest>();
  return ongoing?.resumed ?? false;
});

/** The body of an endpoint that is declared to stream, as it arrives: to be read once. @throws BodyMissing */
export const BodyStream = createParamDecorator((_: unknown, context: ExecutionContext): AsyncIterable<Uint8Array> => {
  const { bodyStream } = context.switchToHttp().getRequest<FastifyRequest>();
  if (!bodyStream) throw new BodyMissing();
  return arriving(bodyStream);
});

/** Whoever stops in the midst of it leaves the connection open for the answer. */
async function* arriving(stream: Readable): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of stream.iterator({ destroyOnReturn: false })) yield piece as Uint8Array;
  } catch {
    throw new RequestMalformed();
  }
}

/** The W3C `traceparent` that the request came with; none when that is malformed. */
export const Traceparent = createParamDecorator((_: unknown, context: ExecutionContext): string | undefined => {
  const { traceparent } = context.switchToHttp().getRequest<FastifyRequest>();
  return traceparent ?? undefined;
});

function api(server: ServedBy, paths: string[], tag: string): ClassDecorator {
  return (target) => {
    Controller(paths)(target);
    const prototype = target.prototype as Record<string, unknown>;
    for (const name of Object.getOwnPropertyNames(prototype)) {
      const method = Object.getOwnPropertyDescriptor(prototype, name)?.value as object | undefined;
      const endpoint = method && (Reflect.getMetadata(ENDPOINT, method) as EndpointOptions | undefined);
      if (!endpoint) continue;
      const bodyDto = dtoOf(target, name, RouteParamtypes.BODY);
      const queryDto = dtoOf(target, name, RouteParamtypes.QUERY);
      if (!bodyDto && !endpoint.body && !endpoint.raw && takes(target, name, RouteParamtypes.BODY))
        throw new Error(`${target.name}.${name} takes a body of no known shape: give it a DTO class or \`body\`.`);
      const declaration: RouteDeclaration = {
        access: endpoint.access,
        server,
        endpoint: { ...endpoint, tag: endpoint.tag ?? tag },
        handler: `${target.name}.${name}`,
        ...(bodyDto && { bodyDto }),
        ...(queryDto && { queryDto }),
      };
      RouteConfig(declaration)(method as () => unknown);
    }
  };
}

type Arguments = Readonly<Record<string, { readonly index: number; readonly data?: unknown }>>;

function argumentsOf(controller: object, method: string, kind: RouteParamtypes) {
  const all = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, method) ?? {}) as Arguments;
  return Object.entries(all)
    .filter(([key]) => key.startsWith(`${kind}:`))
    .map(([, argument]) => argument);
}

function takes(controller: object, method: string, kind: RouteParamtypes): boolean {
  return argumentsOf(controller, method, kind).length > 0;
}

const NO_DTO: ReadonlySet<unknown> = new Set([Object, Array, String, Number, Boolean]);

/** The class of the `@Body()` or `@Query()` parameter that takes the whole of it. */
function dtoOf(controller: { prototype: unknown }, method: string, kind: RouteParamtypes): Dto | undefined {
  const prototype = controller.prototype as object;
  const types = (Reflect.getMetadata('design:paramtypes', prototype, method) ?? []) as unknown[];
  const whole = argumentsOf(controller, method, kind).find(({ data }) => data === undefined);
  const type = whole && types[whole.index];
  return typeof type === 'function' && !NO_DTO.has(type) ? (type as Dto) : undefined;
}
