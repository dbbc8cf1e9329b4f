import type { Caller } from '@flow/auth';
import { AppError, RequestInvalid } from '@flow/kernel';
import fc from 'fast-check';
import { aHttpServer, type HttpAsk, type HttpWorld } from '@flow/testing/http';
import { FixedClock } from '@flow/testing/kernel';
import { Body, Delete, Get, Param, Post, Put, Query } from '@nestjs/common';
import { IsInt, IsString, Length, Min } from 'class-validator';
import { connect } from 'node:net';
import { Answer, IfMatch } from './answer';
import { Optional } from './dto.decorators';
import { CurrentCaller, Endpoint, PrivateApi, ProbeApi, PublicApi } from './endpoint.decorators';
import { PreconditionFailed } from './http.errors';
import { PageQuery } from './page-query.dto';

class PutThing {
  @IsString()
  @Length(1, 20)
  title!: string;

  @Optional()
  @IsInt()
  @Min(0)
  size?: number;
}

class ThingGone extends AppError {
  readonly kind = 'not_found';
  readonly code = 'thing.not_found';
}

class ThingsFull extends AppError {
  readonly kind = 'limited';
  readonly code = 'things.full';
  override readonly retryAfterMs = 2_500;
}

@PublicApi('things', { tag: 'Things' })
class ThingsController {
  @Get()
  @Endpoint({ access: 'dag.view', summary: 'List things' })
  list(@Query() query: PageQuery) {
    return query;
  }

  @Get('mine')
  @Endpoint({ access: 'token', summary: 'Who asks' })
  mine(@CurrentCaller() caller: Caller) {
    return { principal: caller.principal, domain: caller.domain };
  }

  @Get('open')
  @Endpoint({ access: 'public', summary: 'For everybody' })
  open() {
    return { open: true };
  }

  @Get('full')
  @Endpoint({ access: 'token', summary: 'Too many' })
  full(): never {
    throw new ThingsFull('Too many things.');
  }

  @Get('bug')
  @Endpoint({ access: 'token', summary: 'A bug' })
  bug(): never {
    throw new Error('SELECT secret FROM table');
  }

  @Get('bug/text')
  @Endpoint({ access: 'token', summary: 'A bug that throws no error' })
  bugText(): never {
    // eslint-disable-next-line @typescript-eslint/only-throw-error
    throw 'a secret text';
  }

  @Get(':id')
  @Endpoint({ access: 'dag.view', summary: 'Get a thing' })
  get(@Param('id') id: string): never {
    throw new ThingGone(`No thing has the id ${id}.`);
  }

  @Post()
  @Endpoint({ access: 'dag.create', action: 'thing.change', summary: 'Make a thing', answers: { 201: PutThing } })
  create(@Body() body: PutThing) {
    return new Answer(body, { location: '/things/1', etag: 1 });
  }

  @Put(':id')
  @Endpoint({
    access: 'dag.modify',
    action: 'thing.change',
    summary: 'Change a thing',
    ifMatch: true,
    answers: { 200: PutThing },
  })
  put(@Body() body: PutThing, @IfMatch() revision: number | undefined) {
    if (revision !== undefined && revision !== 1) throw new PreconditionFailed();
    return body;
  }

  @Post('deep')
  @Endpoint({ access: 'token', action: 'thing.change', summary: 'Deep JSON', body: {}, depth: 200, status: 200 })
  deep() {
    return { ok: true };
  }

  @Post('import')
  @Endpoint({
    access: 'token',
    action: 'thing.change',
    summary: 'JSON or YAML',
    body: { type: 'object' },
    consumes: ['application/json', 'application/yaml'],
    status: 200,
  })
  import(@Body() body: unknown) {
    return { type: typeof body };
  }

  @Post('checked')
  @Endpoint({ access: 'token', action: 'thing.change', summary: 'Checked by the use case', body: {} })
  checked(): never {
    throw new RequestInvalid([
      { pointer: '/steps/0', code: 'step.wrong', message: 'Wrong.' },
      { pointer: '/steps/1', code: 'step.wrong', message: 'Wrong too.' },
    ]);
  }

  @Post('nothing')
  @Endpoint({ access: 'token', action: 'thing.change', summary: 'No body', status: 204 })
  nothing(): void {
    return undefined;
  }

