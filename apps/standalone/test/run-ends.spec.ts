import { TriggerStore, type Trigger } from '@flow/triggers';
import type { DomainId, TriggerId } from '@flow/kernel';
import { MANUAL, until } from './api-world';
import { Flows } from './flows';

interface Shown {
  readonly id: string;
  readonly enabled: boolean;
  readonly disabled: { readonly code: string; readonly message: string } | null;
  readonly failures: number;
}

interface Firing {
  readonly key?: string;
  readonly status: string;
  readonly cause: string;
  readonly reason: { readonly code: string; readonly message: string } | null;
  readonly instanceId: string | null;
  readonly event: { readonly data: Record<string, unknown>; readonly large?: unknown };
}

const gives = (value: unknown) => ({ id: 'end', operator: '@internal/return', parameters: { got: value } });
const fails = { id: 'end', operator: '@internal/return', parameters: { result: 'failed', got: 1 } };

describe('A trigger that hangs on ends of runs', () => {
  let flows: Flows;
  beforeAll(async () => (flows = await Flows.start()));
  beforeEach(() => flows.renew());
  afterAll(() => flows.close());

  const listener = async (dag: string, config: object, more: object = {}): Promise<string> =>
    (await flows.must('POST', `/dags/${dag}/triggers`, { kind: 'dag', config, ...more })).id;
  const firings = async (trigger: string): Promise<Firing[]> =>
    (await flows.must('GET', `/triggers/${trigger}/firings`)).as<{ items: Firing[] }>().items;
  const fired = (trigger: string, count = 1): Promise<Firing[]> =>
    until(async () => {
      const all = await firings(trigger);
      return all.filter(({ status }) => status !== 'pending').length >= count ? all : undefined;
    });
  const shown = async (trigger: string) => (await flows.must('GET', `/triggers/${trigger}`)).as<Shown>();

  it('starts one run for each end, with what came of the run that ended', async () => {
    const first = await flows.aDag([gives('{{trigger.n}}')], { vars: {} });
    const second = await flows.aDag([gives('{{trigger}}')]);
    const trigger = await listener(second, { dagId: first });
    const run = await flows.runOf(first);
    const [firing] = await fired(trigger);
    expect(firing).toMatchObject({ status: 'fired', cause: 'dag' });
    const started = await flows.ended(firing?.instanceId ?? '');
    const data = {
      instanceId: run,
      dagId: first,
      version: 'v0.0.0',
      status: 'succeeded',
      result: { got: null },
      reason: null,
      labels: {},
    };
    expect(firing?.event.data).toEqual(data);
    expect(started).toMatchObject({
      status: 'succeeded',
      createdBy: `trigger:${trigger}`,
      input: data,
      result: { got: data },
    });
    expect(await firings(trigger)).toHaveLength(1);
  });

  it('takes the ends that it names, and those of which its condition is true', async () => {
    const first = await flows.aDag([fails]);
    const other = await flows.aDag([gives(1)]);
    const deaf = await listener(other, { dagId: first });
    const failed = await listener(other, { dagId: first, on: ['failed', 'cancelled'] });
    const never = await listener(other, {
      dagId: first,
      on: ['failed'],
      condition: "event.data.reason.code == 'other'",
    });
    const run = await flows.runOf(first);
    expect(await fired(failed)).toMatchObject([
      { event: { data: { instanceId: run, status: 'failed', reason: { code: 'returned' } } } },
    ]);
    expect(await fired(never)).toMatchObject([{ status: 'skipped', reason: { code: 'trigger.filtered' } }]);
    expect(await firings(deaf)).toEqual([]);
  });

  it('is a first step as well, and follows what that says', async () => {
    const first = await flows.aDag([gives(7)]);
    const second = (
      await flows.must('POST', '/dags', {
        title: `listens ${first}`,
        steps: [{ id: '0', operator: '@trigger/dag', parameters: { dagId: first } }, gives('{{__0.result.got}}')],
      })
    ).id;
    const [{ id }] = (await flows.must('GET', `/dags/${second}/triggers`)).as<{ items: [Shown] }>().items;
    await flows.runOf(first);
    const [firing] = await fired(id);
    expect(await flows.ended(firing?.instanceId ?? '')).toMatchObject({ status: 'succeeded', result: { got: 7 } });
  });

  it('hands a result on that is too large to be held', async () => {
    const text = 'x'.repeat(300_000);
    const first = await flows.aDag([flows.step('big'), gives('{{__big.body.text}}')]);
    const second = await flows.aDag([gives('{{trigger.result.got}}')]);
    const trigger = await listener(second, { dagId: first });
    const run = await flows.runOf(first);
    (await flows.call('big')).answer({ text });
    expect(await flows.ended(run)).toMatchObject({ status: 'succeeded' });
    const [firing] = await fired(trigger);
    expect(firing).toMatchObject({ status: 'fired', event: { large: { at: [{ path: ['data', 'result', 'got'] }] } } });
    const { result } = await flows.ended(firing?.instanceId ?? '');
    expect(result).toEqual({ got: text });
  });

  it.each(['trigger', 'first step', 'sub-flow'])('refuses to go round by a %s', async (by) => {
    const [a, b, c] = [await flows.aDag([gives(1)]), await flows.aDag([gives(1)]), await flows.aDag([gives(1)])];
    await listener(b, { dagId: a });
    await listener(c, { dagId: b });
    const listens = [{ id: '0', operator: '@trigger/dag', parameters: { dagId: c } }, gives(1)];
    const calls = [MANUAL, { id: 's', operator: '@subflow/call/workflow', parameters: { dagId: a } }];
    const refused = await {
      trigger: () => flows.ask('POST', `/dags/${a}/triggers`, { kind: 'dag', config: { dagId: c } }),
      'first step': () => flows.ask('PUT', `/dags/${a}`, { title: `a ${a}`, steps: listens }),
      'sub-flow': () => flows.ask('PUT', `/dags/${c}`, { title: `c ${c}`, steps: calls }),
    }[by as 'trigger']();
    const pointer = { trigger: '/config/dagId', 'first step': '/steps/0/parameters/dagId', 'sub-flow': '/steps' }[by];
    expect(refused.problem).toMatchObject({ status: 400, errors: [{ pointer, code: 'trigger.loop' }] });
  });

  it('refuses one that is enabled into a circle, and one of a DAG that is not there', async () => {
    const a = await flows.aDag([gives(1)]);
    const b = await flows.aDag([gives(1)]);
    const off = await listener(a, { dagId: b }, { enabled: false });
    await listener(b, { dagId: a });
    expect((await flows.ask('POST', `/triggers/${off}/enable`)).problem).toMatchObject({
      errors: [{ code: 'trigger.loop' }],
    });
    expect(await shown(off)).toMatchObject({ enabled: false });
    const nobody = { kind: 'dag', config: { dagId: '01J00000000000000000000000' } };
    expect((await flows.ask('POST', `/dags/${a}/triggers`, nobody)).problem).toMatchObject({
      errors: [{ pointer: '/config/dagId', code: 'trigger.dag_unknown' }],
    });
  });

  it('ends a circle that two saves at once have made', async () => {
    const a = await flows.aDag([gives(1)]);
    const trigger = await listener(a, { dagId: await flows.aDag([gives(1)]) });
    const store = flows.world.standalone.http.app.get(TriggerStore, { strict: false });
    const standing = (await store.find(flows.domain as DomainId, trigger as TriggerId)) as Trigger;
    await store.replace({ ...standing, lookup: a, config: { dagId: a }, revision: 2 }, 1);
    // Whoever listens is read again by the next change.
    await listener(await flows.aDag([gives(1)]), { dagId: a, on: ['failed'] });
    await flows.runOf(a);
    const all = await fired(trigger, 11);
    expect(all.map(({ status }) => status)).toEqual(['failed', ...Array<string>(10).fill('fired')]);
    expect(all[0]?.reason).toMatchObject({ code: 'trigger.chain_too_long' });
  });

  it('is disabled after so many failed runs in a row', async () => {
    const dag = await flows.aDag([
      { id: 'check', operator: '@internal/return', when: 'trigger.ok != true', parameters: { result: 'failed' } },
      gives(1),
    ]);
    const config = { cron: '0 0 1 1 *', pauseOnFailure: 2 };
    const trigger = (await flows.must('POST', `/dags/${dag}/triggers`, { kind: 'cron', config })).id;
    const fire = async (ok: boolean, failures: number) => {
      await flows.must('POST', `/triggers/${trigger}/fire`, { data: { ok } });
      await until(async () => ((await shown(trigger)).failures === failures ? true : undefined));
    };
    await fire(false, 1);
    await fire(true, 0);
    await fire(false, 1);
    expect(await shown(trigger)).toMatchObject({ enabled: true });
    await fire(false, 2);
    const paused = await until(async () => {
      const one = await shown(trigger);
      return one.enabled ? undefined : one;
    });
    expect(paused).toMatchObject({ disabled: { code: 'failures' }, nextFireAt: null });
    expect((await firings(trigger))[0]).toMatchObject({ status: 'skipped', reason: { code: 'trigger.disabled' } });
    await flows.must('POST', `/triggers/${trigger}/enable`);
    expect(await shown(trigger)).toMatchObject({ enabled: true, disabled: null, failures: 0 });
  });
});
