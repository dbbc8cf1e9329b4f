import { until } from './api-world';
import { Flows, type Instance } from './flows';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const traceparent = `00-${TRACE_ID}-b7ad6b7169203331-01`;
const BELOW = new RegExp(`^00-${TRACE_ID}-(?!b7ad6b7169203331)[0-9a-f]{16}-01$`);
type Traced = Instance & { traceId?: string };

describe('A start with a traceparent', () => {
  let flows: Flows;
  beforeAll(async () => (flows = await Flows.start()));
  beforeEach(() => flows.renew());
  afterAll(() => flows.close());

  const traceOf = async (id: string) => ((await flows.instance(id)) as Traced).traceId;
  const started = async (path: string, body: object, headers: Record<string, string> = { traceparent }) => {
    const { id } = await flows.must('POST', path, body, { headers });
    return id;
  };
  const headerOf = async (step: string) => {
    const call = await flows.call(step);
    call.answer({}, 400);
    return call.hit.headers.traceparent;
  };

  it('is part of that trace: what people see, what steps call, a retry, sub-flows', async () => {
    const dag = await flows.aDag([flows.step('work')]);
    const id = await started(`/dags/${dag}/run`, {});
    expect(await headerOf('work')).toMatch(BELOW);
    expect(await flows.ended(id)).toMatchObject({ status: 'failed', traceId: TRACE_ID });
    expect(await flows.instance(id)).not.toHaveProperty('traceparent');
    const again = await started(`/instances/${id}/retry`, {});
    expect(await headerOf('work')).toMatch(BELOW);
    await flows.ended(again);
    const untraced = await started(`/instances/${again}/retry`, {}, {});
    expect(await headerOf('work')).toBeUndefined();
    expect([await traceOf(again), await traceOf(untraced)]).toEqual([TRACE_ID, undefined]);
    const above = await flows.aDag([{ id: 'sub', operator: '@subflow/call/workflow', parameters: { dagId: dag } }]);
    const parent = await started(`/dags/${above}/run`, {});
    expect(await headerOf('work')).toMatch(BELOW);
    const children = (await flows.must('GET', `/dags/${dag}/instances?sort=-createdAt`)).as<{ items: Traced[] }>();
    expect(children.items[0]).toMatchObject({ parentId: parent, traceId: TRACE_ID });
  });

  it('is one by a batch and by a debugger as well', async () => {
    const dag = await flows.aDag([flows.step('work')]);
    const batch = async (path: string, body: object) =>
      (await flows.must('POST', path, body, { headers: { traceparent } })).as<{ items: { instanceId: string }[] }>();
    const [run] = (await batch('/dags/batch', { action: 'run', ids: [dag] })).items;
    expect(await headerOf('work')).toMatch(BELOW);
    await flows.ended(run!.instanceId);
    const [again] = (await batch('/instances/batch', { action: 'retry', ids: [run!.instanceId] })).items;
    expect(await headerOf('work')).toMatch(BELOW);
    const debug = await started('/dags/debug/run', { dagId: dag });
    expect(await headerOf('work')).toMatch(BELOW);
    for (const id of [run!.instanceId, again!.instanceId, debug]) expect(await traceOf(id)).toBe(TRACE_ID);
    const alone = flows.must('POST', '/dags/debug/step', { step: flows.step('alone') }, { headers: { traceparent } });
    expect(await headerOf('alone')).toMatch(BELOW);
    await alone;
  });

  it.each([
    ['no header', {}],
    ['a malformed one', { traceparent: `00-${TRACE_ID}-b7ad6b7169203331` }],
    ['a trace id of zeros', { traceparent: `00-${'0'.repeat(32)}-b7ad6b7169203331-01` }],
    ['a version that is none', { traceparent: `ff${traceparent.slice(2)}` }],
  ])('belongs to no trace with %s', async (_what, headers) => {
    const id = await started(`/dags/${await flows.aDag([flows.step('work')])}/run`, {}, headers);
    expect(await headerOf('work')).toBeUndefined();
    expect(await flows.ended(id)).not.toHaveProperty('traceId');
  });

  it('leaves a traceparent alone that the author of the flow has set', async () => {
    const parameters = { url: `${flows.server.url}/own`, headers: { TraceParent: 'of the author' } };
    await started(`/dags/${await flows.aDag([{ id: 'own', operator: '@http/request', parameters }])}/run`, {});
    const { hit, answer } = await until(() => flows.open.splice(0, 1)[0]);
    answer();
    expect(hit.headers.traceparent).toBe('of the author');
  });
});
