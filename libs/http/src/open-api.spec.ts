import { aHttpServer, type HttpWorld } from '@flow/testing/http';
import { Ajv2020 } from 'ajv/dist/2020';
import { Body, Get, Param, Post, Query } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsArray, IsInt, IsObject, IsString, Length, ValidateNested } from 'class-validator';
import { Doc, Nullable, Optional } from './dto.decorators';
import { Endpoint, PrivateApi, PublicApi } from './endpoint.decorators';
import { openApiPath, type OpenApiDocument } from './open-api';
import { PageQuery } from './page-query.dto';
import { routesOf } from './route-plans';

class StepDto {
  @Doc('Names the step.', 'fetch')
  @IsString()
  @Length(1, 255)
  id!: string;
}

class FlowDto {
  @IsString()
  title!: string;

  @Optional()
  @Nullable()
  @IsInt()
  limit?: number | null;

  @IsArray()
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => StepDto)
  steps!: StepDto[];
}

class FlowView {
  @IsString()
  id!: string;
}

@PublicApi('flows', { tag: 'Flows' })
class FlowsController {
  @Get()
  @Endpoint({ access: 'dag.view', summary: 'List flows' })
  list(@Query() query: PageQuery) {
    return query;
  }

  @Get(':id/versions/:version')
  @Endpoint({ access: 'dag.view', summary: 'Get a <version>', answers: { 200: FlowView }, errors: ['flow.not_found'] })
  get(@Param('id') id: string) {
    return { id };
  }

  @Post()
  @Endpoint({
    access: 'dag.create',
    action: 'thing.change',
    summary: 'Make a flow',
    idempotent: true,
    answers: { 201: FlowView },
  })
  make(@Body() body: FlowDto) {
    return { id: body.title };
  }
}

@PrivateApi('queues')
class QueuesController {
  @Get()
  @Endpoint({ access: 'platform.admin', summary: 'List queues' })
  list() {
    return {};
  }
}

/**
 * What OpenAPI 3.1 asks of the parts that we make, in our own words: no package that is installed brings the official meta-schema. Every
 * schema object is held against JSON Schema 2020-12's own meta-schema, which OpenAPI 3.1 uses unchanged.
 */
const ESSENTIALS = {
  type: 'object',
  required: ['openapi', 'info', 'paths', 'components'],
  additionalProperties: false,
  properties: {
    openapi: { type: 'string', pattern: '^3\\.1\\.\\d+$' },
    info: { type: 'object', required: ['title', 'version'] },
    tags: { type: 'array', items: { type: 'object', required: ['name'] } },
    components: {
      type: 'object',
      properties: { schemas: { type: 'object', propertyNames: { pattern: '^[a-zA-Z0-9._-]+$' } } },
    },
    paths: {
      type: 'object',
      propertyNames: { pattern: '^/' },
      additionalProperties: {
        type: 'object',
        propertyNames: { enum: ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] },
        additionalProperties: {
          type: 'object',
          required: ['operationId', 'responses'],
          properties: {
            security: { type: 'array', items: { type: 'object', additionalProperties: { type: 'array' } } },
            parameters: {
              type: 'array',
              uniqueItems: true,
              items: {
                type: 'object',
                required: ['name', 'in', 'schema'],
                properties: { in: { enum: ['path', 'query', 'header', 'cookie'] } },
                if: { properties: { in: { const: 'path' } } },
                then: { required: ['required'], properties: { required: { const: true } } },
              },
            },
            requestBody: { type: 'object', required: ['content'] },
            responses: {
              type: 'object',
              minProperties: 1,
              propertyNames: { pattern: '^([1-5]\\d\\d|default)$' },
              additionalProperties: { type: 'object', required: ['description'] },
            },
          },
        },
      },
    },
  },
};

