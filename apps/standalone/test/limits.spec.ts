import { ApiWorld, MANUAL, aDefinition, until, type Answer } from './api-world';

const asks = { id: 'c', operator: '@control/callback' };
const limits = {
  startBy: 'PT10M',
  concurrency: { max: 2, key: '{{trigger.customer}}', onFull: 'queue' },
  rateLimit: { max: 100, per: 'PT1M', burst: 10 },
};

describe('Limits', () => {
  let world: ApiWorld;
  let domain: string;
  beforeAll(async () => {
    world = await ApiWorld.open({ TOKEN_REQUESTS_PER_MINUTE: '1000' });
  });
  beforeEach(() => {
    domain = world.newDomain();
  });
  afterAll(() => world.close());

  const must = (method: string, path: string, body?: object) => world.must(method, path, body, { domain });
  const call = (method: string, path: string, body?: object, headers: Record<string, string> = {}) =>
    world.call(method, path, body, { domain, headers });
  const aDag = async (fields: object) =>
    (await must('POST', '/dags', { title: 'Limited', steps: [MANUAL, asks], ...fields })).id;
  const statusOf = async (id: string) => (await must('GET', `/instances/${id}`)).as<{ status: string }>().status;
  const run = (id: string, data: object = {}, key?: string) =>
    call('POST', `/dags/${id}/run`, { data }, key === undefined ? {} : { 'idempotency-key': key });
  const total = async (id: string) =>
    (await must('GET', `/dags/${id}/instances?count=true`)).as<{ total: number }>().total;
  const cancel = (id: string) => must('POST', `/instances/${id}/cancel`);
  const becomes = (id: string, status: string) =>
    until(async () => ((await statusOf(id)) === status ? status : undefined));

  it('a DAG carries them through versions, exports, imports and the schema', async () => {
    const id = await aDag(limits);
    expect((await must('GET', `/dags/${id}`)).json).toMatchObject(limits);
    const changed = { ...limits, concurrency: { max: 1 } };
    await must('PUT', `/dags/${id}`, { title: 'Limited', steps: [MANUAL, asks], ...changed });
    const diff = await must('GET', `/dags/${id}/versions/v0.0.0/diff/v0.0.1`);
    expect(JSON.stringify(diff.json)).toContain('"/concurrency');
    await must('PUT', `/dags/${id}`, { title: 'Limited', steps: [MANUAL, asks] });
    expect((await must('GET', `/dags/${id}`)).json).not.toHaveProperty('rateLimit');
    await must('POST', `/dags/${id}/versions/v0.0.0/rollback`, {});
    expect((await must('GET', `/dags/${id}`)).json).toMatchObject(limits);
    for (const format of ['json', 'yaml'] as const) {
      const exported = await must('GET', `/dags/${id}/export?format=${format}`);
      const ask = { domain: world.newDomain(), headers: { 'content-type': `application/${format}` } };
      await world.must('POST', '/dags/import', exported.text, ask);
      const { items } = (await world.must('GET', '/dags', undefined, ask)).as<{ items: { id: string }[] }>();
      const there = await world.must('GET', `/dags/${items[0]!.id}`, undefined, { domain: ask.domain });
      expect(there.json).toMatchObject(limits);
    }
    const schema = (await world.must('GET', '/schemas/dag.json')).as<{ properties: Record<string, unknown> }>();
    for (const field of Object.keys(limits)) expect(schema.properties).toHaveProperty(field);
  });

  it('are checked when a DAG is saved, each fault with its pointer', async () => {
    const wrong = { concurrency: { max: 0, onFull: 'wait' }, rateLimit: { max: 1, per: 'soon' }, startBy: 'PT0S' };
    const refused = await call('POST', '/dags', aDefinition('Wrong', wrong));
    expect(refused.status).toBe(400);
    expect(refused.problem.errors?.map(({ pointer }) => pointer).sort()).toEqual([
      '/concurrency/max',
      '/concurrency/onFull',
      '/rateLimit/per',
      '/startBy',
    ]);
  });

  it('queue: 202 queued, and running when a slot is free, also over a restart', async () => {
    const id = await aDag({ concurrency: { max: 1 } });
    const [first, second, third] = [await run(id), await run(id), await run(id)] as [Answer, Answer, Answer];
    expect([first, second, third].map(({ status, json }) => [status, (json as { status: string }).status])).toEqual([
      [202, 'waiting'],
      [202, 'queued'],
      [202, 'queued'],
    ]);
    const list = await must('GET', `/dags/${id}/instances?status=queued`);
    expect(list.as<{ items: { id: string; startedAt: null }[] }>().items).toMatchObject([
      { id: third.id, startedAt: null },
      { id: second.id, startedAt: null, slot: { key: '', queued: true } },
    ]);
    const why = await must('GET', `/instances/${third.id}/why`);
    expect(why.json).toMatchObject({ status: 'queued', waitingFor: [{ kind: 'slot' }] });
    expect(why.text).toContain(`taken by ${first.id}; 1 begin before it`);
    await cancel(first.id);
    await becomes(second.id, 'waiting');
    await world.restart();
    expect([await statusOf(second.id), await statusOf(third.id)]).toEqual(['waiting', 'queued']);
    await cancel(second.id);
    await becomes(third.id, 'waiting');
    const history = await must('GET', `/instances/${third.id}/history`);
    expect(history.text).toMatch(/instance\.queued.*instance\.started/);
  });

  it('reject: 409 concurrency.full, nothing is left, and the key is free for another try', async () => {
    const id = await aDag({ concurrency: { max: 1, key: '{{trigger.customer}}', onFull: 'reject' } });
    const first = await run(id, { customer: 'a' }, 'one');
    const refused = await run(id, { customer: 'a' }, 'two');
    expect([refused.status, refused.problem.code]).toEqual([409, 'concurrency.full']);
    expect((await run(id, { customer: 'b' })).status).toBe(202);
    // A duplicate is answered before limits are asked.
    const again = await run(id, { customer: 'a' }, 'one');
    expect([again.status, again.id, again.headers['idempotency-replayed']]).toEqual([202, first.id, 'true']);
    expect(await total(id)).toBe(2);
    await cancel(first.id);
    await becomes(first.id, 'cancelled');
    expect((await run(id, { customer: 'a' }, 'two')).status).toBe(202);
  });

  it('rate limit: 429 rate.limited with Retry-After; a stopped DAG, wrong input and a duplicate come before', async () => {
    const form = { id: '0', operator: '@trigger/form', parameters: { fields: [{ key: 'n', type: 'number' }] } };
    const id = await aDag({ rateLimit: { max: 1, per: 'PT1H' }, steps: [form, asks] });
    expect((await run(id, { n: 'x' })).problem.code).toBe('input.invalid');
    const first = await run(id, { n: 1 }, 'k');
    expect(first.status).toBe(202);
    const refused = await run(id, { n: 1 });
    expect([refused.status, refused.problem.code]).toEqual([429, 'rate.limited']);
    const seconds = Number(refused.headers['retry-after']);
    expect(seconds).toBeGreaterThan(3_500);
    expect(seconds).toBeLessThanOrEqual(3_600);
    expect((await run(id, { n: 1 }, 'k')).id).toBe(first.id);
    expect((await run(id, { n: 'x' })).problem.code).toBe('input.invalid');
    await must('POST', '/dags/batch', { action: 'deactivate', ids: [id] });
    expect((await run(id, { n: 1 })).problem.code).toBe('dag.stopped');
    expect(await total(id)).toBe(1);
  });

  it('422 limit.key_failed when a key cannot be worked out', async () => {
    const id = await aDag({ concurrency: { max: 1, key: '{{trigger.n * 2}}' } });
    const refused = await run(id, { n: {} });
    expect([refused.status, refused.problem.code]).toEqual([422, 'limit.key_failed']);
  });

  it('quotas of a business domain are seen, set and reset at the private API', async () => {
    const ask = { server: 'private', domain } as const;
    const defaults = { requestsPerMinute: 600_000, liveInstances: 0 };
    const none = { domain, requestsPerMinute: null, liveInstances: null, defaults, modifiedBy: null, updatedAt: null };
    expect((await world.must('GET', '/quotas', undefined, ask)).json).toEqual(none);
    for (const body of [{ liveInstances: -1 }, { liveInstances: '1' }, { more: 1 }, []])
      expect([body, (await world.call('PUT', '/quotas', body, ask)).status]).toEqual([body, 400]);
    const put = await world.must('PUT', '/quotas', { liveInstances: 2 }, ask);
    expect(put.json).toMatchObject({ liveInstances: 2, requestsPerMinute: null, modifiedBy: 'admin' });
    const id = await aDag({});
    const first = await run(id);
    await run(id);
    const refused = await run(id);
    expect([refused.status, refused.problem.code, refused.headers['retry-after']]).toEqual([
      429,
      'quota.exceeded',
      '5',
    ]);
    await world.restart();
    expect((await run(id)).status).toBe(429);
    await cancel(first.id);
    await becomes(first.id, 'cancelled');
    expect((await run(id)).status).toBe(202);
    expect((await world.call('DELETE', '/quotas', undefined, ask)).status).toBe(204);
    expect((await run(id)).status).toBe(202);
    expect((await world.must('GET', '/quotas', undefined, ask)).json).toEqual(none);
  });

  it('requests past the quota are 429 with RateLimit headers; probes and metrics are exempt', async () => {
    const ask = { server: 'private', domain } as const;
    await world.must('PUT', '/quotas', { requestsPerMinute: 3 }, ask);
    const answers = [];
    for (let i = 0; i < 5; i += 1) answers.push(await call('GET', '/dags'));
    const refused = answers.at(-1)!;
    expect([answers[0]!.status, refused.status, refused.problem.code]).toEqual([200, 429, 'quota.exceeded']);
    expect(refused.headers).toMatchObject({ 'ratelimit-limit': '3', 'ratelimit-remaining': '0' });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(10);
    // The body is not looked at any more.
    expect((await world.call('POST', '/dags', '{ broken', { domain })).status).toBe(429);
    for (let i = 0; i < 5; i += 1) {
      expect((await world.call('GET', '/health/ready', undefined, { domain })).status).toBe(200);
      expect((await world.call('GET', '//metrics', undefined, ask)).status).toBe(200);
    }
    const other = await world.call('GET', '/dags', undefined, { domain: world.newDomain() });
    expect([other.status, other.headers['ratelimit-policy']]).toEqual([200, '1000;w=60']);
  });
});
