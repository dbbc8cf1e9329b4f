import type { JsonObject } from '@flow/kernel';
import { OperatorCatalogue, secretPointers, type OperatorContext, type Outcome } from '@flow/operators';
import { HttpClient } from '@flow/platform';
import { aContext, theAction } from '@flow/testing/builtins';
import { FixedClock } from '@flow/testing/kernel';
import { localServer, type Hit, type LocalServer } from '@flow/testing/platform';

const described = theAction('@http/request');
const catalogue = new OperatorCatalogue([described]);

type Answer = NonNullable<Parameters<typeof localServer>[0]>;
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((thing) => thing.close()));
});

/** A real server, and the operator with a client that may call it (under the names `*.test` too). */
async function aWorld(answer?: Answer) {
  const server: LocalServer = await localServer(answer);
  const http = new HttpClient({ allow: ['127.0.0.1'], resolve: async () => ['127.0.0.1'] });
  open.push(server, http);
  const operator = theAction('@http/request', { http });
  const call = async (parameters: JsonObject, extra: Partial<OperatorContext> = {}): Promise<Outcome> => {
    const all = { url: server.url, ...parameters };
    expect(catalogue.faultsOf(described, all, { templates: false })).toEqual([]);
    return operator.run(aContext(all, extra));
  };
  return { server, call, at: (host: string, path = '/') => `http://${host}:${server.port}${path}` };
}

const json =
  (value: unknown, status = 200, headers: Record<string, string> = {}): Answer =>
  (_hit, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(value));
  };

function outputOf(outcome: Outcome): JsonObject {
  if (outcome.kind !== 'done') throw new Error(`It did not succeed: ${JSON.stringify(outcome)}`);
  return outcome.output as JsonObject;
}

function errorOf(outcome: Outcome) {
  if (outcome.kind !== 'failed') throw new Error(`It did not fail: ${JSON.stringify(outcome)}`);
  return outcome.error;
}

const onlyHit = ({ server }: { server: LocalServer }): Hit => {
  expect(server.hits).toHaveLength(1);
  return server.hits[0]!;
};

describe('@http/request, what it sends', () => {
  it('GET with query and headers; null is left out, a list repeats its key', async () => {
    const world = await aWorld(json({ ok: true }));
    const query = { q: 'a b&c', page: 2, tag: ['x', 'y'], none: null, yes: true };
    const outcome = await world.call({
      url: world.at('127.0.0.1', '/s?first=1'),
      query,
      headers: { 'X-One': 1, 'X-None': null },
    });
    expect(outputOf(outcome)).toMatchObject({ status: 200, body: { ok: true }, bodyType: 'json' });
    const hit = onlyHit(world);
    expect(hit).toMatchObject({ method: 'GET', url: '/s?first=1&q=a+b%26c&page=2&tag=x&tag=y&yes=true', body: '' });
    expect(hit.headers).toMatchObject({ 'x-one': '1', 'user-agent': 'flow-automation' });
    expect(hit.headers).not.toHaveProperty('x-none');
  });

  it.each<[JsonObject, string, string | undefined]>([
    [{ body: { a: [1, null] } }, '{"a":[1,null]}', 'application/json'],
    [{ body: 'plain ü' }, 'plain ü', 'text/plain; charset=utf-8'],
    [{ body: 'a', bodyType: 'json' }, '"a"', 'application/json'],
    [{ body: null, bodyType: 'json' }, 'null', 'application/json'],
    [
      { body: { a: 'x y', b: [1, 2], c: null, d: { e: 1 } }, bodyType: 'form' },
      'a=x+y&b=1&b=2&d=%7B%22e%22%3A1%7D',
      'application/x-www-form-urlencoded',
    ],
    [{ body: 12, bodyType: 'text' }, '12', 'text/plain; charset=utf-8'],
    [{ body: { a: 1 }, headers: { 'Content-Type': 'application/vnd.x+json' } }, '{"a":1}', 'application/vnd.x+json'],
    [{}, '', undefined],
  ])('the body of %j', async (parameters, body, contentType) => {
    const world = await aWorld();
    await world.call({ method: 'POST', ...parameters });
    expect(onlyHit(world).body).toBe(body);
    expect(onlyHit(world).headers['content-type']).toBe(contentType);
  });

  it('hands over a call whose answer comes by a callback, and fails as ever when it is not taken', async () => {
    const world = await aWorld(json({ ok: true }));
    expect(await world.call({ method: 'POST', callback: true })).toEqual({ kind: 'deferred' });
    const refused = await world.call({ method: 'POST', callback: true, expected: [202] });
    expect(errorOf(refused).code).toBe('http.status');
  });

  it('refuses a form that is no object, before anything is sent', async () => {
    const world = await aWorld();
    expect(errorOf(await world.call({ method: 'POST', body: [1], bodyType: 'form' })).code).toBe('http.body_invalid');
    expect(world.server.hits).toHaveLength(0);
  });

  it('the same Idempotency-Key at every attempt, whatever the method, unless the author sets one', async () => {
    const { call, server } = await aWorld();
    for (const method of ['POST', 'POST', 'PUT', 'PATCH', 'DELETE']) await call({ method });
    await call({ method: 'POST', headers: { 'Idempotency-Key': 'mine' } });
    for (const method of ['GET', 'HEAD', 'OPTIONS']) await call({ method });
    expect(server.hits.map(({ headers }) => headers['idempotency-key'])).toEqual([
      ...Array.from({ length: 5 }, () => 'instance-1:task-1'),
      'mine',
      ...Array.from({ length: 3 }, () => 'instance-1:task-1'),
    ]);
  });

  it('the trace of the run, unless the author sets one; none where the run has none', async () => {
    const { call, server } = await aWorld();
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await call({}, { traceparent });
    await call({ headers: { TraceParent: 'mine' } }, { traceparent });
    await call({ headers: { traceparent: 'mine' } });
    await call({});
    expect(server.hits.map(({ headers }) => headers.traceparent)).toEqual([traceparent, 'mine', 'mine', undefined]);
  });

  it.each<[JsonObject, Partial<Hit>]>([
    [
      { type: 'basic', username: 'Aladdin', password: 'öpen:sesame' },
      { headers: { authorization: `Basic ${Buffer.from('Aladdin:öpen:sesame').toString('base64')}` } },
    ],
    [{ type: 'bearer', token: 't' }, { headers: { authorization: 'Bearer t' } }],
    [{ type: 'apiKey', name: 'X-Key', value: 'k' }, { headers: { 'x-key': 'k' } }],
    [{ type: 'apiKey', name: 'key', value: 'k&', in: 'query' }, { url: '/?key=k%26' }],
  ])('authentication %j', async (auth, expected) => {
    const world = await aWorld();
    await world.call({ auth });
    expect(onlyHit(world)).toMatchObject(expected);
  });
});

