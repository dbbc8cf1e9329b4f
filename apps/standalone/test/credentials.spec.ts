import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ADMIN_TOKEN, ApiWorld, MANUAL, aDefinition, until } from './api-world';

interface Token {
  readonly id: string;
  readonly token: string;
  readonly expiresAt: string;
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(folder, name)).isFile());

describe('A token', () => {
  let world: ApiWorld;
  beforeAll(async () => {
    world = await ApiWorld.open();
  });
  afterAll(() => world.close());
  const make = (body: object, token?: string) =>
    world.call('POST', '/me/tokens', { name: 't', permissions: ['dag.view'], ...body }, token ? { token } : {});

  it('is shown once, kept as a hash only, and does what it may and nothing else', async () => {
    const made = (await make({ permissions: ['dag.view', 'token.manage'], domains: ['a'] })).as<Token>();
    expect(made.token).toMatch(/^fa_/);
    const list = await world.must('GET', '/me/tokens?limit=200');
    expect(list.text).toContain(made.id);
    expect(list.text).not.toContain(made.token);
    const secret = made.token.split('_').at(-1)!;
    for (const file of filesIn(world.folder))
      expect([file, readFileSync(join(world.folder, file)).includes(secret)]).toEqual([file, false]);
    expect(world.log).not.toContain(secret);
    const ask = { token: made.token, domain: 'a' };
    expect((await world.call('GET', '/dags', undefined, ask)).status).toBe(200);
    expect((await world.call('POST', '/dags', aDefinition('x'), ask)).status).toBe(403);
    expect((await world.call('GET', '/dags', undefined, { ...ask, domain: 'b' })).status).toBe(403);
    expect((await world.must('GET', '/me', undefined, ask)).json).toMatchObject({
      domain: 'a',
      permissions: ['dag.view', 'token.manage'],
      token: { id: made.id, domains: ['a'] },
    });
  });

  it('cannot give what it does not have: permissions, domains, life, another principal', async () => {
    const own = (
      await make({ permissions: ['dag.view', 'token.manage'], domains: ['a'], lifetime: 'PT1H' })
    ).as<Token>();
    const ask = { token: own.token, domain: 'a' };
    const attempt = (body: object) =>
      world.call('POST', '/me/tokens', { name: 'child', permissions: ['dag.view'], ...body }, ask);
    for (const body of [
      { permissions: ['dag.view', 'dag.run'] },
      { domains: ['a', 'b'] },
      { domains: ['*'] },
      { lifetime: 'P30D' },
    ])
      expect([body, (await attempt(body)).problem.code]).toEqual([body, 'token.exceeds_own']);
    expect((await attempt({ principal: 'root' })).problem.code).toBe('permission.missing');
    const child = (await attempt({})).as<Token>();
    expect(child.expiresAt <= own.expiresAt).toBe(true);
  });

  it('is refused from the moment that it is revoked, and after its time', async () => {
    const made = (await make({})).as<Token>();
    expect((await world.call('GET', '/me', undefined, { token: made.token })).status).toBe(200);
    expect((await world.call('DELETE', `/me/tokens/${made.id}`)).status).toBe(204);
    expect((await world.call('GET', '/me', undefined, { token: made.token })).status).toBe(401);
    expect((await world.call('DELETE', `/me/tokens/${made.id}`)).problem.code).toBe('token.not_found');
    const short = (await make({ lifetime: 'PT0.3S' })).as<Token>();
    const endMs = Date.parse(short.expiresAt);
    await until(async () => {
      const askedMs = Date.now();
      const { status } = await world.call('GET', '/me', undefined, { token: short.token });
      // Whichever it was: it was right at some moment between the question and the answer.
      expect([status, status === 200 ? askedMs < endMs : Date.now() >= endMs]).toEqual([status, true]);
      return status === 401 ? true : undefined;
    });
  });

  it('is not believed when a part of it is changed, cut off or added', async () => {
    const { token } = (await make({})).as<Token>();
    const wrong = [
      token.slice(0, -1),
      `${token}A`,
      token.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
      token.toLowerCase(),
      `${token} ${token}`,
      `fa_${'0'.repeat(26)}_${'A'.repeat(43)}`,
      ADMIN_TOKEN.slice(0, -1),
      '',
    ];
    for (const text of wrong)
      expect([text.length, (await world.call('GET', '/me', undefined, { token: text })).status]).toEqual([
        text.length,
        401,
      ]);
  });

  it('is made only with names, permissions, domains and lifetimes that exist', async () => {
    for (const body of [
      { name: '' },
      { permissions: [] },
      { permissions: ['all'] },
      { permissions: 'dag.view' },
      { domains: [] },
      { domains: ['Ä'] },
      { lifetime: '1h' },
      { lifetime: 'PT0S' },
      { lifetime: 'P' },
      { id: 'x' },
    ]) {
      const refused = await make(body);
      expect([
        body,
        refused.status,
        refused.problem.errors?.[0]?.pointer.startsWith(`/${Object.keys(body)[0]}`),
      ]).toEqual([body, 400, true]);
    }
    expect((await make({ lifetime: 'P366D' })).problem.code).toBe('token.exceeds_own');
  });
});