describe('The API document', () => {
  let world: HttpWorld;
  let document: OpenApiDocument;
  beforeAll(async () => {
    world = await aHttpServer([FlowsController, QueuesController]);
    document = (await world.ask('GET', '/openapi.json', { token: null })).json as unknown as OpenApiDocument;
  });
  afterAll(async () => {
    await world.close();
  });

  it('has the form that OpenAPI 3.1 asks for', () => {
    const ajv = new Ajv2020({ allErrors: true, strict: false });
    expect(ajv.validate(ESSENTIALS, document) || ajv.errors).toBe(true);
  });

  it('holds only schemas that JSON Schema 2020-12 accepts, and references that lead somewhere', () => {
    const ajv = new Ajv2020({ strict: false });
    const schemas = document.components.schemas as Record<string, object>;
    const inPlace = Object.values(document.paths).flatMap((operations) =>
      Object.values(operations).flatMap(({ parameters, requestBody, responses }) => [
        ...parameters.map(({ schema }) => schema),
        ...Object.values(requestBody?.content ?? {}).map(({ schema }) => schema),
        ...Object.values(responses).flatMap(({ content }) => Object.values(content ?? {}).map(({ schema }) => schema)),
      ]),
    );
    for (const schema of [...Object.values(schemas), ...inPlace])
      expect(ajv.validateSchema(schema) || ajv.errors).toBe(true);
    const names = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(
      ([, name]) => name!,
    );
    expect(new Set(names)).toEqual(new Set(['FlowDto', 'FlowView', 'StepDto', 'Problem']));
    for (const name of names) expect(Object.keys(schemas)).toContain(name);
    expect(JSON.stringify(document)).not.toContain('$defs');
  });

  it('names the same routes as the server serves, on each of the two', () => {
    const routes = routesOf(world.server.app.getHttpAdapter().getInstance());
    for (const name of ['public', 'private'] as const) {
      const served = routes
        .filter(({ server }) => server === name || server === 'both')
        .map(({ route }) => openApiPath(route));
      const spec = Object.entries(world.server.openApi(name).paths).flatMap(([path, operations]) =>
        Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
      );
      expect(spec.sort()).toEqual([...served].sort());
    }
    expect(Object.keys(world.server.openApi('private').paths)).not.toContain('/api/automation/v1/flows');
  });

  it('gives every operation an id of its own', () => {
    const ids = Object.values(document.paths).flatMap((operations) =>
      Object.values(operations).map(({ operationId }) => operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('describes body, parameters, access and errors', () => {
    const make = document.paths['/api/automation/v1/flows']?.post;
    expect(make).toMatchObject({
      'x-access': 'dag.create',
      security: [{ token: [] }],
      requestBody: { required: true },
    });
    expect(make?.parameters.map(({ name }) => name)).toEqual(['X-Business-Domain', 'Idempotency-Key']);
    const list = document.paths['/api/automation/v1/flows']?.get;
    expect(list?.parameters.find(({ name }) => name === 'limit')).toMatchObject({
      in: 'query',
      required: false,
      schema: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
    });
    const get = document.paths['/api/automation/v1/flows/{id}/versions/{version}']?.get;
    expect(get?.parameters.filter((parameter) => parameter.in === 'path')).toHaveLength(2);
    expect(get?.['x-error-codes']).toEqual(['flow.not_found']);
    expect(Object.keys(get?.responses ?? {})).toEqual(['200', 'default']);
    expect((document.components.schemas as Record<string, unknown>).FlowDto).toMatchObject({
      additionalProperties: false,
      required: ['title', 'steps'],
      properties: { limit: { anyOf: [{ type: 'integer' }, { type: 'null' }] } },
    });
  });

  it('is a page to read too, without scripts and with nothing from elsewhere', async () => {
    const page = await world.ask('GET', '/docs', { token: null });
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(page.text).toContain('Get a &lt;version&gt;');
    expect(page.text).toContain(
      '-d &#39;{&quot;title&quot;:&quot;text&quot;,&quot;steps&quot;:[{&quot;id&quot;:&quot;fetch&quot;}]}&#39;',
    );
    expect(page.text).not.toMatch(/<script|https?:\/\/|onclick/);
    expect((await world.askPrivate('GET', '/docs', { token: null })).text).toContain('List queues');
  });

  it('needs a token, or is not there, where the setting says so', async () => {
    const closed = await aHttpServer([FlowsController], { docs: 'token' });
    expect((await closed.ask('GET', '/docs', { token: null })).status).toBe(401);
    expect((await closed.ask('GET', '/openapi.json')).status).toBe(200);
    await closed.close();
    const off = await aHttpServer([FlowsController], { docs: 'off' });
    expect((await off.ask('GET', '/docs')).status).toBe(404);
    await off.close();
  });
});