  @Delete(':id')
  @Endpoint({ access: 'dag.delete', action: 'thing.change', summary: 'Delete a thing', answers: { 204: null } })
  delete(): void {
    return undefined;
  }
}

@PrivateApi('queues')
class QueuesController {
  @Get()
  @Endpoint({ access: 'platform.admin', summary: 'List queues' })
  list() {
    return { items: [] };
  }
}

@ProbeApi('health')
class HealthController {
  @Get('alive')
  @Endpoint({ access: 'public', summary: 'Whether the process lives', whileDraining: true })
  alive() {
    return { status: 'up' };
  }
}

const API = '/api/automation/v1';

describe('The HTTP rules', () => {
  let world: HttpWorld;
  beforeAll(async () => {
    world = await aHttpServer([ThingsController, QueuesController, HealthController]);
  });
  afterAll(async () => {
    await world.close();
  });
  const ask = (method: string, path: string, what?: HttpAsk) => world.ask(method, `${API}${path}`, what);

  describe('about who may come', () => {
    it.each(['/things', '/things/mine', '/things/01A', '/nothing/here'])(
      'answer 401 without a token at %s',
      async (path) => {
        const answer = await ask('GET', path, { token: null });
        expect(answer.status).toBe(401);
        expect(answer.headers['www-authenticate']).toBe('Bearer');
        expect(answer.json.code).toBe('token.invalid');
      },
    );

    it('refuse before the body is read', async () => {
      const answer = await ask('POST', '/things', { token: null, body: '{ broken' });
      expect(answer.status).toBe(401);
    });

    it('let everybody into what is public', async () => {
      expect((await ask('GET', '/things/open', { token: null })).json).toEqual({ open: true });
    });

    it('refuse a permission that the token lacks', async () => {
      const token = await world.issue({ permissions: ['dag.view'] });
      expect((await ask('GET', '/things', { token })).status).toBe(200);
      const refused = await ask('POST', '/things', { token, body: '{ broken' });
      expect([refused.status, refused.json.code]).toEqual([403, 'permission.missing']);
    });

    it('give the handler its caller, in the domain of the header', async () => {
      const token = await world.issue({ domains: ['public', 'acme'], principal: 'bob' });
      const inDomain = async (domain?: string) =>
        (await ask('GET', '/things/mine', { token, ...(domain && { headers: { 'x-business-domain': domain } }) })).json;
      expect(await inDomain()).toEqual({ principal: 'bob', domain: 'public' });
      expect(await inDomain('acme')).toEqual({ principal: 'bob', domain: 'acme' });
      expect(await inDomain('other')).toMatchObject({ status: 403, code: 'domain.forbidden' });
      expect(await inDomain('no/domain')).toMatchObject({ status: 400, code: 'domain.invalid' });
    });
  });

  describe('about the two servers', () => {
    it('serve the routes of one nowhere else', async () => {
      expect((await world.askPrivate('GET', `${API}/queues`)).status).toBe(200);
      expect((await ask('GET', '/queues')).status).toBe(404);
      expect((await world.askPrivate('GET', `${API}/things`)).status).toBe(404);
    });

    it('serve probes on both, with and without the prefix', async () => {
      for (const client of [world.ask, world.askPrivate])
        for (const path of ['/health/alive', `${API}/health/alive`])
          expect((await client('GET', path, { token: null })).json).toEqual({ status: 'up' });
    });
  });

  describe('about errors', () => {
    it('give a problem with code, place and request id', async () => {
      const answer = await ask('GET', '/things/01X?', { headers: { 'x-request-id': 'my-id.1' } });
      expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
      expect(answer.json).toEqual({
        type: 'urn:flow-automation:problem:thing.not_found',
        title: 'Not Found',
        status: 404,
        code: 'thing.not_found',
        detail: 'No thing has the id 01X.',
        instance: `${API}/things/01X`,
        requestId: 'my-id.1',
      });
    });

    it('keep a bug to themselves, and log it under the id', async () => {
      const answer = await ask('GET', '/things/bug', { headers: { 'x-request-id': 'bug-1' } });
      expect(answer.status).toBe(500);
      expect(answer.json).toMatchObject({ code: 'internal', requestId: 'bug-1' });
      expect(answer.text).not.toContain('SELECT');
      const line = world.log.lines.find(({ level }) => level === 'error');
      expect(line?.facts).toMatchObject({ requestId: 'bug-1', err: { message: 'SELECT secret FROM table' } });
    });

    it('survive what is thrown and no error', async () => {
      const answer = await ask('GET', '/things/bug/text');
      expect([answer.status, answer.json.code]).toEqual([500, 'internal']);
      expect(answer.text).not.toContain('secret');
    });

    it('say when to come again', async () => {
      const answer = await ask('GET', '/things/full');
      expect([answer.status, answer.headers['retry-after']]).toEqual([429, '3']);
    });

    it('answer 405 with the methods that there are', async () => {
      const answer = await ask('PATCH', '/things/1', { body: {} });
      expect([answer.status, answer.json.code, answer.headers.allow]).toEqual([
        405,
        'method.not_allowed',
        'DELETE, GET, HEAD, PUT',
      ]);
    });

    it.each(['/things/%ff', '/things/a%2', `/things/${'x'.repeat(600)}`, '/things//', '/THINGS'])(
      'refuse the address %s as a problem',
      async (path) => {
        const answer = await ask('GET', path);
        expect([400, 404]).toContain(answer.status);
        expect(answer.json.requestId).toMatch(/^[0-9A-Z]{26}$/);
      },
    );

    it('answer bytes that are no HTTP, on both servers', async () => {
      for (const address of Object.values(world.addresses)) {
        const url = new URL(address);
        const text = await new Promise<string>((resolve, reject) => {
          const socket = connect(Number(url.port), url.hostname, () => socket.write('HELLO\r\n\r\n'));
          let got = '';
          socket.on('data', (part) => (got += part.toString()));
          socket.on('end', () => resolve(got));
          socket.on('error', reject);
        });
        expect(text).toMatch(/^HTTP\/1\.1 400 /);
        expect(text).toContain('application/problem+json');
      }
    });
  });

  describe('about bodies', () => {
    it('name every fault of body and query at once', async () => {
      const answer = await ask('POST', '/things?x=1', { body: { title: '', size: -1.5, extra: true } });
      expect(answer.status).toBe(400);
      const errors = answer.json.errors as { pointer: string; code: string }[];
      expect(errors.map(({ pointer, code }) => `${pointer} ${code}`).sort()).toEqual([
        '/extra field.unknown',
        '/size field.too_small',
        '/size field.type',
        '/title field.too_short',
        '/x field.unknown',
      ]);
    });

    it.each<[string, unknown, string]>([
      ['broken', '{"title":', 'json.malformed'],
      ['not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 'json.not_utf8'],
      ['too deep', '['.repeat(65), 'json.too_deep'],
      ['poisoned', '{"__proto__":{"admin":true}}', 'json.key_forbidden'],
      ['a list', '[]', 'field.type'],
      ['null', 'null', 'field.type'],
      ['a number in a text', '{"title":1}', 'field.type'],
    ])('refuse one that is %s', async (_what, body, code) => {
      const answer = await ask('POST', '/things', { body });
      expect(answer.status).toBe(400);
      expect((answer.json.errors as { code: string }[])[0]?.code).toBe(code);
    });

    it('refuse a missing one where one is needed', async () => {
      const answer = await ask('POST', '/things');
      expect(answer.json.errors).toMatchObject([{ code: 'body.missing' }]);
      const empty = await ask('POST', '/things', { headers: { 'content-type': 'application/json' } });
      expect(empty.json.errors).toMatchObject([{ code: 'body.missing' }]);
    });

    it('take none where none is needed, and refuse one there', async () => {
      expect((await ask('POST', '/things/nothing')).status).toBe(204);
      expect((await ask('POST', '/things/nothing', { headers: { 'content-type': 'application/json' } })).status).toBe(
        204,
      );
      expect((await ask('POST', '/things/nothing', { body: {} })).json.errors).toMatchObject([
        { code: 'body.unexpected' },
      ]);
    });

    it('refuse 2 MiB with 413', async () => {
      const answer = await ask('POST', '/things', { body: { title: 'x'.repeat(2 * 1024 * 1024) } }).catch(
        (error: unknown) => (error as NodeJS.ErrnoException).code,
      );
      // The server hangs up on a body that it does not read; a client that is still sending may see only that.
      if (typeof answer === 'string') expect(['EPIPE', 'ECONNRESET']).toContain(answer);
      else expect([answer?.status, answer?.json.code]).toEqual([413, 'body.too_large']);
    });

    it.each([
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/json; charset=latin1',
      'application/yaml',
      'multipart/form-data; boundary=x',
      'application/jsonx',
      '',
    ])('refuse the content type %p with 415', async (type) => {
      const answer = await ask('POST', '/things', { body: '{"title":"a"}', headers: { 'content-type': type } });
      expect([answer.status, answer.json.code]).toEqual([415, 'content_type.unsupported']);
    });

    it('refuse a content encoding with 415', async () => {
      const answer = await ask('POST', '/things', { body: '{}', headers: { 'content-encoding': 'gzip' } });
      expect(answer.status).toBe(415);
    });

    it('hand YAML on as text where it is taken', async () => {
      const yaml = { body: 'title: x\n', headers: { 'content-type': 'application/yaml' } };
      expect((await ask('POST', '/things/import', yaml)).json).toEqual({ type: 'string' });
      expect((await ask('POST', '/things/import', { body: {} })).json).toEqual({ type: 'object' });
      expect((await ask('POST', '/things/import', { body: '"text"' })).status).toBe(400);
    });

    it('take 200 levels where a route says so', async () => {
      const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
      expect((await ask('POST', '/things/deep', { body: nested(200) })).status).toBe(200);
      expect((await ask('POST', '/things/deep', { body: nested(201) })).status).toBe(400);
    });

    it('carry the faults that a use case finds', async () => {
      const answer = await ask('POST', '/things/checked', { body: {} });
      expect(answer.json.errors).toHaveLength(2);
      expect(answer.json.detail).toBe('Wrong. (and 1 more)');
    });
  });

  describe('about queries', () => {
    it('read numbers and booleans, and fill in defaults', async () => {
      expect((await ask('GET', '/things')).json).toEqual({ limit: 50, count: false });
      expect((await ask('GET', '/things?limit=200&count=true&cursor=abc')).json).toEqual({
        limit: 200,
        count: true,
        cursor: 'abc',
      });
    });

    it.each([
      'limit=0',
      'limit=201',
      'limit=ten',
      'limit=1&limit=2',
      'limit=',
      'count=maybe',
      'cursor=',
      'page=2',
      '__proto__=1',
    ])('refuse ?%s', async (query) => {
      const answer = await ask('GET', `/things?${query}`);
      expect([answer.status, answer.json.code]).toEqual([400, 'request.invalid']);
    });
  });

  describe('about answers', () => {
    it('carry place and ETag', async () => {
      const answer = await ask('POST', '/things', { body: { title: 'a' } });
      expect([answer.status, answer.headers.location, answer.headers.etag, answer.json]).toEqual([
        201,
        '/things/1',
        '"1"',
        { title: 'a' },
      ]);
    });

    it('carry the security headers, errors too, and no word of what makes them', async () => {
      for (const path of ['/things/open', '/things/bug', '/nowhere', '/things/%ff']) {
        const { headers } = await ask('GET', path);
        expect(headers).toMatchObject({
          'cache-control': 'no-store',
          'x-content-type-options': 'nosniff',
          'x-frame-options': 'DENY',
        });
        expect(headers['content-security-policy']).toContain("default-src 'none'");
        expect(Object.keys(headers).join()).not.toMatch(/x-powered-by|^server$|access-control/);
      }
    });

    it('make a request id where none came or a harmful one did', async () => {
      const ids = await Promise.all(
        [{}, { 'x-request-id': 'a b' }, { 'x-request-id': 'x'.repeat(200) }].map(
          async (headers) => (await ask('GET', '/things/open', { headers })).headers['x-request-id'],
        ),
      );
      for (const id of ids) expect(id).toMatch(/^[0-9A-Z]{26}$/);
      expect(new Set(ids).size).toBe(3);
    });

    it('send the trace context back, and log it; a broken one is ignored', async () => {
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
      const answer = await ask('GET', '/things/open', { headers: { traceparent } });
      expect(answer.headers.traceparent).toBe(traceparent);
      expect(world.log.lines.some(({ facts }) => (facts as { traceparent?: string }).traceparent === traceparent)).toBe(
        true,
      );
      const broken = await ask('GET', '/things/open', { headers: { traceparent: `00-${'0'.repeat(32)}-1-01` } });
      expect(broken.headers.traceparent).toBeUndefined();
      const later = await ask('GET', '/things/open', { headers: { traceparent: `cc${traceparent.slice(2)}-more` } });
      expect(later.headers.traceparent).toBe(traceparent);
    });

    it('answer HEAD wherever there is a GET', async () => {
      const answer = await ask('HEAD', '/things/open');
      expect([answer.status, answer.text]).toEqual([200, '']);
    });
  });

  it.each([
    [undefined, 200],
    ['"1"', 200],
    ['*', 200],
    ['"2"', 412],
    ['"other"', 412],
    ['1', 400],
    ['W/"1"', 400],
    ['"1", "2"', 400],
  ])('take If-Match %s with %d', async (header, status) => {
    const answer = await ask('PUT', '/things/1', {
      body: { title: 'a' },
      ...(header && { headers: { 'if-match': header } }),
    });
    expect(answer.status).toBe(status);
  });

  it('write no secret, body or query into the log', async () => {
    const token = await world.issue();
    await ask('POST', '/things?x=hidden-query', { token, body: { title: 'hidden-body' } });
    const log = JSON.stringify(world.log.lines);
    expect(log).not.toContain(token);
    expect(log).not.toContain('hidden-');
  });

  it('answer whatever is sent as a body without a failure of their own', async () => {
    const aBody = fc.oneof(
      fc.json().map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      fc.record({ title: fc.anything({ withNullPrototype: true }), size: fc.jsonValue() }).map((value) => {
        return Buffer.from(
          JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? Number(part) : part)),
        );
      }),
    );
    await fc.assert(
      fc.asyncProperty(aBody, fc.webQueryParameters({ size: 'small' }), async (body, query) => {
        const answer = await ask('POST', `/things?${query}`, { body });
        expect([200, 201, 400]).toContain(answer.status);
      }),
      { numRuns: 150 },
    );
  });
});

