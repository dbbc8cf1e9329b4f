import { until } from './api-world';
import { Flows, type Instance } from './flows';

const give = (parameters: object) => ({ id: 'give', operator: '@internal/return', parameters });

describe('A step that calls a DAG', () => {
  let flows: Flows;
  beforeAll(async () => (flows = await Flows.start()));
  beforeEach(() => flows.renew());
  afterAll(() => flows.close());

  const calls = (dagId: string, more: object = {}, step: object = {}) => ({
    id: 'sub',
    operator: '@subflow/call/workflow',
    parameters: { dagId, ...more },
    ...step,
  });
  const end = give({ got: '{{__sub}}' });
  const form = { id: 'in', operator: '@trigger/form', parameters: { fields: [{ key: 'n', type: 'number' }] } };
  /** A DAG that takes a number. */
  const aChild = async (...steps: object[]): Promise<string> =>
    (await flows.must('POST', '/dags', { title: `Child ${Math.random()}`.replace('.', ''), steps: [form, ...steps] }))
      .id;
  const childrenOf = async (dag: string): Promise<Instance[]> =>
    (await flows.must('GET', `/dags/${dag}/instances?sort=createdAt`)).as<{ items: Instance[] }>().items;
  const childOf = (dag: string) => until(async () => (await childrenOf(dag))[0]);

  it('gives the result of its child, which knows its parent', async () => {
    const child = await aChild(flows.step('work'), give({ twice: '{{__in.n * 2}}' }));
    const id = await flows.run([calls(child, { data: { n: 21 } }), end]);
    const work = await flows.call('work');
    const { waitingFor } = await flows.taskIn(id, 'sub');
    const started = await childOf(child);
    expect(waitingFor).toEqual({ kind: 'children', until: null, total: 1, open: 1, first: started.id });
    expect(started).toMatchObject({
      input: { n: 21 },
      parentId: id,
      parent: { id, path: 'sub', attempt: 1, index: 0, waits: true },
      depth: 1,
      createdBy: 'admin',
    });
    const why = (await flows.must('GET', `/instances/${id}/why`)).as<{ waitingFor: { message: string }[] }>();
    expect(why.waitingFor[0]?.message).toBe(`Waits for 1 of 1 instances: ${started.id}.`);
    work.answer();
    expect(await flows.ended(id)).toMatchObject({ status: 'succeeded', result: { got: { twice: 42 } } });
    expect((await flows.facts(id)).slice(1, 3)).toMatchObject([
      { type: 'task.child_started', path: 'sub', child: started.id },
      { type: 'task.child_ended', path: 'sub', child: started.id, status: 'succeeded' },
    ]);
  });

  it("fails with its child, and the child's reason is the cause", async () => {
    const child = await aChild(flows.step('work'));
    const id = await flows.run([calls(child), end]);
    (await flows.call('work')).answer({ no: 1 }, 400);
    const { reason } = await flows.ended(id);
    expect(reason).toMatchObject({
      code: 'subflow.failed',
      stepId: 'sub',
      cause: { code: 'http.status', stepId: 'work', path: 'work' },
    });
  });

  it('cancels its child when its run is cancelled, and not one that it does not wait for', async () => {
    const [child, free] = [await aChild(flows.step('work')), await aChild(flows.step('free'))];
    const id = await flows.run([
      { id: 'go', operator: '@subflow/call/workflow', parameters: { dagId: free, wait: false } },
      calls(child),
      end,
    ]);
    await flows.call('work');
    const freed = await flows.call('free');
    expect((await flows.task(id, 'go')).output).toEqual({ id: (await childOf(free)).id });
    await flows.must('POST', `/instances/${id}/cancel`);
    expect((await flows.ended(id)).status).toBe('cancelled');
    expect((await flows.ended((await childOf(child)).id)).status).toBe('cancelled');
    freed.answer();
    expect((await flows.ended((await childOf(free)).id)).status).toBe('succeeded');
  });

  it('fails when its child is cancelled, and says so', async () => {
    const child = await aChild(flows.step('work'));
    const id = await flows.run([calls(child), end]);
    await flows.call('work');
    await flows.must('POST', `/instances/${(await childOf(child)).id}/cancel`, { reason: 'not this one' });
    expect((await flows.ended(id)).reason).toMatchObject({
      code: 'subflow.failed',
      cause: { code: 'instance.cancelled', message: 'not this one' },
    });
  });

  it('calls the version that it names, or the newest', async () => {
    const child = await aChild(give({ v: 'old' }));
    const { title } = (await flows.must('GET', `/dags/${child}`)).as<{ title: string }>();
    await flows.must('PUT', `/dags/${child}`, { title, steps: [form, give({ v: 'new' })] });
    const pinned = await flows.run([calls(child, { version: 'v0.0.0' }), end]);
    const newest = await flows.run([calls(child), end]);
    expect((await flows.ended(pinned)).result).toEqual({ got: { v: 'old' } });
    expect((await flows.ended(newest)).result).toEqual({ got: { v: 'new' } });
  });

  it('calls it for each element, and tells what became of each', async () => {
    const child = await aChild(flows.step('work', {}, { n: '{{__in.n}}' }), give({ n: '{{__in.n}}' }));
    const batch = (step: object = {}) => ({
      id: 'sub',
      operator: '@subflow/call/dataflow',
      parameters: { dagId: child, data: [{ n: 0 }, { n: 1 }, { n: 2 }] },
      ...step,
    });
    const id = await flows.run([batch(), end]);
    for (let i = 0; i < 3; i += 1) (await flows.call('work')).answer();
    const { got } = (await flows.ended(id)).result as { got: object };
    expect(got).toMatchObject({
      total: 3,
      succeeded: 3,
      failed: 0,
      items: [0, 1, 2].map((n) => ({ status: 'succeeded', result: { n } })),
    });
    const other = await flows.run([batch({ onError: 'continue' }), give({ error: '{{__sub.error.output}}' })]);
    for (let i = 0; i < 3; i += 1) {
      const { body, answer } = await flows.call('work');
      answer({}, body.n === 1 ? 400 : 200);
    }
    expect((await flows.ended(other)).result).toMatchObject({ error: { total: 3, succeeded: 2, failed: 1 } });
    expect((await flows.task(other, 'sub')).error).toMatchObject({ code: 'subflow.failed', handled: true });
  });

  it('of a DAG that is stopped or deleted, or takes other data, fails and says why', async () => {
    const stopped = await aChild(give({}));
    const calling = await flows.aDag([calls(stopped), end]);
    const wrong = await flows.aDag([calls(stopped, { data: { n: '{{"x"}}' } }), end]);
    expect((await flows.ended(await flows.runOf(wrong))).reason?.cause).toMatchObject({
      code: 'input.invalid',
      message: expect.stringContaining('"n"') as string,
    });
    await flows.must('POST', '/dags/batch', { action: 'deactivate', ids: [stopped] });
    const { reason } = await flows.ended(await flows.runOf(calling));
    expect(reason).toMatchObject({ code: 'subflow.failed', stepId: 'sub', cause: { code: 'dag.stopped' } });
    await flows.must('DELETE', `/dags/${stopped}?force=true`);
    const gone = await flows.ended(await flows.runOf(calling));
    expect(gone.reason?.cause).toMatchObject({ code: 'dag.not_found' });
  });

  it('goes ten levels deep and no deeper', async () => {
    const deepest = await aChild(give({ deepest: true }));
    let dag = deepest;
    for (let level = 0; level < 10; level += 1) dag = await flows.aDag([calls(dag), end]);
    expect((await flows.ended(await flows.runOf(dag))).status).toBe('succeeded');
    const steps = [{ id: '0', operator: '@trigger/manual' }, calls(dag), end];
    const refused = await flows.ask('POST', '/dags', { title: 'Too deep', steps });
    expect([refused.status, refused.problem.errors?.[0]?.code]).toEqual([400, 'subflow.too_deep']);
    // What grows at the other end is found when it runs.
    const one = await aChild(give({}));
    const { title } = (await flows.must('GET', `/dags/${deepest}`)).as<{ title: string }>();
    await flows.must('PUT', `/dags/${deepest}`, { title, steps: [form, calls(one), end] });
    let failure = (await flows.ended(await flows.runOf(dag))).reason;
    expect(failure?.code).toBe('subflow.failed');
    while (failure?.cause) failure = failure.cause;
    expect(failure).toMatchObject({ code: 'subflow.too_deep' });
    expect(await childrenOf(one)).toEqual([]);
  });

  it('is not paused with its caller: the child goes on, and its end is acted on at the resume', async () => {
    const child = await aChild(flows.step('work'), give({ n: 1 }));
    const id = await flows.run([calls(child), end]);
    const work = await flows.call('work');
    await flows.must('POST', `/instances/${id}/pause`);
    work.answer();
    await flows.taskIn(id, 'sub', 'succeeded');
    expect((await flows.instance(id)).status).toBe('paused');
    await flows.must('POST', `/instances/${id}/resume`);
    expect((await flows.ended(id)).result).toEqual({ got: { n: 1 } });
  });
});

describe('A step that waits', () => {
  let flows: Flows;
  beforeAll(async () => (flows = await Flows.start()));
  afterAll(() => flows.close());

  it('waits its time, says until when, and holds nothing meanwhile', async () => {
    const id = await flows.run([
      { id: 'w', operator: '@control/wait', parameters: { duration: 'PT1S' } },
      give({ until: '{{__w.until}}' }),
    ]);
    expect((await flows.inStatus(id, 'waiting')).status).toBe('waiting');
    const { waitingFor } = await flows.taskIn(id, 'w');
    const why = (await flows.must('GET', `/instances/${id}/why`)).as<{ waitingFor: object[] }>();
    expect(why.waitingFor).toMatchObject([
      { kind: 'timer', message: `Waits until ${waitingFor?.until ?? ''}.`, until: waitingFor?.until },
    ]);
    expect((await flows.ended(id)).result).toEqual({ until: waitingFor?.until });
  });
});
