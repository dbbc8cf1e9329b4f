import { RequestInvalid, pointerTo, type Fault } from '@flow/kernel';
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import type { ServedBy, ServerName } from './access';
import { DtoSchemas, type Dto, type JsonSchema } from './dto-schemas';
import { ANY_TYPE, DEFAULT_DEPTH, JSON_TYPE, JSON_TYPES, type RouteDeclaration } from './endpoint';
import { BodyMissing, BodyUnexpected, ContentTypeUnsupported, RequestMalformed } from './http.errors';
import { Validators, type Validator } from './validator';

/** A route as it is served: its declaration with everything compiled. */
export interface RoutePlan extends RouteDeclaration {
  readonly method: string;
  /** As Fastify writes it: `/dags/:id`. */
  readonly path: string;
  readonly consumes: readonly string[];
  readonly depth: number;
  readonly bodySchema?: JsonSchema;
  readonly querySchema?: JsonSchema;
  readonly checkBody?: Validator;
  readonly checkQuery?: Validator;
}

export class RouteUndeclared extends Error {
  constructor(method: string, path: string) {
    super(
      `${method} ${path} does not declare who may come: give it @Endpoint in a class with @PublicApi, @PrivateApi or @ProbeApi.`,
    );
    this.name = 'RouteUndeclared';
  }
}

export class RouteUnaudited extends Error {
  constructor(method: string, path: string) {
    super(
      `${method} ${path} does not say what the audit trail calls what it does: give its @Endpoint an \`action\`, noun.verb, or null.`,
    );
    this.name = 'RouteUnaudited';
  }
}

const NO_FIELDS: JsonSchema = { type: 'object', properties: {}, additionalProperties: false };
const WITH_BODY = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);
const ACTION = /^[a-z][a-z_]*\.[a-z][a-z_]*$/;

/** All routes of a Fastify instance, each with its declaration; a route without one stops the start. */
export class RoutePlans {
  readonly schemas = new DtoSchemas();
  private readonly validators = new Validators();
  private readonly plans: RoutePlan[] = [];

  /** What each server serves. HEAD is left out: Fastify answers it wherever there is a GET. */
  of(server: ServerName): readonly RoutePlan[] {
    return this.plans.filter((plan) => plan.server === server || plan.server === 'both');
  }

  get all(): readonly RoutePlan[] {
    return this.plans;
  }

  /** To be called for each route as it is added; compiles its checks and binds it to its server. @throws RouteUndeclared, RouteUnaudited */
  add(route: RouteOptions): RoutePlan {
    const declared = route.config;
    const methods = ([] as string[]).concat(route.method);
    if (!declared?.access || !declared.server) throw new RouteUndeclared(methods.join(), route.url);
    const declaration = declared as RouteDeclaration;
    const { endpoint } = declaration;
    const isCommand = methods.some((method) => WITH_BODY.has(method));
    if (isCommand && !(endpoint?.action === null || ACTION.test(endpoint?.action ?? '')))
      throw new RouteUnaudited(methods.join(), route.url);
    const plan = this.compile(declaration, methods[0] ?? '', route.url);
    route.config = { ...declared, plan };
    if (plan.server !== 'both') route.constraints = { ...route.constraints, server: plan.server };
    if (!methods.includes('HEAD')) this.plans.push(plan);
    return plan;
  }

  private compile(declaration: RouteDeclaration, method: string, path: string): RoutePlan {
    const { endpoint } = declaration;
    const body = endpoint?.body ?? declaration.bodyDto;
    const query = declaration.queryDto;
    const bodySchema = body && this.schemaOf(body);
    const querySchema = endpoint && !endpoint.raw && (query ? this.schemas.refTo(query) : NO_FIELDS);
    const { definitions } = this.schemas;
    return {
      ...declaration,
      method,
      path,
      consumes: endpoint?.consumes ?? [JSON_TYPE],
      depth: endpoint?.depth ?? DEFAULT_DEPTH,
      ...(bodySchema && { bodySchema, checkBody: this.validators.body(bodySchema, definitions) }),
      ...(querySchema && { querySchema, checkQuery: this.validators.query(querySchema, definitions) }),
    };
  }

