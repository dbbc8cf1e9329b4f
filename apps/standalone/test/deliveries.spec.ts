import { PERMISSIONS } from '@flow/auth';
import { localServer, type Hit, type LocalServer } from '@flow/testing/platform';
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { request } from 'undici';
import { ApiWorld, aDefinition, until, type Ask, type Body } from './api-world';

interface Callback {
  readonly url: string;
  readonly status: string;
  readonly attempts: number;
  readonly nextAt: string | null;
  readonly lastError: string | null;
}

interface Letter {
  readonly id: string;
  readonly instanceId: string;
  readonly url: string;
  readonly attempts: number;
  readonly lastError: string;
  readonly payload?: unknown;
}

interface Secrets {
  readonly items: readonly { readonly id: string; readonly value: string; readonly expiresAt: string | null }[];
}

const TOKEN_IN_QUERY = 'letmein-4711';

describe('The callback of a run', () => {
  let world: ApiWorld;
  let server: LocalServer;
  let domain: string;
  let status: number;

  beforeAll(async () => {
    world = await ApiWorld.open({ OUTBOUND_ALLOW: '127.0.0.1', DRAIN_TIMEOUT: 'PT1S' });
    server = await localServer((_hit, response) => response.writeHead(status).end());
  });
  beforeEach(() => {
    domain = world.newDomain();
    status = 204;
  });
  afterAll(async () => {
    await world.close();
    await server.close();
  });

  const must = (method: string, path: string, body?: Body, ask: Ask = {}) =>
    world.must(method, path, body, { domain, ...ask });
  const call = (method: string, path: string, body?: Body, ask: Ask = {}) =>
    world.call(method, path, body, { domain, ...ask });
  const admin = { server: 'private' } as const;
  const url = () => `${server.url}/hooks?key=${TOKEN_IN_QUERY}`;
  const run = async (more: object = {}, ask: Ask = {}) => {
    const dag = (await must('POST', '/dags', aDefinition(`DAG ${Math.random()}`.replace('.', '')))).id;
    return (await must('POST', `/dags/${dag}/run`, { callbackUrl: url(), ...more }, ask)).id;
  };
  const callback = async (id: string) => (await must('GET', `/instances/${id}`)).as<{ callback?: Callback }>().callback;
  const inStatus = (id: string, wanted: string) =>
    until(async () => {
      const now = await callback(id);
      return now?.status === wanted ? now : undefined;
    });
  const hitsOf = (id: string): Hit[] => server.hits.filter(({ body }) => body.includes(id));
  const letters = async (query = '') =>
    (await must('GET', `/dead-letters${query}`, undefined, admin)).as<{ items: Letter[]; total?: number }>();
  const dead = async () => {
    status = 410;
    const id = await run();
    await inStatus(id, 'dead');
    const [letter] = (await letters(`?instanceId=${id}`)).items;
    return { id, letter: letter! };
  };

  it('comes at its end, signed; who looks sees how far it is, and no query', async () => {
    const id = await run();
    expect(await inStatus(id, 'delivered')).toEqual({
      url: `${server.url}/hooks?***`,
      status: 'delivered',
      attempts: 1,
      nextAt: null,
      lastError: null,
    });
    const [hit] = hitsOf(id) as [Hit];
    expect(hit.url).toBe(`/hooks?key=${TOKEN_IN_QUERY}`);
    expect(JSON.parse(hit.body)).toMatchObject({ id, status: 'succeeded', result: { answer: 42 }, reason: null });
    const { items } = (await must('GET', '/webhook-secret')).as<Secrets>();
    const { 'webhook-id': webhookId, 'webhook-timestamp': at, 'webhook-signature': signature } = hit.headers;
    const key = Buffer.from(items[0]!.value.slice('whsec_'.length), 'base64');
    const wanted = createHmac('sha256', key)
      .update(`${String(webhookId)}.${String(at)}.${hit.body}`)
      .digest('base64');
    expect(signature).toBe(`v1,${wanted}`);
    const seen = [
      await must('GET', `/instances/${id}`),
      await must('GET', '/instances'),
      await must('GET', `/instances/${id}/history`),
      await must('GET', `/instances/${id}/events`, undefined, { headers: { accept: 'application/x-ndjson' } }),
    ].map(({ text }) => text);
    for (const text of [...seen, world.log]) expect(text).not.toContain(TOKEN_IN_QUERY);
    expect(seen[1]).toContain(`"callback":{"url":"${server.url}/hooks?***"}`);
  });

  it.each<[callbackUrl: unknown, code: string]>([
    ['ftp://hooks.example.com/', 'callback_url.invalid'],
    ['hooks.example.com', 'callback_url.invalid'],
    ['https://a:b@hooks.example.com/', 'callback_url.invalid'],
    ['http://169.254.169.254/latest', 'callback_url.blocked'],
    ['http://[::1]/', 'callback_url.blocked'],
    ['', 'request.invalid'],
    [7, 'request.invalid'],
    [null, 'request.invalid'],
    [`https://x.example/${'x'.repeat(2_048)}`, 'request.invalid'],
  ])('is refused before anything starts when its address is none (%#)', async (callbackUrl, code) => {
    const dag = (await must('POST', '/dags', aDefinition('One'))).id;
    const { status: given, problem } = await call('POST', `/dags/${dag}/run`, { callbackUrl });
    expect([given, problem.code, problem.errors?.map(({ pointer }) => pointer)]).toEqual([400, code, ['/callbackUrl']]);
    expect((await must('GET', '/instances?count=true')).as<{ total: number }>().total).toBe(0);
  });

  it('is one however often a start is repeated under its key, and another address is another request', async () => {
    const dag = (await must('POST', '/dags', aDefinition('One'))).id;
    const ask = { headers: { 'idempotency-key': 'k' } };
    const bodies = [url(), url(), `${url()}2`].map((callbackUrl) => ({ callbackUrl }));
    const answers = [];
    for (const body of bodies) answers.push(await call('POST', `/dags/${dag}/run`, body, ask));
    expect(answers.map((answer) => answer.status)).toEqual([202, 202, 422]);
    expect(answers[1]!.id).toBe(answers[0]!.id);
    await inStatus(answers[0]!.id, 'delivered');
    expect(hitsOf(answers[0]!.id)).toHaveLength(1);
  });

  it('that nobody takes is kept, can be sent elsewhere, and goes on under its id', async () => {
    const { id, letter } = await dead();
    expect(letter).toMatchObject({
      instanceId: id,
      url: `${server.url}/hooks?***`,
      attempts: 1,
      lastError: 'The receiver answered 410: it is gone.',
    });
    const at = `/dead-letters/${letter.id}`;
    const whole = (await must('GET', at, undefined, admin)).as<Letter>();
    expect(whole.payload).toMatchObject({ id, status: 'succeeded', result: { answer: 42 } });
    const put = await must('PUT', at, { url: `${server.url}/elsewhere?key=${TOKEN_IN_QUERY}` }, admin);
    expect(put.as<Letter>()).toEqual({ ...whole, url: `${server.url}/elsewhere?***` });
    status = 200;
    const redriven = await must('POST', '/dead-letters/redrive', { ids: [letter.id, 'none', letter.id] }, admin);
    expect(redriven.json).toEqual({
      items: [
        { id: letter.id, ok: true },
        {
          id: 'none',
          ok: false,
          error: { code: 'dead_letter.not_found', message: expect.stringContaining('none') as string },
        },
      ],
      more: false,
    });
    expect(await inStatus(id, 'delivered')).toMatchObject({ attempts: 1, url: `${server.url}/elsewhere?***` });
    const hits = hitsOf(id);
    expect(hits.map((hit) => hit.url.split('?')[0])).toEqual(['/hooks', '/elsewhere']);
    expect(new Set(hits.map(({ headers, body }) => `${String(headers['webhook-id'])} ${body}`)).size).toBe(1);
    expect((await call('GET', at, undefined, admin)).problem.code).toBe('dead_letter.not_found');
  });

  it('can be driven anew by what it goes to, and be forgotten', async () => {
    const all = [await dead(), await dead(), await dead()];
    const host = new URL(server.url).host;
    expect((await letters('?count=true')).total).toBe(3);
    expect((await letters(`?host=${host}&count=true&limit=1`)).total).toBe(3);
    expect((await letters('?host=other.example&count=true')).total).toBe(0);
    const first = await must('GET', '/dead-letters?limit=2', undefined, admin);
    const { items, nextCursor } = first.as<{ items: Letter[]; nextCursor: string }>();
    const rest = (await letters(`?limit=2&cursor=${nextCursor}`)).items;
    expect([...items, ...rest].map(({ instanceId }) => instanceId)).toEqual(all.map(({ id }) => id).reverse());

    const gone = all[0]!.letter.id;
    await must('DELETE', `/dead-letters/${gone}`, undefined, admin);
    for (const method of ['GET', 'DELETE'])
      expect((await call(method, `/dead-letters/${gone}`, undefined, admin)).status).toBe(404);
    expect((await callback(all[0]!.id))?.status).toBe('dead');
    status = 200;
    const redriven = await must('POST', '/dead-letters/redrive', { filter: { host } }, admin);
    expect(redriven.as<{ items: object[]; more: boolean }>()).toMatchObject({
      items: [{ ok: true }, { ok: true }],
      more: false,
    });
    for (const { id } of all.slice(1)) await inStatus(id, 'delivered');
    expect((await letters()).items).toEqual([]);
  });

  it.each<[body: Body, code: string]>([
    [{}, 'redrive.target_missing'],
    [{ ids: ['a'], filter: {} }, 'redrive.target_missing'],
    [{ ids: [] }, 'request.invalid'],
    [{ ids: [''] }, 'request.invalid'],
    [{ ids: 'a' }, 'request.invalid'],
    [{ filter: { host: 7 } }, 'request.invalid'],
    [{ filter: { kind: 'x' } }, 'request.invalid'],
    [{ all: true }, 'request.invalid'],
  ])('a redrive of %j is refused', async (body, code) => {
    const { status: given, problem } = await call('POST', '/dead-letters/redrive', body, admin);
    expect([given, problem.code]).toEqual([400, code]);
  });

  it('is refused an address that it may not go to, dead or alive', async () => {
    const { letter } = await dead();
    for (const [target, code] of [
      ['http://10.0.0.1/', 'callback_url.blocked'],
      ['nonsense', 'callback_url.invalid'],
    ]) {
      const { problem } = await call('PUT', `/dead-letters/${letter.id}`, { url: target! }, admin);
      expect([problem.code, problem.errors?.[0]?.pointer]).toEqual([code, '/url']);
    }
    const body = { url: server.url, payload: {} };
    expect((await call('PUT', `/dead-letters/${letter.id}`, body, admin)).status).toBe(400);
  });

  it('belongs to its business domain: to others it has never been', async () => {
    const { id, letter } = await dead();
    const token = await world.token(PERMISSIONS, ['mine']);
    const stranger = { token, domain: 'mine', ...admin };
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['PUT', '', { url: server.url }],
      ['DELETE', '', undefined],
    ] as const) {
      const answers = await Promise.all(
        [letter.id, '01ARZ3NDEKTSV4RRFFQ69G5FAV:3:0'].map(async (one) => {
          const answer = await world.call(method, `/dead-letters/${one}${path}`, body, {
            ...stranger,
            headers: { 'x-request-id': 'same' },
          });
          return [answer.status, answer.text.replaceAll(one, 'id').replaceAll(encodeURIComponent(one), 'id')];
        }),
      );
      expect(answers[0]).toEqual(answers[1]);
      expect(answers[0]![0]).toBe(404);
    }
    const list = await world.must('GET', `/dead-letters?count=true&instanceId=${id}`, undefined, stranger);
    expect(list.json).toEqual({ items: [], nextCursor: null, total: 0 });
    for (const body of [{ ids: [letter.id] }, { filter: {} }])
      expect((await world.must('POST', '/dead-letters/redrive', body, stranger)).text).not.toContain('"ok":true');
    expect((await letters()).items).toEqual([letter]);
    const [mine, theirs] = [
      (await world.must('GET', '/webhook-secret', undefined, { token, domain: 'mine' })).as<Secrets>(),
      (await must('GET', '/webhook-secret')).as<Secrets>(),
    ];
    expect(mine.items[0]!.value).not.toBe(theirs.items[0]!.value);
  });

  it('is signed with two secrets for a while after a rotation', async () => {
    const before = (await must('GET', '/webhook-secret')).as<Secrets>();
    expect((await must('GET', '/webhook-secret')).as<Secrets>()).toEqual(before);
    const after = (await must('POST', '/webhook-secret/rotate', { overlap: 'PT1H' })).as<Secrets>();
    expect(after.items.map(({ id }) => id)).toEqual([expect.any(String), before.items[0]!.id]);
    expect(after.items.map(({ expiresAt }) => expiresAt === null)).toEqual([true, false]);
    const id = await run();
    await inStatus(id, 'delivered');
    expect(String(hitsOf(id)[0]!.headers['webhook-signature']).split(' ')).toHaveLength(2);
    expect((await must('POST', '/webhook-secret/rotate', { overlap: 'PT0S' })).as<Secrets>().items).toHaveLength(1);
    expect((await must('POST', '/webhook-secret/rotate')).as<Secrets>().items).toHaveLength(2);
    for (const overlap of ['P31D', 'soon', ''])
      expect((await call('POST', '/webhook-secret/rotate', { overlap })).status).toBe(400);
    for (const { value } of after.items) expect(world.log).not.toContain(value.slice(6));
  });

  it('is taken by the receiver that docs/callbacks.md shows, which takes nothing else', async () => {
    const page = readFileSync(resolve(__dirname, '../../../docs/callbacks.md'), 'utf8');
    const script = join(world.folder, 'receiver.mjs');
    writeFileSync(script, /```js\n([\s\S]*?)```/.exec(page)?.[1] ?? '');
    const [{ value }] = (await must('GET', '/webhook-secret')).as<{ items: [{ value: string }] }>().items;
    const { port, close } = await localServer();
    await close();
    const receiver = spawn(process.execPath, [script], {
      env: { ...process.env, WEBHOOK_SECRET: value, PORT: String(port) },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    receiver.stdout.on('data', (piece: Buffer) => (said += piece.toString()));
    try {
      const address = `http://127.0.0.1:${port}/`;
      const post = async (headers: Record<string, string>) =>
        (await request(address, { method: 'POST', headers, body: '{}' })).statusCode;
      await until(() => post({}).catch(() => undefined));
      const id = await run({ callbackUrl: address });
      expect(await inStatus(id, 'delivered')).toMatchObject({ attempts: 1 });
      await until(() => (said.includes(`${id}:`) && said.includes('"status":"succeeded"') ? true : undefined));
      const sign = (at: number, key = value) =>
        createHmac('sha256', Buffer.from(key.slice(6), 'base64'))
          .update(`x.${at}.{}`)
          .digest('base64');
      const now = Math.floor(Date.now() / 1000);
      const headers = (at: number, signature: string) => ({
        'webhook-id': 'x',
        'webhook-timestamp': String(at),
        'webhook-signature': signature,
      });
      expect(await post(headers(now, `v1,${sign(now)}`))).toBe(204);
      expect(await post(headers(now, `v1,AAAA v1,${sign(now)}`))).toBe(204);
      expect(await post(headers(now, `v1,${sign(now, `whsec_${'A'.repeat(43)}=`)}`))).toBe(401);
      expect(await post(headers(now, sign(now)))).toBe(401);
      expect(await post(headers(now - 3_600, `v1,${sign(now - 3_600)}`))).toBe(401);
      expect(await post({})).toBe(401);
    } finally {
      receiver.kill();
    }
  });

  it('waits over a restart of the service, and is counted', async () => {
    status = 500;
    const id = await run();
    const first = await until(async () => {
      const now = await callback(id);
      return now?.attempts === 1 ? now : undefined;
    });
    expect(first).toMatchObject({ status: 'pending', lastError: 'The receiver answered 500.' });
    await world.restart();
    expect(await callback(id)).toEqual(first);
    status = 200;
    expect(await inStatus(id, 'delivered')).toMatchObject({ attempts: 2 });
    const metrics = (await world.call('GET', '//metrics', undefined, admin)).text;
    expect(metrics).toContain('flow_deliveries_total{outcome="delivered"} 1');
    expect(metrics).toMatch(/^flow_dead_letters \d+$/m);
    expect(metrics).toContain('flow_deliveries_pending 0');
  });
});