describe('A secret', () => {
  const VALUE = 'hunter2-"quoted"-sekret+/=';
  /** Every way in which a text may stand in a body, a header, a URL or a log line. */
  const FORMS = [
    VALUE,
    JSON.stringify(VALUE).slice(1, -1),
    encodeURIComponent(VALUE),
    Buffer.from(VALUE).toString('base64'),
    Buffer.from(VALUE).toString('hex'),
  ];
  let world: ApiWorld;
  let target: Server;
  let host: string;
  const seen: string[] = [];

  beforeAll(async () => {
    world = await ApiWorld.open({ OUTBOUND_ALLOW: '127.0.0.1,localhost', LOG_LEVEL: 'trace' });
    target = createServer((request, response) => {
      seen.push(JSON.stringify(request.headers));
      const given = Buffer.from(
        String(request.headers['x-key'] ?? request.headers.authorization ?? ''),
        'latin1',
      ).toString('utf8');
      response.setHeader('content-type', 'application/json');
      response.setHeader('x-echo', encodeURIComponent(given));
      response.statusCode = request.url?.includes('fail') ? 400 : 200;
      response.end(JSON.stringify({ given, quoted: JSON.stringify(given), encoded: encodeURIComponent(given) }));
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => target.once('listening', resolve));
    host = `127.0.0.1:${(target.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    await world.close();
    target.close();
  });

  it('goes to its hosts and to nobody else, and comes back nowhere: answers, files, log', async () => {
    const answers: string[] = [];
    const call = async (method: string, path: string, body?: object, headers: Record<string, string> = {}) => {
      const answer = await world.call(method, path, body, { headers });
      answers.push(answer.text, JSON.stringify(answer.headers));
      return answer;
    };
    const value = VALUE;
    expect(
      (await call('POST', '/secrets', { name: 'key', value, hosts: ['127.0.0.1'] }, { 'idempotency-key': 'k' })).status,
    ).toBe(201);
    expect(
      (await call('POST', '/secrets', { name: 'key', value, hosts: ['127.0.0.1'] }, { 'idempotency-key': 'k' })).status,
    ).toBe(201);
    await call('POST', '/secrets', { name: 'away', value, hosts: ['example.com'] });
    await call('POST', '/secrets', { name: 'key', value });
    await call('POST', '/secrets', { name: 'bad name', value, hosts: ['::::'], more: value });
    const run = async (title: string, parameters: object, more: object = {}) => {
      const made = await call('POST', '/dags', {
        title,
        steps: [
          MANUAL,
          { id: 'ask', operator: '@http/request', parameters, ...more },
          { id: 'end', operator: '@internal/return', parameters: { got: '{{__ask}}' } },
        ],
      });
      const done = await call('POST', `/dags/${made.id}/run?wait=PT10S`);
      for (const path of [`/instances/${done.id}`, `/instances/${done.id}/tasks`, `/instances/${done.id}/history`])
        await call('GET', path);
      await call('GET', `/dags/${made.id}/export`);
      return done.as<{ status: string; reason: { code: string } | null }>();
    };
    const url = `http://${host}/`;
    expect(await run('header', { url, headers: { 'x-key': '{{secrets.key}}' } })).toMatchObject({
      status: 'succeeded',
    });
    expect(seen.at(-1)).toContain('hunter2');
    expect(await run('auth', { url, auth: { type: 'bearer', token: '{{secrets.key}}' } })).toMatchObject({
      status: 'succeeded',
    });
    expect(await run('fails', { url: `${url}fail`, headers: { 'x-key': '{{secrets.key}}' } })).toMatchObject({
      status: 'failed',
    });
    const sent = seen.length;
    const kept = await run('away', { url, headers: { 'x-key': '{{secrets.away}}' } });
    expect([kept.status, kept.reason?.code, seen.length]).toEqual(['failed', 'secret.host_not_allowed', sent]);
    for (const [where, parameters] of Object.entries({
      body: { url, method: 'POST', body: '{{secrets.key}}' },
      url: { url: `${url}{{secrets.key}}` },
      query: { url, query: { k: '{{secrets.key}}' } },
    })) {
      const refused = await call('POST', '/dags', {
        title: where,
        steps: [MANUAL, { id: 'ask', operator: '@http/request', parameters }],
      });
      expect([where, refused.status, refused.problem.errors?.[0]?.code]).toEqual([
        where,
        400,
        'expression.secret_not_allowed',
      ]);
    }
    for (const path of ['/secrets', '/variables', '/dags', '/instances', '/operators/catalog', '/me'])
      await call('GET', path);
    await call('PUT', '/secrets/key', { value, hosts: ['127.0.0.1'] });
    await call('PUT', '/secrets/none', { value });
    answers.push((await world.call('GET', '//metrics', undefined, { server: 'private' })).text);
    const leaks = (text: string | Buffer) => FORMS.filter((form) => text.includes(form));
    expect(answers.flatMap((text) => leaks(text))).toEqual([]);
    expect(leaks(world.log)).toEqual([]);
    await world.restart();
    await call('GET', '/secrets');
    const files = filesIn(world.folder);
    expect(files).toEqual(expect.arrayContaining(['documents.db', 'relational.db', 'documents.db-wal']));
    for (const file of files) expect([file, leaks(readFileSync(join(world.folder, file)))]).toEqual([file, []]);
    expect(leaks(world.log)).toEqual([]);
    expect(leaks(answers.at(-2)!)).toEqual([]);
  });

  it('shows name and hosts, is replaced and deleted, and is one a name', async () => {
    const ask = { domain: 'shown' };
    await world.must('POST', '/secrets', { name: 'one', value: 'a', hosts: ['API.example.com', '*.example.com'] }, ask);
    const { items } = (await world.must('GET', '/secrets', undefined, ask)).as<{ items: object[] }>();
    expect(items).toMatchObject([{ name: 'one', hosts: ['api.example.com', '*.example.com'] }]);
    expect(Object.keys(items[0]!)).not.toContain('value');
    expect((await world.call('POST', '/secrets', { name: 'one', value: 'b' }, ask)).problem.code).toBe(
      'secret.name_taken',
    );
    expect((await world.must('PUT', '/secrets/one', { value: 'b' }, ask)).json).toMatchObject({
      name: 'one',
      hosts: [],
    });
    expect((await world.call('DELETE', '/secrets/one', undefined, ask)).status).toBe(204);
    expect((await world.call('DELETE', '/secrets/one', undefined, ask)).problem.code).toBe('secret.not_found');
    const taken = await Promise.all(
      Array.from({ length: 20 }, () => world.call('POST', '/secrets', { name: 'race', value: 'x' }, ask)),
    );
    expect(taken.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(taken.filter(({ status }) => status === 409)).toHaveLength(19);
  });
});

describe('A secret that DAGs name', () => {
  let world: ApiWorld;
  beforeAll(async () => {
    world = await ApiWorld.open();
  });
  afterAll(() => world.close());

  it('shows them from the version that names it to the one that does not, and is deleted by force alone', async () => {
    const usedBy = async () =>
      (await world.must('GET', '/secrets')).as<{ items: { usedBy: { total: number; dags: object[] } }[] }>().items[0]
        ?.usedBy;
    const reading = (title: string, text: string) => ({
      title,
      steps: [
        MANUAL,
        { id: 'ask', operator: '@http/request', parameters: { url: 'https://a.example', headers: { 'X-Key': text } } },
      ],
    });
    await world.must('POST', '/secrets', { name: 'key', value: 'hunter22' });
    expect(await usedBy()).toEqual({ total: 0, dags: [] });
    const { id } = await world.must('POST', '/dags', reading('Reads', '{{secrets.key}}'));
    expect(await usedBy()).toEqual({ total: 1, dags: [{ id, title: 'Reads' }] });
    const { problem, status } = await world.call('DELETE', '/secrets/key');
    expect([status, problem.code]).toEqual([409, 'secret.in_use']);
    expect(problem.detail).toContain(`"Reads" (${id})`);
    await world.must('PUT', `/dags/${id}`, reading('Reads', 'nothing'));
    expect(await usedBy()).toEqual({ total: 0, dags: [] });
    await world.must('POST', `/dags/${id}/versions/v0.0.0/rollback`);
    expect(await usedBy()).toEqual({ total: 1, dags: [{ id, title: 'Reads' }] });
    expect((await world.call('DELETE', '/secrets/key?force=maybe')).status).toBe(400);
    expect((await world.call('DELETE', '/secrets/key?force=true')).status).toBe(204);
  });
});

describe('A variable', () => {
  let world: ApiWorld;
  beforeAll(async () => {
    world = await ApiWorld.open();
  });
  afterAll(() => world.close());

  it('holds any JSON, is read by runs as it stood at their start, and is one a name', async () => {
    const value = { list: [1, 'two', null, true, { three: 3.5 }], text: 'ä\u0000\u{1F600}' };
    expect((await world.call('POST', '/variables', { name: 'config', value })).status).toBe(201);
    expect((await world.call('POST', '/variables', { name: 'config', value: 1 })).problem.code).toBe(
      'variable.name_taken',
    );
    expect((await world.must('GET', '/variables')).json).toMatchObject({ items: [{ name: 'config', value }] });
    const { id } = await world.must('POST', '/dags', {
      title: 'Reads',
      steps: [MANUAL, { id: 'end', operator: '@internal/return', parameters: { got: '{{variables.config.list}}' } }],
    });
    const read = async () => (await world.must('POST', `/dags/${id}/run?wait=PT10S`)).as<{ result: unknown }>().result;
    expect(await read()).toEqual({ got: value.list });
    await world.must('PUT', '/variables/config', { value: { list: false } });
    expect(await read()).toEqual({ got: false });
    expect((await world.call('DELETE', '/variables/config')).status).toBe(204);
    expect((await world.call('PUT', '/variables/config', { value: 1 })).problem.code).toBe('variable.not_found');
    for (const empty of [null, false, 0, '', [], {}]) {
      await world.must('POST', '/variables', { name: 'empty', value: empty });
      expect((await world.must('GET', '/variables')).json).toMatchObject({ items: [{ value: empty }] });
      await world.must('DELETE', '/variables/empty');
    }
  });
});
