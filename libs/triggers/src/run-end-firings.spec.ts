import type { RunEnd } from '@flow/instances';
import type { DagId, InstanceId } from '@flow/kernel';
import { done, failed } from '@flow/operators';
import { TriggerWorld } from '@flow/testing/triggers';
import { derivedIdOf, LONGEST_CHAIN, TriggerInvalid, type ShownTrigger } from '@flow/triggers';

const MINUTE = 60_000;
const NOBODY = 'nobody' as DagId;

describe('ends of runs', () => {
  let world: TriggerWorld;
  beforeEach(async () => {
    world = await TriggerWorld.open();
  });
  afterEach(() => world.close());

  const listener = async (listened: { readonly id: DagId }, config: object = {}) =>
    world.aTrigger(await world.aDag(), { kind: 'dag', config: { dagId: listened.id, ...config } });
  const run = async (dag: { readonly id: DagId }) => {
    const { id } = await world.runs.service.start(world.caller, dag.id, {});
    await world.rest();
    return id;
  };
  const answer = async (outcome = done({})) => {
    await world.runs.answer(outcome);
    await world.pass(0);
  };
  const outbox = async () => {
    await world.runs.runner.projector.caughtUp();
    return world.runs.store.outbox('', 10);
  };
  const anEnd = (of: Partial<RunEnd>): RunEnd => ({
    domain: world.caller.domain,
    dagId: NOBODY,
    instance: '01JRUN00000000000000000000' as InstanceId,
    version: 'v0.0.0',
    labels: {},
    trigger: { kind: 'manual' },
    status: 'succeeded',
    result: null,
    reason: null,
    at: world.clock.now().getTime(),
    chain: 0,
    ...of,
  });

  describe('that somebody listens to', () => {
    it('are told once in effect, however often they come', async () => {
      const dag = await world.aDag();
      const trigger = await listener(dag);
      const id = await run(dag);
      expect(await world.story(trigger.id)).toEqual([]);
      await answer();
      expect(await world.firings(trigger.id)).toMatchObject([{ key: id, status: 'fired', cause: 'dag' }]);
      await Promise.all([1, 2, 3].map(() => world.first.ends.ended(anEnd({ dagId: dag.id, instance: id }))));
      expect(await world.firings(trigger.id)).toHaveLength(1);
      expect(await world.instances({ dagId: trigger.dagId })).toHaveLength(1);
    });

    it('wait for who cannot take them at the moment', async () => {
      const dag = await world.aDag();
      const trigger = await listener(dag);
      const away = jest.spyOn(world.first.firings, 'accept').mockRejectedValue(new Error('The store is away.'));
      const id = await run(dag);
      await answer();
      expect(await outbox()).toMatchObject([{ id: `${id}:2:0`, message: { kind: 'ended', instance: id } }]);
      expect(await world.firings(trigger.id)).toEqual([]);
      away.mockRestore();
      await world.pass(1_000);
      expect(await world.story(trigger.id)).toHaveLength(1);
      expect(await outbox()).toEqual([]);
    });

    it('are those of its own business domain, and those that it names', async () => {
      const dag = await world.aDag();
      const trigger = await listener(dag, { on: ['cancelled'] });
      await world.first.ends.ended(anEnd({ dagId: dag.id, status: 'cancelled', domain: 'other' as never }));
      await world.first.ends.ended(anEnd({ dagId: dag.id, status: 'failed' }));
      expect(await world.firings(trigger.id)).toEqual([]);
      await world.first.ends.ended(anEnd({ dagId: dag.id, status: 'cancelled' }));
      expect(await world.firings(trigger.id)).toHaveLength(1);
    });

    it('are not those of debug runs', async () => {
      const dag = await world.aDag();
      const trigger = await listener(dag);
      const debug = { dagId: dag.id, data: {} };
      await world.runs.debugging.runs.start(world.caller, debug);
      await world.rest();
      await answer();
      expect(await outbox()).toEqual([]);
      expect(await world.firings(trigger.id)).toEqual([]);
    });
  });

  describe('that nobody listens to', () => {
    it('are not even written', async () => {
      const write = jest.spyOn(world.runs.store, 'project');
      const dag = await world.aDag();
      await listener(await world.aDag());
      await run(dag);
      await answer();
      await world.runs.runner.projector.caughtUp();
      const written = write.mock.calls.flatMap(([rows]) => rows.flatMap((one) => one.outbox));
      expect(write).toHaveBeenCalled();
      expect(written).toEqual([]);
    });
  });

  describe('among several processes', () => {
    it('are all told until it is known who listens, and whenever that was read too long ago', async () => {
      const { ends } = await world.startProcess(true);
      const dag = await world.aDag();
      const wants = () => ends.wants({ domain: world.caller.domain, dagId: dag.id });
      expect(wants()).toBe(false);
      await listener(dag);
      expect(wants()).toBe(false);
      await world.pass(1_000);
      expect(wants()).toBe(true);
      // The store is away: what was read gets old.
      jest.spyOn(world.store, 'enabled').mockRejectedValue(new Error('The store is away.'));
      expect(ends.wants({ domain: world.caller.domain, dagId: NOBODY })).toBe(false);
      await world.pass(1_000);
      expect(ends.wants({ domain: world.caller.domain, dagId: NOBODY })).toBe(true);
      jest.restoreAllMocks();
      await world.pass(1_000);
      expect(ends.wants({ domain: world.caller.domain, dagId: NOBODY })).toBe(false);
    });

    it('are heard from the acknowledgement of the listener on, by all', async () => {
      const { ends } = await world.startProcess(true);
      const dag = await world.aDag();
      const trigger = await listener(dag, {});
      let isAcknowledged = false;
      void ends.changed(trigger).then(() => (isAcknowledged = true));
      await world.pass(2_499);
      expect(isAcknowledged).toBe(false);
      await world.pass(1);
      expect(isAcknowledged).toBe(true);
    });
  });

  describe('that start one another', () => {
    it('are refused when they would go round', async () => {
      const [a, b] = [await world.aDag(), await world.aDag()];
      const on = (dagId: DagId) => ({ kind: 'dag' as const, config: { dagId } });
      await world.aTrigger(b, on(a.id));
      const refused = expect(world.triggers.create(world.caller, a.id, on(b.id))).rejects;
      await refused.toThrow(TriggerInvalid);
      await expect(world.triggers.create(world.caller, a.id, on(a.id))).rejects.toMatchObject({
        faults: [{ pointer: '/config/dagId', code: 'trigger.loop' }],
      });
      const other = await world.aTrigger(a, on((await world.aDag()).id));
      await expect(world.triggers.replace(world.caller, other.id, on(b.id))).rejects.toThrow(TriggerInvalid);
    });

    it('end at the latest when the chain is too long, and say so', async () => {
      const dag = await world.aDag();
      const trigger = await listener(dag);
      await world.first.ends.ended(anEnd({ dagId: dag.id, chain: LONGEST_CHAIN - 1 }));
      await world.rest();
      expect(await world.instances({ dagId: trigger.dagId })).toMatchObject([{ chain: LONGEST_CHAIN }]);
      const instance = '01JRUN00000000000000000001' as InstanceId;
      await world.first.ends.ended(anEnd({ dagId: dag.id, chain: LONGEST_CHAIN, instance }));
      await world.rest();
      expect((await world.firings(trigger.id))[1]).toMatchObject({
        status: 'failed',
        reason: { code: 'trigger.chain_too_long' },
      });
    });
  });

  describe('of runs that a trigger has started', () => {
    const often = async (pauseOnFailure = 2) =>
      world.aTrigger(await world.aDag(), { config: { cron: '* * * * *', pauseOnFailure } });
    const next = async (trigger: ShownTrigger, outcome: ReturnType<typeof done>) => {
      await world.pass(MINUTE);
      await answer(outcome);
      return world.store.find(world.caller.domain, trigger.id);
    };
    const bad = failed('x.bad', 'Bad.');

    it('disable it when so many in a row have failed, and its history says so', async () => {
      const trigger = await often();
      expect(await next(trigger, bad)).toMatchObject({ failures: 1, enabled: true });
      expect(await next(trigger, done({}))).toMatchObject({ failures: 0, enabled: true });
      expect(await next(trigger, bad)).toMatchObject({ failures: 1, enabled: true });
      expect(await next(trigger, bad)).toMatchObject({
        enabled: false,
        nextFireAt: null,
        disabled: { code: 'failures' },
      });
      await world.pass(3 * MINUTE);
      const story = await world.story(trigger.id);
      expect(story.slice(-2)).toEqual([
        expect.stringMatching(/fired$/),
        expect.stringMatching(/skipped trigger.disabled$/),
      ]);
      expect(await world.triggers.setEnabled(world.caller, trigger.id, true)).toMatchObject({
        failures: 0,
        disabled: null,
      });
      expect(await next(trigger, bad)).toMatchObject({ failures: 1, enabled: true });
    });

    it('count once, and not when they were cancelled', async () => {
      const trigger = await often();
      await next(trigger, bad);
      const [{ id: firing } = { id: '' }] = await world.firings(trigger.id);
      const of = { firing, trigger: { kind: 'cron', id: trigger.id } };
      for (let again = 0; again < 3; again += 1) await world.first.ends.ended(anEnd({ ...of, status: 'failed' }));
      await world.pass(MINUTE);
      const [, open] = await world.instances({ dagId: trigger.dagId });
      await world.runs.runs.actions.cancel(world.caller, open!.id, { reason: null });
      await world.rest();
      expect(await world.store.find(world.caller.domain, trigger.id)).toMatchObject({ failures: 1, enabled: true });
    });
  });

  it('are what a first step can listen to', async () => {
    const dag = await world.aDag();
    const steps = [{ id: '0', operator: '@trigger/dag', parameters: { dagId: dag.id } }];
    const listening = (await world.runs.dags.create({ ...(await world.aDag()), id: 'L' as DagId, title: 'l', steps }))
      .dag;
    await world.registrar.follow(listening);
    await run(dag);
    await answer();
    expect(await world.firings(derivedIdOf(listening.id))).toHaveLength(1);
  });
});