describe('@http/request, what it gives back', () => {
  it.each<[string, string, Buffer | string, JsonObject, unknown, string]>([
    ['JSON', 'application/problem+json; charset=utf-8', '{"a":1}', {}, { a: 1 }, 'json'],
    ['what claims to be JSON and is none', 'application/json', '{"a":', {}, '{"a":', 'text'],
    ['JSON with keys that are not allowed', 'application/json', '{"__proto__":{}}', {}, '{"__proto__":{}}', 'text'],
    ['text', 'text/plain', 'hello', {}, 'hello', 'text'],
    ['text in its charset', 'text/csv; charset=iso-8859-1', Buffer.from('käse', 'latin1'), {}, 'käse', 'text'],
    ['text without a type', '', 'hello', {}, 'hello', 'text'],
    ['bytes without a type', '', Buffer.from([0xff, 0xfe, 0xfd]), {}, '//79', 'base64'],
    ['an image', 'image/png', Buffer.from([1, 2, 3]), {}, 'AQID', 'base64'],
    ['nothing', 'application/json', '', {}, null, 'empty'],
    ['JSON on demand', 'text/plain', '[1]', { responseType: 'json' }, [1], 'json'],
    ['text on demand', 'application/json', '[1]', { responseType: 'text' }, '[1]', 'text'],
    ['Base64 on demand', 'text/plain', 'abc', { responseType: 'base64' }, 'YWJj', 'base64'],
  ])('%s', async (_what, contentType, content, extra, body, bodyType) => {
    const world = await aWorld((_hit, response) => {
      if (contentType !== '') response.setHeader('content-type', contentType);
      response.end(content);
    });
    expect(outputOf(await world.call(extra))).toMatchObject({ status: 200, body, bodyType });
  });

  it('fails when JSON was asked for and did not come', async () => {
    const world = await aWorld();
    expect(errorOf(await world.call({ responseType: 'json' }))).toMatchObject({
      code: 'http.body_invalid',
      retryable: false,
    });
  });

  it('fails past the size limit', async () => {
    const world = await aWorld((_hit, response) => response.end('x'.repeat(1000)));
    expect(errorOf(await world.call({ maxResponseBytes: 100 }))).toMatchObject({
      code: 'outbound.too_large',
      retryable: false,
    });
  });
});

