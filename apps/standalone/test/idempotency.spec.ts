import { ApiWorld, aDefinition } from './api-world';

interface Page {
  readonly total: number;
}

describe('An Idempotency-Key', () => {
  let world: ApiWorld;
  let domain: string;
  const ask = (key: string) => ({ domain, headers: { 'idempotency-key': key } });
  const total = async (path: string) =>
    (await world.must('GET', `${path}?count=true`, undefined, { domain })).as<Page>().total;

  beforeAll(async () => {
    world = await ApiWorld.open();
  });
  beforeEach(() => {
    domain = world.newDomain();
  });
  afterAll(() => world.close());

  it('gives the same answer to the same request, and 422 to another body', async () => {
    const first = await world.must(
      'POST',
      '/dags',
      aDefinition('One', { tags: ['a'], labels: { b: 'c', d: 'e' } }),
      ask('k'),
    );
    const { title, steps } = aDefinition('One') as { title: string; steps: object };
    const again = await world.must(
      'POST',
      '/dags',
      { steps, labels: { d: 'e', b: 'c' }, tags: ['a'], title },
      ask('k'),
    );
    expect([again.status, again.text, again.headers.location, again.headers.etag]).toEqual([
      201,
      first.text,
      first.headers.location,
      first.headers.etag,
    ]);
    expect(again.headers['idempotency-replayed']).toBe('true');
    const other = await world.call('POST', '/dags', aDefinition('Two'), ask('k'));
    expect([other.status, other.problem.code]).toEqual([422, 'idempotency.body_mismatch']);
    expect(await total('/dags')).toBe(1);
  });

  it.each([
    ['/dags', () => aDefinition('Twenty'), '/dags'],
    ['/secrets', () => ({ name: 'twenty', value: 'x' }), '/secrets'],
    ['/variables', () => ({ name: 'twenty', value: 1 }), '/variables'],
  ])('makes one effect of twenty requests at once: POST %s', async (path, body, list) => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => world.call('POST', path, body(), ask('many'))));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]!.status).toBe(201);
    expect(await total(list)).toBe(1);
  });

  it('starts one instance, however often it is sent, and whatever ?wait says differently is another request', async () => {
    const { id } = await world.must('POST', '/dags', aDefinition('Run'), { domain });
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        world.call('POST', `/dags/${id}/run?wait=PT10S`, { labels: { a: 'b' } }, ask('run')),
      ),
    );
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers[0]!.status).toBe(200);
    expect((await world.call('POST', `/dags/${id}/run`, { labels: { a: 'b' } }, ask('run'))).status).toBe(422);
    expect((await world.call('POST', `/dags/${id}/run?wait=PT10S`, undefined, ask('run'))).status).toBe(422);
    const { id: other } = await world.must('POST', '/dags', aDefinition('Other'), { domain });
    expect((await world.call('POST', `/dags/${other}/run?wait=PT10S`, { labels: { a: 'b' } }, ask('run'))).status).toBe(
      422,
    );
    expect(await total('/instances')).toBe(1);
  });

  it('outlives the process', async () => {
    const made = await world.must('POST', '/dags', aDefinition('Lives on'), ask('restart'));
    const run = await world.must('POST', `/dags/${made.id}/run`, {}, ask('restart'));
    await world.restart();
    expect((await world.must('POST', '/dags', aDefinition('Lives on'), ask('restart'))).text).toBe(made.text);
    expect((await world.must('POST', `/dags/${made.id}/run`, {}, ask('restart'))).text).toBe(run.text);
    expect((await world.call('POST', '/dags', aDefinition('Else'), ask('restart'))).status).toBe(422);
    expect([await total('/dags'), await total('/instances')]).toEqual([1, 1]);
  });

  it('is free again after a refusal that had no effect', async () => {
    expect((await world.call('POST', '/dags', { title: '' }, ask('refused'))).status).toBe(400);
    expect((await world.call('POST', '/dags', aDefinition('Good'), ask('refused'))).status).toBe(201);
    expect((await world.call('POST', '/dags', aDefinition('Good'), ask('taken'))).status).toBe(409);
    expect((await world.call('POST', '/dags', aDefinition('Better'), ask('taken'))).status).toBe(201);
  });

  it('belongs to its principal, its domain and its route', async () => {
    const token = (
      await world.must('POST', '/me/tokens', { name: 'b', permissions: ['dag.create'], domains: ['*'], principal: 'b' })
    ).as<{ token: string }>().token;
    const a = await world.must('POST', '/dags', aDefinition('A'), ask('shared'));
    const b = await world.must('POST', '/dags', aDefinition('B'), { ...ask('shared'), token });
    const c = await world.must('POST', '/variables', { name: 'c', value: 1 }, ask('shared'));
    const d = await world.must('POST', '/dags', aDefinition('A'), { ...ask('shared'), domain: world.newDomain() });
    expect(new Set([a.id, b.id, d.id]).size).toBe(3);
    expect(c.status).toBe(201);
  });

  it('is 1 to 255 visible characters, sent once', async () => {
    for (const key of ['', 'a b', 'x'.repeat(256), '\u00e9'])
      expect([key, (await world.call('POST', '/dags', aDefinition('X'), ask(key))).problem.errors?.[0]?.code]).toEqual([
        key,
        'idempotency.key_invalid',
      ]);
    expect((await world.call('POST', '/dags', aDefinition('X'), ask('x'.repeat(255)))).status).toBe(201);
  });
});
