import { SERVER_NAMES, type ServerName } from './access';
import { DEFS, type JsonSchema } from './dto-schemas';
import { JSON_TYPE, YAML_TYPE, statusOf, type AnswerShape, type EndpointOptions } from './endpoint';
import { PROBLEM_TYPE } from './problem';
import type { RoutePlan, RoutePlans } from './route-plans';

/** OpenAPI 3.1, as plain JSON. */
export interface OpenApiDocument {
  readonly openapi: '3.1.1';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: JsonSchema;
}

export interface OpenApiParameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}

interface Content {
  readonly [mediaType: string]: { readonly schema: JsonSchema };
}

export interface OpenApiOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly security: readonly JsonSchema[];
  readonly parameters: readonly OpenApiParameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>;
  /** Who may come: a permission, `token` or `public`. */
  readonly 'x-access': string;
  /** What the audit trail calls it; null for what it does not record. */
  readonly 'x-audit-action': string | null;
  /** Codes that are particular to this operation; docs/errors.md lists all. */
  readonly 'x-error-codes': readonly string[];
}

const PROBLEM: JsonSchema = {
  type: 'object',
  description:
    'What went wrong (RFC 9457). `code` is stable; `errors` names every fault with a JSON pointer into the request.',
  required: ['type', 'title', 'status', 'code', 'detail', 'instance', 'requestId'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string' },
    detail: { type: 'string' },
    instance: { type: 'string' },
    requestId: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['pointer', 'code', 'message'],
        properties: { pointer: { type: 'string' }, code: { type: 'string' }, message: { type: 'string' } },
      },
    },
  },
};

const PHRASES: Readonly<Record<number, string>> = {
  200: 'Done.',
  201: 'Created.',
  202: 'Accepted; it goes on.',
  204: 'Done; there is nothing to show.',
};

const SHAPED: Readonly<Record<ServerName, string>> = { public: 'Public API', private: 'Private API' };

/** The path of a route as OpenAPI writes it: `/dags/{id}`. */
export function openApiPath(path: string): string {
  return path.replace(/:([A-Za-z0-9_]+)/g, '{$1}');
}

/** The document of one server, made of its routes' declarations: what is not declared is not served, so the two cannot differ. */
export function toOpenApi(plans: RoutePlans, server: ServerName, version: string): OpenApiDocument {
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  const tags = new Set<string>();
  for (const plan of plans.of(server)) {
    if (plan.isPage) continue;
    const operation = operationOf(plan, plans);
    operation.tags.forEach((tag) => tags.add(tag));
    (paths[openApiPath(plan.path)] ??= {})[plan.method.toLowerCase()] = operation;
  }
  return atComponents({
    openapi: '3.1.1',
    info: {
      title: `Flow Automation: ${SHAPED[server]}`,
      version,
      description: 'Stores, versions and runs flows: define them by REST, run them durably, watch them live.',
    },
    tags: [...tags].sort().map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: { ...plans.schemas.definitions, Problem: PROBLEM },
    },
  });
}

function operationOf(plan: RoutePlan, plans: RoutePlans): OpenApiOperation {
  const { access, endpoint } = plan;
  const about = endpoint ?? { access, summary: `${plan.method} ${plan.path}` };
  const own = `${plan.method.toLowerCase()}${plan.path.replace(/[^A-Za-z0-9]+(.)?/g, (_, next: string | undefined) => next?.toUpperCase() ?? '')}`;
  return {
    operationId: own,
    tags: [about.tag ?? 'Documentation'],
    summary: about.summary,
    ...(about.description !== undefined && { description: about.description }),
    security: access === 'public' ? [] : [{ token: [] }],
    parameters: [...pathParameters(plan), ...queryParameters(plan, plans), ...headerParameters(plan)],
    ...bodyOf(plan, about),
    responses: responsesOf(about, plans),
    'x-access': access,
    'x-audit-action': about.action ?? null,
    'x-error-codes': about.errors ?? [],
  };
}

function pathParameters(plan: RoutePlan): OpenApiParameter[] {
  return [...plan.path.matchAll(/:([A-Za-z0-9_]+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function queryParameters(plan: RoutePlan, plans: RoutePlans): OpenApiParameter[] {
  const name = plan.queryDto?.name;
  const schema = name === undefined ? undefined : plans.schemas.definitions[name];
  const required = (schema?.required ?? []) as string[];
  const properties = (schema?.properties ?? {}) as Record<string, JsonSchema>;
  return Object.entries(properties).map(([property, { description, ...shape }]) => ({
    name: property,
    in: 'query',
    required: required.includes(property),
    ...(typeof description === 'string' && { description }),
    schema: shape,
  }));
}

function headerParameters({ access, endpoint }: RoutePlan): OpenApiParameter[] {
  const header = (name: string, description: string): OpenApiParameter => ({
    name,
    in: 'header',
    required: false,
    description,
    schema: { type: 'string' },
  });
  return [
    ...(access === 'public' ? [] : [header('X-Business-Domain', 'The business domain; `public` when left out.')]),
    ...(endpoint?.idempotent
      ? [header('Idempotency-Key', 'Makes one effect of many equal requests, for 24 hours.')]
      : []),
    ...(endpoint?.ifMatch
      ? [header('If-Match', 'The ETag that was read: 412 when it is no longer the current one.')]
      : []),
    ...Object.entries(endpoint?.headers ?? {}).map(([name, description]) => header(name, description)),
  ];
}

function bodyOf(plan: RoutePlan, endpoint: EndpointOptions): Pick<OpenApiOperation, 'requestBody'> {
  if (!plan.bodySchema && !endpoint.consumes) return {};
  const content: Record<string, { schema: JsonSchema }> = {};
  for (const type of plan.consumes) {
    content[type] = { schema: type === YAML_TYPE ? { type: 'string' } : (plan.bodySchema ?? {}) };
  }
  return { requestBody: { required: !endpoint.bodyOptional, content } };
}

function responsesOf(endpoint: EndpointOptions, plans: RoutePlans): OpenApiOperation['responses'] {
  const answers = endpoint.answers ?? { [statusOf(endpoint)]: null };
  const responses: Record<string, { description: string; content?: Content }> = {};
  for (const [status, shape] of Object.entries(answers)) {
    const schema = schemaOf(shape, plans);
    responses[status] = {
      description: PHRASES[Number(status)] ?? 'An answer.',
      ...(schema && { content: contentOf(endpoint.produces ?? [JSON_TYPE], schema) }),
    };
  }
  const problem = { $ref: '#/components/schemas/Problem' };
  responses.default = { description: 'It was refused or failed.', content: { [PROBLEM_TYPE]: { schema: problem } } };
  return responses;
}

function contentOf(types: readonly string[], schema: JsonSchema): Content {
  return Object.fromEntries(types.map((type) => [type, { schema }]));
}

function schemaOf(shape: AnswerShape, plans: RoutePlans): JsonSchema | undefined {
  if (shape === null) return undefined;
  return typeof shape === 'function' ? plans.schemas.refTo(shape) : shape;
}

/** Makes every answer's class known before the document is put together. */
export function prepareAnswers(plans: RoutePlans): void {
  for (const server of SERVER_NAMES)
    for (const plan of plans.of(server))
      for (const shape of Object.values(plan.endpoint?.answers ?? {})) schemaOf(shape, plans);
}

/** Schemas of DTOs refer to each other where Ajv looks; OpenAPI keeps them elsewhere. */
function atComponents<T>(document: T): T {
  return JSON.parse(JSON.stringify(document).replaceAll(`"${DEFS}`, '"#/components/schemas/')) as T;
}
