import { Flows } from './flows';

const end = { id: 'end', operator: '@internal/return', parameters: { ok: true } };

describe('A run that is paused', () => {
  let flows: Flows;
  beforeAll(async () => (flows = await Flows.start()));
  beforeEach(() => flows.renew());
  afterAll(() => flows.close());

  const post = (id: string, what: string, body?: object) => flows.ask('POST', `/instances/${id}/${what}`, body);

  it('starts nothing new, lets end what runs, and goes on when it is resumed', async () => {
    const id = await flows.run([flows.step('a'), flows.step('b'), end]);
    const a = await flows.call('a');
    const paused = await post(id, 'pause');
    expect([paused.status, paused.json]).toEqual([202, { id, status: 'paused' }]);
    a.answer();
    await flows.taskIn(id, 'a', 'succeeded');
    expect(await flows.statuses(id)).toEqual(['start: succeeded', 'a: succeeded']);
    expect((await flows.instance(id)).status).toBe('paused');
    const why = (await flows.must('GET', `/instances/${id}/why`)).as<{ waitingFor: object[] }>();
    expect(why).toEqual({
      status: 'paused',
      reason: null,
      waitingFor: [
        {
          kind: 'paused',
          message: 'Paused by admin. Resume it to go on.',
          stepId: null,
          path: null,
          since: expect.any(String) as string,
          until: null,
        },
      ],
    });
    expect(flows.open).toHaveLength(0);

    const resumed = await post(id, 'resume');
    expect([resumed.status, resumed.json]).toEqual([202, { id, status: 'running' }]);
    (await flows.call('b')).answer();
    expect(await flows.ended(id)).toMatchObject({ status: 'succeeded', result: { ok: true } });
    expect(await flows.facts(id)).toMatchObject([
      { type: 'instance.started' },
      { type: 'instance.paused', by: 'admin' },
      { type: 'instance.resumed', by: 'admin' },
      { type: 'instance.succeeded' },
    ]);
  });

  it('is paused once however often it is asked, and resumed once', async () => {
    const id = await flows.run([flows.step('a'), end]);
    const a = await flows.call('a');
    for (let i = 0; i < 3; i += 1) expect((await post(id, 'pause')).json).toEqual({ id, status: 'paused' });
    a.answer();
    await post(id, 'resume');
    const again = await post(id, 'resume');
    expect([again.status, again.problem.code]).toEqual([
      409,
      expect.stringMatching(/instance\.(not_paused|has_ended)/),
    ]);
    await flows.ended(id);
    expect((await flows.facts(id)).map(({ type }) => type)).toEqual([
      'instance.started',
      'instance.paused',
      'instance.resumed',
      'instance.succeeded',
    ]);
  });

  it('is not resumed when it is not paused, and says what it is', async () => {
    const id = await flows.run([flows.step('a'), end]);
    const a = await flows.call('a');
    const running = await post(id, 'resume');
    expect([running.status, running.problem.code]).toEqual([409, 'instance.not_paused']);
    expect(running.problem.detail).toContain('running');
    a.answer();
    await flows.ended(id);
    for (const what of ['pause', 'resume', 'cancel']) {
      const { status, problem } = await post(id, what);
      expect([what, status, problem.code]).toEqual([what, 409, 'instance.has_ended']);
      expect(problem.detail).toContain('succeeded');
    }
  });

  it('can be cancelled, and then not be paused or resumed any more', async () => {
    const id = await flows.run([flows.step('a'), flows.step('b'), end]);
    await flows.call('a');
    await post(id, 'pause');
    expect((await post(id, 'cancel', { reason: 'no longer' })).status).toBe(202);
    expect(await flows.ended(id)).toMatchObject({ status: 'cancelled', reason: { message: 'no longer' } });
    expect((await post(id, 'resume')).problem.code).toBe('instance.has_ended');
    expect(flows.server.hits.filter(({ url, body }) => url === '/b' && body.includes(id))).toEqual([]);
  });

  it('is not paused while it is being cancelled', async () => {
    const steps = [
      { id: 't', operator: '@control/flow/try', steps: [flows.step('a')], finally: [flows.step('last')] },
      end,
    ];
    const id = await flows.run(steps);
    await flows.call('a');
    await post(id, 'cancel');
    const last = await flows.call('last');
    const refused = await post(id, 'pause');
    expect([refused.status, refused.problem.code]).toEqual([409, 'instance.is_cancelling']);
    last.answer();
    expect((await flows.ended(id)).status).toBe('cancelled');
  });
});