describe('@http/request, expected statuses', () => {
  it.each<[number, JsonObject, boolean]>([
    [200, {}, true],
    [304, {}, true],
    [399, {}, true],
    [400, {}, false],
    [404, { expected: [200, 404] }, true],
    [409, { expected: ['400-409'] }, true],
    [410, { expected: ['400-409'] }, false],
    [204, { expected: ['2xx'] }, true],
    [302, { expected: ['2xx'] }, false],
    [418, { expected: ['418'] }, true],
  ])('%i with %j: %s', async (status, extra, good) => {
    const world = await aWorld((_hit, response) => {
      response.writeHead(status);
      response.end();
    });
    expect((await world.call(extra)).kind).toBe(good ? 'done' : 'failed');
  });

  it('keeps what came back in the error', async () => {
    const world = await aWorld(json({ reason: 'sold out' }, 422, { 'x-trace': 't' }));
    expect(errorOf(await world.call({ method: 'POST' }))).toEqual({
      code: 'http.status',
      message: `POST 127.0.0.1:${world.server.port} answered 422, which is not expected.`,
      retryable: false,
      output: expect.objectContaining({
        status: 422,
        body: { reason: 'sold out' },
        bodyType: 'json',
        headers: expect.objectContaining({ 'x-trace': 't' }) as unknown,
      }) as unknown,
    });
  });

  it.each([
    [408, true],
    [425, true],
    [429, true],
    [500, true],
    [503, true],
    [400, false],
    [401, false],
    [403, false],
    [404, false],
    [409, false],
  ])('%i may pass by itself: %s', async (status, retryable) => {
    const world = await aWorld(json({}, status));
    expect(errorOf(await world.call({}))).toMatchObject({ code: 'http.status', retryable });
  });

  it.each<[string, number | undefined]>([
    ['7', 7000],
    ['0', 0],
    ['Thu, 01 Jan 2026 12:00:30 GMT', 30_000],
    ['Thu, 01 Jan 2026 11:00:00 GMT', 0],
    ['999999999', 86_400_000],
    ['soon', undefined],
    ['-5', undefined],
  ])('waits as long as Retry-After says: %s', async (header, waitMs) => {
    const world = await aWorld(json({}, 429, { 'retry-after': header }));
    expect(errorOf(await world.call({})).retryAfterMs).toBe(waitMs);
  });
});

describe('@http/request, on the way out', () => {
  it('is guarded', async () => {
    const world = await aWorld();
    const http = new HttpClient();
    open.push(http);
    const outcome = await theAction('@http/request', { http }).run(aContext({ url: world.server.url }));
    expect(errorOf(outcome)).toMatchObject({ code: 'outbound.blocked', retryable: false });
    expect(world.server.connections()).toBe(0);
  });

  it('refuses URLs that are none', async () => {
    const { call } = await aWorld();
    for (const url of ['nonsense', 'file:///etc/passwd', 'http://u:p@127.0.0.1/'])
      expect(errorOf(await call({ url })).code).toBe('outbound.invalid');
  });

  it('says that nobody answers, and that it may pass', async () => {
    const world = await aWorld();
    await world.server.close();
    expect(errorOf(await world.call({}))).toMatchObject({ code: 'outbound.failed', retryable: true });
  });

  it('stops when its signal fires', async () => {
    const stop = new AbortController();
    const world = await aWorld(() => stop.abort());
    expect(errorOf(await world.call({}, { signal: stop.signal })).code).toBe('outbound.aborted');
  });

  it('follows redirects only when asked, and leaves the credentials behind at another origin', async () => {
    const other = await localServer();
    open.push(other);
    const world = await aWorld((_hit, response) => {
      response.writeHead(302, { location: other.url });
      response.end();
    });
    expect(outputOf(await world.call({})).status).toBe(302);
    expect(outputOf(await world.call({ followRedirects: 1, auth: { type: 'bearer', token: 't' } })).status).toBe(200);
    expect(other.hits[0]?.headers).not.toHaveProperty('authorization');
  });

  it('has as much time as the attempt: the client adds no bound of its own', async () => {
    const clock = new FixedClock();
    const server = await localServer((_hit, response) => {
      void clock.advance(3_600_000).then(() => response.end('late'));
    });
    const http = new HttpClient({ allow: ['127.0.0.1'], clock });
    open.push(server, http);
    const outcome = await theAction('@http/request', { http }).run(aContext({ url: server.url }));
    expect(outputOf(outcome).body).toBe('late');
  });
});

