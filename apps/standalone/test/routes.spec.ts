import { PERMISSIONS, type Permission } from '@flow/auth';
import { API_PREFIX, openApiPath, routesOf, type OpenApiDocument, type ServerName } from '@flow/http';
import { Ajv2020 } from 'ajv/dist/2020';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Agent, request } from 'undici';
import { ApiWorld } from './api-world';

const SERVERS = ['public', 'private'] as const satisfies readonly ServerName[];
/** contract.md, section 1: what answers without a token. */
const OPEN = [
  'GET /docs',
  'GET /openapi.json',
  'GET /health/alive',
  'GET /health/ready',
  'GET /health/startup',
  `GET ${API_PREFIX}/health/alive`,
  `GET ${API_PREFIX}/health/ready`,
  `GET ${API_PREFIX}/health/startup`,
  `POST ${API_PREFIX}/callbacks/{token}`,
  `POST ${API_PREFIX}/callbacks/{token}/progress`,
  `POST ${API_PREFIX}/hooks/{hookId}`,
];
const SOME_ID = '01ARZ3NDEKTSV4RRFFQ69G5FAV';

interface Operation {
  readonly server: ServerName;
  readonly method: string;
  readonly path: string;
  readonly access: string;
  readonly takesBody: boolean;
}

describe('Every route of both servers', () => {
  let world: ApiWorld;
  const specs = {} as Record<ServerName, OpenApiDocument>;
  let operations: Operation[] = [];

  beforeAll(async () => {
    world = await ApiWorld.open();
    for (const server of SERVERS)
      specs[server] = (await world.call('GET', '//openapi.json', undefined, { server, token: null })).as();
    operations = SERVERS.flatMap((server) =>
      Object.entries(specs[server].paths).flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, operation]) => ({
          server,
          method: method.toUpperCase(),
          path,
          access: operation['x-access'],
          takesBody: operation.requestBody !== undefined,
        })),
      ),
    );
  });
  afterAll(() => world.close());

  /** A path with an id in every place, as `call` takes it. */
  const filled = (path: string, id = SOME_ID) => `/${path.replaceAll(/\{\w+\}/g, id)}`;
  const ask = (operation: Operation, token: string | null, domain?: string) =>
    world.call(operation.method, filled(operation.path), operation.takesBody ? {} : undefined, {
      server: operation.server,
      token,
      ...(domain !== undefined && { domain }),
    });

  it('stands in the document of its server, and nothing else does', () => {
    const routes = routesOf(world.standalone.http.app.getHttpAdapter().getInstance());
    for (const server of SERVERS) {
      const served = routes
        .filter((route) => !route.isPage && (route.server === server || route.server === 'both'))
        .map(({ route }) => openApiPath(route));
      const told = operations
        .filter((operation) => operation.server === server)
        .map(({ method, path }) => `${method} ${path}`);
      expect(told.sort()).toEqual([...served].sort());
    }
    expect(operations.length).toBeGreaterThan(50);
  });

  it('is there on its own server, and is nowhere on the other', async () => {
    for (const operation of operations) {
      const answer = await ask(operation, null);
      const at = `${operation.server} ${operation.method} ${operation.path}`;
      const isNowhere = answer.status === 405 || (answer.status === 404 && answer.problem.code === 'route.not_found');
      expect([at, isNowhere]).toEqual([at, false]);
      const other = operation.server === 'public' ? 'private' : 'public';
      if (specs[other].paths[operation.path]) continue;
      const elsewhere = await world.call(operation.method, filled(operation.path), undefined, { server: other });
      expect([at, elsewhere.status, elsewhere.problem.code]).toEqual([at, 404, 'route.not_found']);
    }
  });

  it.each(SERVERS)('is described by a sound OpenAPI 3.1 document (%s)', (server) => {
    const document = specs[server];
    expect(document.openapi).toMatch(/^3\.1\.\d+$/);
    const ajv = new Ajv2020({ strict: false });
    const schemas = document.components.schemas as Record<string, object>;
    const all = Object.values(document.paths).flatMap((methods) => Object.values(methods));
    const places = all.flatMap(({ parameters, requestBody, responses }) => [
      ...parameters.map(({ schema }) => schema),
      ...Object.values(requestBody?.content ?? {}).map(({ schema }) => schema),
      ...Object.values(responses).flatMap(({ content }) => Object.values(content ?? {}).map(({ schema }) => schema)),
    ]);
    for (const schema of [...Object.values(schemas), ...places])
      expect(ajv.validateSchema(schema) || ajv.errors).toBe(true);
    const text = JSON.stringify(document);
    for (const [, name] of text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g))
      expect(Object.keys(schemas)).toContain(name);
    expect(text).not.toContain('"nullable"');
    expect(new Set(all.map(({ operationId }) => operationId)).size).toBe(all.length);
    for (const [path, methods] of Object.entries(document.paths))
      for (const operation of Object.values(methods)) {
        const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
        const given = operation.parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
        expect(given).toEqual(named);
        for (const status of Object.keys(operation.responses)) expect(status).toMatch(/^([1-5]\d\d|default)$/);
      }
  });

  it('declares only error codes of the catalogue, and accesses that exist', () => {
    const catalogue = readFileSync(resolve(__dirname, '../../../docs/errors.md'), 'utf8');
    for (const server of SERVERS)
      for (const methods of Object.values(specs[server].paths))
        for (const operation of Object.values(methods)) {
          for (const code of operation['x-error-codes']) expect(catalogue).toContain(`\`${code}\``);
          expect([...PERMISSIONS, 'token', 'public']).toContain(operation['x-access']);
        }
  });

  it('answers 401 without a token, with a wrong one and with a foreign scheme, but for what is open', async () => {
    const open = [...OPEN, 'GET /metrics'];
    for (const operation of operations) {
      const name = `${operation.method} ${operation.path}`;
      expect([name, operation.access === 'public']).toEqual([name, open.includes(name)]);
      if (operation.access === 'public') continue;
      for (const headers of [{}, { authorization: 'Bearer wrong' }, { authorization: 'Basic YTpi' }] as Record<
        string,
        string
      >[]) {
        const { status, headers: said } = await world.call(operation.method, filled(operation.path), undefined, {
          server: operation.server,
          token: null,
          headers,
        });
        expect([name, status, said['www-authenticate']]).toEqual([name, 401, 'Bearer']);
      }
    }
  });

  it('answers 401 for unknown addresses and methods too, and to HEAD and OPTIONS', async () => {
    const paths = ['//', '//nowhere', '/nowhere', '//api', '/dags/', '//health', '//.env', '//api/automation/v2/dags'];
    for (const server of SERVERS) {
      for (const path of paths)
        for (const method of ['GET', 'POST', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS']) {
          // The console's page.
          if (path === '//' && server === 'public' && ['GET', 'HEAD'].includes(method)) continue;
          const { status } = await world.call(method, path, undefined, { server, token: null });
          expect([server, method, path, status]).toEqual([server, method, path, 401]);
        }
    }
    for (const operation of operations) {
      if (operation.access === 'public') continue;
      for (const method of ['HEAD', 'OPTIONS', 'PATCH']) {
        const { status } = await world.call(method, filled(operation.path), undefined, {
          server: operation.server,
          token: null,
        });
        expect([method, operation.path, status]).toEqual([method, operation.path, 401]);
      }
    }
  });

  it('answers 403 to a token that has every permission but its own', async () => {
    const tokens = new Map<string, string>();
    let asked = 0;
    for (const operation of operations) {
      if (operation.access === 'public' || operation.access === 'token') continue;
      const others = PERMISSIONS.filter((permission) => permission !== operation.access);
      const token = tokens.get(operation.access) ?? (await world.token(others));
      tokens.set(operation.access, token);
      const answer = await ask(operation, token);
      const at = `${operation.method} ${operation.path}`;
      expect([at, answer.status, answer.problem.code]).toEqual([at, 403, 'permission.missing']);
      asked += 1;
    }
    expect(asked).toBeGreaterThan(30);
  });

  it('asks for the permission of each action of a batch', async () => {
    const needs: Record<string, Permission> = {
      activate: 'dag.modify',
      deactivate: 'dag.modify',
      delete: 'dag.delete',
      run: 'dag.run',
    };
    for (const [action, permission] of Object.entries(needs)) {
      const token = await world.token(PERMISSIONS.filter((other) => other !== permission));
      const answer = await world.call('POST', '/dags/batch', { action, ids: [SOME_ID] }, { token });
      expect([action, answer.status, answer.problem.code]).toEqual([action, 403, 'permission.missing']);
    }
    for (const [action, permission] of [
      ['cancel', 'instance.cancel'],
      ['pause', 'instance.pause'],
      ['resume', 'instance.pause'],
      ['retry', 'instance.retry'],
    ] as const) {
      const token = await world.token(PERMISSIONS.filter((other) => other !== permission));
      const answer = await world.call('POST', '/instances/batch', { action, ids: [SOME_ID] }, { token });
      expect([action, answer.status, answer.problem.code]).toEqual([action, 403, 'permission.missing']);
    }
    const token = await world.token(['dag.create']);
    const upsert = await world.call('POST', '/dags/import?mode=upsert', [], { token });
    expect([upsert.status, upsert.problem.code]).toEqual([403, 'permission.missing']);
  });

  it('answers 403 in a business domain that the token does not speak for, whether it exists or not', async () => {
    const token = await world.token(['dag.view'], ['mine']);
    await world.must(
      'POST',
      '/dags',
      { title: 'x', steps: [{ id: '0', operator: '@trigger/manual' }] },
      { domain: 'theirs' },
    );
    const answers = await Promise.all(
      ['theirs', 'nobodys'].map((domain) => world.call('GET', '/dags', undefined, { token, domain })),
    );
    expect(answers.map(({ status }) => status)).toEqual([403, 403]);
    expect(answers[0]!.problem.detail).toBe(answers[1]!.problem.detail);
    expect((await world.call('GET', '/dags', undefined, { token, domain: 'mine' })).status).toBe(200);
  });

  it('carries the security headers and the request id, also on refusals', async () => {
    for (const [path, token] of [
      ['/dags', null],
      ['//nowhere', undefined],
      ['/me', undefined],
      ['//docs', null],
    ] as const) {
      const { headers } = await world.call('GET', path, undefined, {
        headers: { 'x-request-id': 'mine-1' },
        ...(token === null && { token }),
      });
      expect(headers).toMatchObject({
        'x-request-id': 'mine-1',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'cache-control': 'no-store',
      });
      expect(headers['content-security-policy']).toContain("default-src 'none'");
    }
  });
});