describe('A cancel with compensate', () => {
  let flows: Flows;
  beforeAll(async () => (flows = await Flows.start()));
  beforeEach(() => flows.renew());
  afterAll(() => flows.close());

  const undone = (id: string) =>
    flows.step(id, {
      undo: flows.step(
        `un-${id}`,
        {},
        { what: '{{completed.output.body.made}}', with: '{{completed.parameters.method}}' },
      ),
    });
  const twoDone = async (): Promise<{ dag: string; id: string }> => {
    const dag = await flows.aDag([undone('a'), undone('b'), flows.step('c'), end]);
    const id = await flows.runOf(dag);
    (await flows.call('a')).answer({ made: 1 });
    (await flows.call('b')).answer({ made: 2 });
    await flows.call('c');
    return { dag, id };
  };

  it('undoes what had succeeded, last first, and lists it', async () => {
    const { id } = await twoDone();
    await flows.must('POST', `/instances/${id}/cancel`, { compensate: true, reason: 'wrong customer' });
    const first = await flows.call();
    expect(first.body).toEqual({ step: 'un-b', what: 2, with: 'POST' });
    expect((await flows.instance(id)).status).toBe('cancelling');
    first.answer();
    const second = await flows.call();
    expect(second.body).toEqual({ step: 'un-a', what: 1, with: 'POST' });
    second.answer();
    expect(await flows.ended(id)).toMatchObject({
      status: 'cancelled',
      reason: {
        code: 'instance.cancelled',
        message: 'wrong customer',
        compensation: [
          { stepId: 'un-b', status: 'succeeded' },
          { stepId: 'un-a', status: 'succeeded' },
        ],
      },
    });
    expect((await flows.facts(id))[1]).toMatchObject({
      type: 'instance.cancelling',
      by: 'admin',
      reason: 'wrong customer',
      compensate: true,
    });
  });

  it('of a DAG goes on when an undo fails, and says which', async () => {
    const { dag, id } = await twoDone();
    await flows.must('POST', `/dags/${dag}/cancel`, { all: true, compensate: true });
    (await flows.call('un-b')).answer({}, 400);
    (await flows.call('un-a')).answer();
    const { compensation } = (await flows.ended(id)).reason ?? {};
    expect(compensation).toMatchObject([
      { path: 'b/@undo/un-b', status: 'failed', error: { code: 'http.status' } },
      { path: 'a/@undo/un-a', status: 'succeeded' },
    ]);
  });

  it('undoes nothing unless it is asked for', async () => {
    const { id } = await twoDone();
    await flows.must('POST', `/instances/${id}/cancel`, {});
    expect((await flows.ended(id)).reason?.compensation).toBeUndefined();
    expect(flows.open).toHaveLength(0);
  });
});

describe('A batch of instances', () => {
  let flows: Flows;
  beforeAll(async () => (flows = await Flows.start()));
  beforeEach(() => flows.renew());
  afterAll(() => flows.close());

  interface Item {
    readonly id: string;
    readonly ok: boolean;
    readonly error?: { code: string; message: string };
  }
  const batch = async (body: object) =>
    (await flows.must('POST', '/instances/batch', body)).as<{ items: Item[] }>().items;

  it('gives each id its own answer, in their order and once', async () => {
    const dag = await flows.aDag([flows.step('a'), end]);
    const [one, two, three] = [await flows.runOf(dag), await flows.runOf(dag), await flows.runOf(dag)];
    await flows.must('POST', `/instances/${two}/cancel`);
    await flows.ended(two);
    const unknown = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
    expect(await batch({ action: 'pause', ids: [three, unknown, two, one, three] })).toEqual([
      { id: three, ok: true },
      {
        id: unknown,
        ok: false,
        error: { code: 'instance.not_found', message: expect.stringContaining(unknown) as string },
      },
      {
        id: two,
        ok: false,
        error: { code: 'instance.has_ended', message: expect.stringContaining('cancelled') as string },
      },
      { id: one, ok: true },
    ]);
    expect((await flows.instance(one)).status).toBe('paused');
    expect((await batch({ action: 'resume', ids: [one] }))[0]?.ok).toBe(true);
    expect((await batch({ action: 'resume', ids: [one] }))[0]?.error?.code).toBe('instance.not_paused');
    await batch({ action: 'cancel', ids: [one, three], reason: 'enough' });
    expect((await flows.ended(three)).reason?.message).toBe('enough');
  });

  it('retries those that have ended, and names the new ones', async () => {
    const dag = await flows.aDag([flows.step('a'), end]);
    const [one, two] = [await flows.runOf(dag), await flows.runOf(dag)];
    await flows.must('POST', `/instances/${one}/cancel`);
    await flows.ended(one);
    const items = await batch({ action: 'retry', ids: [one, two] });
    expect(items).toMatchObject([
      { id: one, ok: true },
      { id: two, ok: false, error: { code: 'instance.not_ended' } },
    ]);
    const { instanceId } = items[0] as Item & { instanceId: string };
    expect(await flows.instance(instanceId)).toMatchObject({ retryOf: one, attempt: 2 });
    await batch({ action: 'cancel', ids: [instanceId, two] });
  });

  it.each<[body: object, pointer: string]>([
    [{ action: 'cancel', ids: [] }, '/ids'],
    [{ action: 'cancel', ids: Array.from({ length: 101 }, (_, i) => `${i}`) }, '/ids'],
    [{ action: 'stop', ids: ['x'] }, '/action'],
    [{ ids: ['x'] }, '/action'],
    [{ action: 'pause', ids: ['x'], reason: 'tired' }, '/reason'],
    [{ action: 'resume', ids: ['x'], compensate: false }, '/compensate'],
    [{ action: 'pause', ids: ['x'], version: 'latest' }, '/version'],
    [{ action: 'cancel', ids: ['x'], force: true }, '/force'],
  ])('refuses what is no batch with a pointer to it (%#)', async (body, pointer) => {
    const { status, problem } = await flows.ask('POST', '/instances/batch', body);
    expect([status, problem.errors?.map((fault) => fault.pointer)]).toEqual([400, [pointer]]);
  });
});