describe('@http/request, secrets', () => {
  const hosts = (...allowed: string[]) => [{ name: 'key', hosts: allowed }];

  it('may stand in headers and in what authenticates, nowhere else', async () => {
    const operator = theAction('@http/request');
    const parameters = {
      url: 'u',
      query: { a: 'q' },
      headers: { 'X-A': 'h' },
      body: { b: 'b' },
      auth: { type: 'oauth2', tokenUrl: 't', clientId: 'c', clientSecret: 's', scope: 'x' },
    };
    expect(secretPointers(operator, parameters)).toEqual(['/headers/X-A', '/auth/clientId', '/auth/clientSecret']);
    expect(secretPointers(operator, { url: 'u', auth: { type: 'apiKey', name: 'n', value: 'v' } })).toEqual([
      '/auth/value',
    ]);
  });

  it.each<[string[], string, boolean]>([
    [['api.test'], 'api.test', true],
    [['API.test.'], 'api.TEST', true],
    [['*.test'], 'api.test', true],
    [['*.api.test'], 'api.test', false],
    [['*.test'], 'apitest', false],
    [['api.test'], 'evil-api.test', false],
    [['api.test'], 'api.test.evil.test', false],
    [['other.test', 'api.test'], 'api.test', true],
    [[], 'api.test', false],
  ])('bound to %j, sent to %s: %s', async (allowed, host, good) => {
    const world = await aWorld();
    const outcome = await world.call(
      { url: world.at(host), headers: { 'X-Key': 'v' } },
      { secretsInUse: hosts(...allowed) },
    );
    if (good) expect(outcome.kind).toBe('done');
    else {
      expect(errorOf(outcome)).toMatchObject({ code: 'secret.host_not_allowed', retryable: false });
      expect(world.server.connections()).toBe(0);
    }
  });

  it('go to the URL and to the token URL, so they must name both', async () => {
    const world = await aWorld(json({ access_token: 'T', expires_in: 3600 }));
    const auth = { type: 'oauth2', tokenUrl: world.at('login.test'), clientId: 'c', clientSecret: 's' };
    const url = world.at('api.test');
    for (const allowed of [['login.test'], ['api.test']])
      expect(errorOf(await world.call({ url, auth }, { secretsInUse: hosts(...allowed) })).code).toBe(
        'secret.host_not_allowed',
      );
    expect(world.server.connections()).toBe(0);
    expect((await world.call({ url, auth }, { secretsInUse: hosts('login.test', 'api.test') })).kind).toBe('done');
  });

  it('and tokens are never in a message or a log line', async () => {
    const lines: string[] = [];
    const log = { debug: push, info: push, warn: push, error: push };
    function push(message: string, fields?: JsonObject) {
      lines.push(message + JSON.stringify(fields ?? {}));
    }
    const world = await aWorld((hit, response) =>
      json({ access_token: 'TOKEN', error: 'x y' }, hit.url === '/token' ? 200 : 500)(hit, response),
    );
    const auth = {
      type: 'oauth2',
      tokenUrl: world.at('login.test', '/token'),
      clientId: 'CLIENT',
      clientSecret: 'SECRET',
    };
    const error = errorOf(await world.call({ auth, headers: { 'X-Key': 'HEADER' } }, { log }));
    for (const text of [...lines, error.message]) expect(text).not.toMatch(/TOKEN|CLIENT|SECRET|HEADER/);
    expect(lines).toHaveLength(1);
  });
});