describe('The settings that open and close routes', () => {
  it.each([
    ['off', 401, 404],
    ['token', 401, 200],
    ['open', 200, 200],
  ])('DOCS=%s answers %i without a token and %i with one', async (docs, without, having) => {
    const world = await ApiWorld.open({ DOCS: docs });
    try {
      for (const path of ['//docs', '//openapi.json'])
        for (const server of SERVERS) {
          expect((await world.call('GET', path, undefined, { server, token: null })).status).toBe(without);
          expect((await world.call('GET', path, undefined, { server })).status).toBe(having);
        }
    } finally {
      await world.close();
    }
  });

  it('METRICS_TOKEN guards /metrics, on loopback too', async () => {
    const token = 'a-token-for-metrics-only';
    const world = await ApiWorld.open({ METRICS_TOKEN: token });
    try {
      const ask = (given: string | null) =>
        world.call('GET', '//metrics', undefined, { server: 'private', token: given });
      expect((await ask(null)).status).toBe(401);
      expect((await ask('wrong')).status).toBe(401);
      expect((await ask(token)).text).toContain('# TYPE');
    } finally {
      await world.close();
    }
  });

  it('a listener that is open to the network shows no metrics without METRICS_TOKEN', async () => {
    const world = await ApiWorld.open({ API_SERVER_HOST: '0.0.0.0' });
    const dispatcher = new Agent();
    try {
      const { port } = new URL(world.addressOf('private'));
      const { statusCode, body } = await request(`http://127.0.0.1:${port}/metrics`, { dispatcher });
      await body.dump();
      expect(statusCode).toBe(401);
    } finally {
      await dispatcher.destroy();
      await world.close();
    }
  });
});
