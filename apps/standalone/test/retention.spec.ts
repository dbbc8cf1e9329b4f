import { ApiWorld, aDefinition } from './api-world';

interface Line {
  readonly record: string;
  readonly [field: string]: unknown;
}

describe('Retention and archive', () => {
  let world: ApiWorld;
  beforeAll(async () => {
    world = await ApiWorld.open({ RETENTION: 'P7D' });
  });
  afterAll(() => world.close());

  const admin = { server: 'private' } as const;
  const linesOf = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);

  it('a DAG carries its retention through versions, exports, imports and the schema', async () => {
    const domain = world.newDomain();
    const retention = { succeeded: 'P7D', failed: 'forever' };
    const made = await world.must('POST', '/dags', aDefinition('Kept', { retention }), { domain });
    const path = `/dags/${made.id}`;
    expect(made.json).toMatchObject({ retention });
    await world.must('PUT', path, aDefinition('Kept', { retention: 'P1D' }), { domain });
    const diff = await world.must('GET', `${path}/versions/v0.0.0/diff/v0.0.1`, undefined, { domain });
    expect(diff.json).toMatchObject({ fields: [{ pointer: '/retention', from: retention, to: 'P1D' }] });
    await world.must('POST', `${path}/versions/v0.0.0/rollback`, {}, { domain });
    expect((await world.must('GET', path, undefined, { domain })).json).toMatchObject({ retention });
    const exported = await world.must('GET', `${path}/export?format=yaml`, undefined, { domain });
    const elsewhere = { domain: world.newDomain(), headers: { 'content-type': 'application/yaml' } };
    await world.must('POST', '/dags/import', exported.text, elsewhere);
    const listed = (await world.must('GET', '/dags', undefined, elsewhere)).as<{ items: { id: string }[] }>();
    const there = await world.must('GET', `/dags/${listed.items[0]!.id}`, undefined, { domain: elsewhere.domain });
    expect(there.json).toMatchObject({ retention });
    const schema = (await world.must('GET', '/schemas/dag.json')).as<{ properties: Record<string, unknown> }>();
    expect(schema.properties).toHaveProperty('retention');
    const refused = await world.call('POST', '/dags', aDefinition('Not kept', { retention: { failed: 'PT1S' } }));
    expect(refused.status).toBe(400);
    expect(refused.problem.errors).toMatchObject([{ pointer: '/retention/failed', code: 'retention.too_short' }]);
  });

  it('a business domain has its own, or the setting', async () => {
    const ask = { ...admin, domain: world.newDomain() };
    const none = { domain: ask.domain, retention: null, default: 'P7D', modifiedBy: null, updatedAt: null };
    expect((await world.must('GET', '/retention', undefined, ask)).json).toEqual(none);
    const own = { domain: ask.domain, retention: { failed: 'P90D' }, default: 'P7D', modifiedBy: 'admin' };
    const put = await world.must('PUT', '/retention', { retention: { failed: 'P90D' } }, ask);
    expect(put.json).toMatchObject(own);
    await world.restart();
    expect((await world.must('GET', '/retention', undefined, ask)).json).toEqual(put.json);
    expect((await world.must('GET', '/retention', undefined, admin)).json).toMatchObject({ retention: null });
    for (const body of [{ retention: 'P1W' }, { retention: null }, { retention: 'P1D', more: 1 }, {}, []]) {
      const refused = await world.call('PUT', '/retention', body, ask);
      expect([body, refused.status]).toEqual([body, 400]);
    }
    expect((await world.call('DELETE', '/retention', undefined, ask)).status).toBe(204);
    expect((await world.must('GET', '/retention', undefined, ask)).json).toEqual(none);
  });

  it('a purge can be asked for, and metrics tell of it', async () => {
    const ran = await world.must('POST', '/retention/run', undefined, { ...admin, domain: world.newDomain() });
    expect(ran.json).toMatchObject({ purged: 0, freedBytes: expect.any(Number) as number, done: true });
    const asked = { ...admin, domain: world.newDomain() };
    const counted = await world.must('POST', '/retention/run', { dryRun: true }, asked);
    expect(counted.json).toMatchObject({ purged: 0, done: true, dryRun: { instances: 0, dags: [] } });
    for (const body of [{ dryRun: 'yes' }, { dryrun: true }, []])
      expect((await world.call('POST', '/retention/run', body, asked)).status).toBe(400);
    const { text } = await world.must('GET', '//metrics', undefined, admin);
    for (const name of [
      'orphan_blob_owners_removed_total',
      'instances_purged_total',
      'purge_last_run_seconds',
      'oldest_ended_instance_seconds',
    ])
      expect(text).toContain(`\nflow_${name} 0\n`);
  });

  it('ended instances are exported as lines and removed; a repeat of their request does not begin them again', async () => {
    const ask = { domain: world.newDomain() };
    const dag = await world.must('POST', '/dags', aDefinition('Archived'), ask);
    const key = { ...ask, headers: { 'idempotency-key': 'once' } };
    const first = await world.must('POST', `/dags/${dag.id}/run?wait=PT30S`, {}, key);
    let last = first;
    for (let i = 0; i < 3; i += 1) last = await world.must('POST', `/dags/${dag.id}/run?wait=PT30S`, {}, ask);
    const behind = Date.parse(last.as<{ endedAt: string }>().endedAt) + 1;
    // Only the past is archived.
    while (Date.now() < behind) await new Promise(setImmediate);
    const before = new Date(behind).toISOString();
    const answer = await world.must('GET', `/archive?before=${before}`, undefined, ask);
    expect(answer.headers['content-type']).toBe('application/x-ndjson');
    const lines = linesOf(answer.text);
    expect(lines.filter(({ record }) => record === 'whole')).toHaveLength(4);
    expect(lines.find(({ record, id }) => record === 'instance' && id === first.id)).toMatchObject({
      ...{ status: 'succeeded', result: { answer: 42 } },
    });
    expect(lines.at(-1)).toEqual({ record: 'end', nextCursor: null });

    const removed = await world.must('POST', '/archive/purge', { before }, ask);
    expect(removed.json).toMatchObject({ purged: 4, done: true });
    const missing = await world.call('GET', `/instances/${first.id}`, undefined, ask);
    expect([missing.status, missing.problem.code]).toEqual([404, 'instance.not_found']);
    for (const path of ['events', 'logs', 'history', 'tasks', 'why'])
      expect((await world.call('GET', `/instances/${first.id}/${path}`, undefined, ask)).status).toBe(404);
    const again = await world.must('POST', `/dags/${dag.id}/run?wait=PT30S`, {}, key);
    expect(again.text).toBe(first.text);
    await world.restart();
    expect((await world.must('GET', '/instances?count=true', undefined, ask)).json).toMatchObject({ total: 0 });
    expect((await world.must('GET', '//metrics', undefined, admin)).text).toContain('flow_instances_purged_total 0');
    expect(world.errors).toEqual([]);
  });

  it('what is to come, and what is no time, is refused', async () => {
    for (const before of ['2999-01-01T00:00:00Z', 'yesterday', '']) {
      const read = await world.call('GET', `/archive?before=${encodeURIComponent(before)}`);
      const purge = await world.call('POST', '/archive/purge', { before });
      expect([before, read.status, purge.status]).toEqual([before, 400, 400]);
    }
    expect((await world.call('GET', '/archive')).status).toBe(400);
    expect((await world.call('GET', '/archive?before=2026-01-01T00:00:00Z&cursor=x')).problem.errors).toMatchObject([
      { code: 'cursor.invalid' },
    ]);
  });
});