describe('The quota of requests', () => {
  let world: HttpWorld;
  beforeAll(async () => {
    world = await aHttpServer([ThingsController, QueuesController, HealthController], {
      tokenPerMinute: 3,
      clock: new FixedClock(),
    });
  });
  afterAll(() => world.close());

  const limitsOf = ({ headers }: { readonly headers: Readonly<Record<string, unknown>> }) =>
    ['ratelimit-policy', 'ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset'].map((name) => headers[name]);

  it('is told with every answer, and past it requests are refused before their body is read', async () => {
    const token = await world.issue();
    const first = await world.ask('GET', `${API}/things`, { token });
    expect([first.status, ...limitsOf(first)]).toEqual([200, '3;w=60', '3', '2', '20']);
    const missing = await world.ask('GET', `${API}/things/01A`, { token });
    expect([missing.status, ...limitsOf(missing)]).toEqual([404, '3;w=60', '3', '1', '40']);
    await world.askPrivate('GET', `${API}/queues`, { token });
    const refused = await world.ask('POST', `${API}/things`, { token, body: '{ broken' });
    expect([refused.status, refused.json.code, ...limitsOf(refused)]).toEqual([
      429,
      'quota.exceeded',
      ...['3;w=60', '3', '0', '60'],
    ]);
    expect(refused.headers['retry-after']).toBe('20');
    expect((await world.ask('GET', `${API}/things`, { token: await world.issue() })).status).toBe(200);
  });

  it('holds for nobody who is not let in, for nothing public and for no probe', async () => {
    const token = await world.issue({ permissions: ['dag.view'] });
    for (let i = 0; i < 5; i += 1) {
      expect((await world.ask('POST', `${API}/things`, { token, body: {} })).status).toBe(403);
      expect((await world.ask('GET', `${API}/things`, { token: 'none' })).status).toBe(401);
      expect((await world.ask('GET', `${API}/things/open`, { token })).headers).not.toHaveProperty('ratelimit-limit');
      expect((await world.ask('GET', `${API}/health/alive`, { token })).status).toBe(200);
    }
    expect((await world.ask('GET', `${API}/things`, { token })).headers['ratelimit-remaining']).toBe('2');
  });
});