  private schemaOf(shape: JsonSchema | Dto): JsonSchema {
    return typeof shape === 'function' ? this.schemas.refTo(shape) : shape;
  }
}

export function hasBody({ raw: { headers } }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Refuses a body in a type that the route does not take, before it is read. */
export function checkContentType(request: FastifyRequest, plan: RoutePlan): void {
  const { headers } = request.raw;
  if (!hasBody(request) || !WITH_BODY.has(plan.method)) return;
  if (plan.endpoint && !takesBody(plan)) throw new BodyUnexpected();
  const [type = '', ...parameters] = (headers['content-type'] ?? '')
    .split(';')
    .map((part) => part.trim().toLowerCase());
  const inUtf8 = parameters.every(
    (parameter) => !parameter.startsWith('charset=') || /^charset="?utf-?8"?$/.test(parameter),
  );
  const plain = headers['content-encoding'] === undefined || headers['content-encoding'] === 'identity';
  if (!takesType(plan, type) || !inUtf8 || !plain) throw new ContentTypeUnsupported(plan.consumes);
}

const TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/;

function takesType({ consumes }: RoutePlan, type: string): boolean {
  if (consumes.includes(type)) return true;
  if (!TYPE.test(type)) return false;
  const isJson = type.startsWith('application/') && type.endsWith('+json');
  return consumes.includes(ANY_TYPE) || (isJson && consumes.includes(JSON_TYPES));
}

/** Body and query against their schemas: every fault of both at once. */
export function checkInput(request: FastifyRequest, plan: RoutePlan): void {
  // No name and no id holds U+0000, and stores cannot look for one that does.
  if (Object.values(request.params as Record<string, string>).some(hasNul)) throw new RequestMalformed();
  const faults: Fault[] = [];
  if (plan.checkBody) {
    if (request.body === undefined) {
      if (!plan.endpoint?.bodyOptional) throw new BodyMissing();
      request.body = {};
    }
    const type = request.raw.headers['content-type'];
    if (type === undefined || type.toLowerCase().startsWith(JSON_TYPE)) faults.push(...plan.checkBody(request.body));
  }
  if (plan.checkQuery) {
    faults.push(...plan.checkQuery(request.query));
    for (const [name, value] of Object.entries(request.query as Record<string, unknown>))
      if (hasNul(value))
        faults.push({ pointer: pointerTo('', name), code: 'text.not_storable', message: 'The text holds U+0000.' });
  }
  if (faults.length > 0) throw new RequestInvalid(faults);
}

function hasNul(value: unknown): boolean {
  return typeof value === 'string' ? value.includes('\0') : Array.isArray(value) && value.some(hasNul);
}

function takesBody({ checkBody, endpoint }: RoutePlan): boolean {
  return checkBody !== undefined || endpoint?.consumes !== undefined;
}

/** Methods that an address answers on a server, for 405. */
export function methodsAt(plans: readonly RoutePlan[], path: string): string[] {
  const segments = path.split('/');
  const matches = plans.filter((plan) => {
    const pattern = plan.path.split('/');
    return (
      pattern.length === segments.length &&
      pattern.every((part, i) => (part.startsWith(':') ? segments[i] !== '' : part === segments[i]))
    );
  });
  const methods = new Set(matches.map(({ method }) => method));
  if (methods.has('GET')) methods.add('HEAD');
  return [...methods].sort();
}

const PLANS = new WeakMap<object, RoutePlans>();

export function rememberPlans(fastify: FastifyInstance, plans: RoutePlans): void {
  PLANS.set(fastify, plans);
}

export interface ServedRoute {
  readonly server: ServedBy;
  /** `METHOD /path` */
  readonly route: string;
  /** Of the console: in no document. */
  readonly isPage: boolean;
}

/** Every route that a Fastify instance of ours serves. */
export function routesOf(fastify: object): readonly ServedRoute[] {
  const plans = PLANS.get(fastify);
  if (!plans) throw new Error('This Fastify instance was not made by createHttpServer.');
  return plans.all.map(({ server, method, path, isPage = false }) => ({ server, route: `${method} ${path}`, isPage }));
}