describe('@http/request with OAuth2 client credentials', () => {
  /** Gives tokens T1, T2... at /token; elsewhere takes those in `valid`. */
  async function anApi(expiresIn = 3600) {
    const valid = new Set<string>();
    let given = 0;
    const world = await aWorld((hit, response) => {
      if (hit.url !== '/token') {
        json({}, valid.has(String(hit.headers.authorization).slice(7)) ? 200 : 401)(hit, response);
        return;
      }
      given += 1;
      valid.add(`T${given}`);
      json({ access_token: `T${given}`, expires_in: expiresIn })(hit, response);
    });
    const auth = {
      type: 'oauth2',
      tokenUrl: `${world.server.url}/token`,
      clientId: 'id',
      clientSecret: 's t',
      scope: 'read',
    };
    const clock = new FixedClock('2026-01-01T12:00:00.000Z');
    const call = (extra: JsonObject = {}, context: Partial<OperatorContext> = {}) =>
      world.call({ url: `${world.server.url}/api`, auth: { ...auth, ...extra } }, { clock, ...context });
    return { ...world, call, clock, valid, tokens: () => given };
  }

  it('gets a token as RFC 6749 says, and keeps it for a while', async () => {
    const api = await anApi();
    expect((await api.call()).kind).toBe('done');
    expect(api.server.hits[0]).toMatchObject({
      method: 'POST',
      body: 'grant_type=client_credentials&scope=read',
      headers: { authorization: `Basic ${Buffer.from('id:s+t').toString('base64')}` },
    });
    await api.call();
    expect(api.tokens()).toBe(1);
    await api.clock.advance(10 * 60_000);
    await api.call();
    expect(api.tokens()).toBe(2);
  });

  it('has a token that was got by a secret hidden like the secret', async () => {
    const api = await anApi();
    const hidden: string[] = [];
    const conceal = (text: string) => hidden.push(text);
    await api.call({}, { conceal });
    expect(hidden).toEqual([]);
    await api.call({}, { conceal, secretsInUse: [{ name: 's', hosts: ['127.0.0.1'] }] });
    expect(hidden).toEqual(['T1']);
  });

  it('names the client in the form when asked', async () => {
    const api = await anApi();
    await api.call({ clientAuth: 'body', audience: 'a' });
    expect(api.server.hits[0]?.body).toBe(
      'grant_type=client_credentials&scope=read&audience=a&client_id=id&client_secret=s+t',
    );
    expect(api.server.hits[0]?.headers).not.toHaveProperty('authorization');
  });

  it('never gives a token to another client, secret, scope or business domain', async () => {
    const api = await anApi();
    await api.call();
    for (const extra of [{ clientSecret: 'guess' }, { clientId: 'x' }, { scope: 'write' }]) await api.call(extra);
    await api.call({}, { instance: { ...aContext({}).instance, domain: 'other' } });
    expect(api.tokens()).toBe(5);
  });

  it('does not use a token in its last half minute', async () => {
    const api = await anApi(40);
    await api.call();
    await api.clock.advance(9_000);
    await api.call();
    expect(api.tokens()).toBe(1);
    await api.clock.advance(1_000);
    await api.call();
    expect(api.tokens()).toBe(2);
  });

  it('gets a new token when a kept one is not taken any more, once', async () => {
    const api = await anApi();
    await api.call();
    api.valid.clear();
    expect((await api.call()).kind).toBe('done');
    expect(api.tokens()).toBe(2);
    api.valid.clear();
    api.valid.add = () => api.valid;
    expect(errorOf(await api.call())).toMatchObject({ code: 'http.status', retryable: false });
    expect(api.tokens()).toBe(3);
  });

  it.each<[number, JsonObject, boolean]>([
    [400, { error: 'invalid_client' }, false],
    [401, {}, false],
    [200, { error: 'nothing' }, false],
    [503, {}, true],
  ])('fails when the token URL answers %i %j', async (status, body, retryable) => {
    const world = await aWorld(json(body, status, { 'retry-after': '3' }));
    const auth = { type: 'oauth2', tokenUrl: world.server.url, clientId: 'c', clientSecret: 's' };
    const error = errorOf(await world.call({ auth }));
    expect(error).toMatchObject({ code: 'http.token_refused', retryable, ...(retryable && { retryAfterMs: 3000 }) });
    expect(world.server.hits).toHaveLength(1);
  });
});

describe('@http/request, what is refused when a DAG is saved', () => {
  const pointers = (parameters: JsonObject) =>
    catalogue.faultsOf(described, parameters, { templates: true }).map(({ pointer }) => pointer);

  it.each<[JsonObject, string[]]>([
    [{}, ['/url']],
    [{ url: '{{__0.url}}', method: '{{vars.m}}', expected: '{{vars.e}}', headers: '{{vars.h}}' }, []],
    [{ url: 'x', method: 'get' }, ['/method']],
    [{ url: 'x', expected: ['2x', 99, '{{vars.s}}'] }, ['/expected/0', '/expected/1']],
    [{ url: 'x', headers: { 'bad name': 'x' } }, ['/headers']],
    [{ url: 'x', headers: { authorization: 'x' }, auth: { type: 'bearer', token: 't' } }, ['/auth']],
    [{ url: 'x', auth: { type: 'oauth2', tokenUrl: 't', clientId: 'c' } }, ['/auth/clientSecret']],
    [{ url: 'x', maxResponseBytes: 1e9 }, ['/maxResponseBytes']],
  ])('%j: %j', (parameters, faults) => expect(pointers(parameters)).toEqual(faults));
});

describe('@http/request, its effect', () => {
  it('is a read for the methods that only read, and a write when a template decides the method', () => {
    const effectOf = (method?: string) => theAction('@http/request').effectOf?.(method === undefined ? {} : { method });
    expect([effectOf(), effectOf('GET'), effectOf('HEAD')]).toEqual(['read', 'read', 'read']);
    expect([effectOf('POST'), effectOf('DELETE'), effectOf('{{vars.method}}')]).toEqual(['write', 'write', 'write']);
  });
});
