import { AppError, RequestInvalid, type DagId } from '@flow/kernel';
import { done } from '@flow/operators';
import { StorageUnavailable } from '@flow/platform';
import { LogUnavailable } from '@flow/instances';
import { TriggerWorld } from '@flow/testing/triggers';
import { aCaller } from '@flow/testing/instances';
import { derivedIdOf, eventFor, type ShownTrigger } from '@flow/triggers';

const HOUR = 3_600_000;

class Refused extends AppError {
  readonly kind = 'limited';
  readonly code = 'quota.exceeded';
  constructor() {
    super('No room.');
  }
}

describe('triggers', () => {
  let world: TriggerWorld;
  beforeEach(async () => {
    world = await TriggerWorld.open();
  });
  afterEach(() => world.close());

  const manual = async (sent: object = {}) =>
    world.aTrigger(await world.aDag(), { kind: 'manual', config: {}, ...sent });
  const story = ({ id }: ShownTrigger) => world.story(id);
  const comes = async (trigger: ShownTrigger, id: string, data: object = {}, orderKey = '') => {
    const [accepted] = await world.first.firings.accept(trigger, [
      {
        key: id,
        cause: 'event',
        at: world.clock.now(),
        event: eventFor(trigger, { id, type: 'test', time: world.clock.now(), data: data as never }),
        orderKey,
      },
    ]);
    await world.rest();
    return accepted!;
  };
  /** Starts are refused so, until it is undone. */
  const refusing = (error: unknown) => jest.spyOn(world.runs.service, 'startFrom').mockRejectedValue(error);

  describe('that are fired by hand', () => {
    it('start a run at once, under one key once', async () => {
      const trigger = await manual({ enabled: false, filter: 'false' });
      const fire = () => world.triggers.fire(world.caller, trigger.id, { n: 1 }, 'k');
      const firing = await fire();
      expect(firing).toMatchObject({ status: 'fired', cause: 'manual', event: { subject: 'ann', data: { n: 1 } } });
      expect(await fire()).toEqual(firing);
      expect(await world.instances()).toMatchObject([
        { id: firing.instanceId, input: { n: 1 }, trigger: { kind: 'manual', id: trigger.id } },
      ]);
    });

    it('say why they could not', async () => {
      const trigger = await world.aTrigger(await world.aDag({ status: 'stopped' }), { kind: 'manual', config: {} });
      expect(await world.triggers.fire(world.caller, trigger.id, undefined, 'k')).toMatchObject({
        status: 'skipped',
        reason: { code: 'dag.stopped' },
        instanceId: null,
      });
    });
  });

  it('start one run of what comes with the same dedupeKey, and say of the others which that was', async () => {
    const trigger = await manual({ dedupeKey: '{{event.data.order}}' });
    await comes(trigger, 'e1', { order: 'A' });
    await comes(trigger, 'e2', { order: 'A' });
    await comes(trigger, 'e3', { order: 'B' });
    await comes(trigger, 'e1', { order: 'A' });
    const [first, second, third] = await world.firings(trigger.id);
    expect([first, second, third].map((one) => one?.status)).toEqual(['fired', 'deduplicated', 'fired']);
    expect(second?.instanceId).toBe(first?.instanceId);
    expect(await world.firings(trigger.id)).toHaveLength(3);
    expect(await world.instances()).toHaveLength(2);
  });

  it('start in order what has one order key, also when the first is tried again', async () => {
    const trigger = await manual();
    const { service } = world.runs;
    const real = service.startFrom.bind(service);
    const order: unknown[] = [];
    let isAway = true;
    jest.spyOn(service, 'startFrom').mockImplementation(async (...args) => {
      order.push(args[2].n);
      if (isAway && args[2].n === 2) throw new StorageUnavailable(undefined);
      return real(...args);
    });
    for (let n = 1; n <= 5; n += 1) await comes(trigger, `e${n}`, { n }, 'same');
    await comes(trigger, 'other', { n: 6 }, 'another');
    expect(order).toEqual([1, 2, 6]);
    isAway = false;
    await world.pass(60_000);
    expect(order).toEqual([1, 2, 6, 2, 3, 4, 5]);
    expect(new Set(await story(trigger).then((all) => all.map((line) => line.slice(9))))).toEqual(new Set(['fired']));
  });

  it('make a dead letter of what their expressions fail on', async () => {
    const trigger = await manual({ filter: 'event.data.n + [] > 1' });
    await comes(trigger, 'e1', { n: 1 });
    expect(await world.firings(trigger.id)).toMatchObject([
      { status: 'dead', reason: { code: 'trigger.expression_failed' } },
    ]);
    expect(await world.instances()).toEqual([]);
  });

  it('make a dead letter of data that the DAG does not take; what only the time says again has failed', async () => {
    const dag = await world.aDag({ steps: [{ id: '0', operator: '@trigger/manual' }] });
    const trigger = await world.aTrigger(dag, { kind: 'manual', config: {} });
    const refuse = refusing(
      new RequestInvalid([{ pointer: '/data/x', code: 'field.missing', message: '"x" is missing.' }], 'input.invalid'),
    );
    await comes(trigger, 'e1');
    const firing = await world.triggers.fire(world.caller, trigger.id, undefined, 'k');
    expect(firing).toMatchObject({ status: 'failed', reason: { code: 'input.invalid' } });
    expect(await world.firings(trigger.id)).toMatchObject([{ status: 'dead', attempts: 1 }, { status: 'failed' }]);
    refuse.mockRestore();
  });

  it('try again while a store is away, however long, and start one run', async () => {
    const trigger = await manual();
    const refuse = refusing(new LogUnavailable(new Error('away')));
    await comes(trigger, 'e1');
    for (let minute = 0; minute < 30; minute += 1) await world.pass(60_000);
    const [waiting] = await world.firings(trigger.id);
    expect(waiting).toMatchObject({ status: 'pending', reason: { code: 'log.unavailable' } });
    expect(waiting!.attempts).toBeGreaterThan(20);
    refuse.mockRestore();
    await world.pass(61_000);
    expect(await story(trigger)).toEqual(['00:00:00 fired']);
    expect(await world.instances()).toHaveLength(1);
  });

  it('look again when the store is away at the start of a process', async () => {
    const take = jest.spyOn(world.history, 'take').mockRejectedValueOnce(new StorageUnavailable(undefined));
    await world.startProcess();
    expect(world.faults.splice(0)).toMatchObject([{ code: 'storage.unavailable' }]);
    const before = take.mock.calls.length;
    await world.pass(5_000);
    expect(take.mock.calls.length).toBeGreaterThan(before);
    take.mockRestore();
  });

  it('wait a day for room, then make a dead letter of it', async () => {
    const trigger = await manual();
    const refuse = refusing(new Refused());
    await comes(trigger, 'e1');
    await world.pass(61_000);
    expect(await world.firings(trigger.id)).toMatchObject([{ status: 'pending' }]);
    world.clock.jump(24 * HOUR);
    await world.pass(61_000);
    expect(await world.firings(trigger.id)).toMatchObject([{ status: 'dead', reason: { code: 'quota.exceeded' } }]);
    refuse.mockRestore();
  });

  it('give up on what nobody can explain after ten tries', async () => {
    const trigger = await manual();
    const refuse = refusing(new Error('a bug'));
    await comes(trigger, 'e1');
    for (let minute = 0; minute < 15; minute += 1) await world.pass(60_000);
    expect(await world.firings(trigger.id)).toMatchObject([
      { status: 'dead', attempts: 10, reason: { code: 'internal' } },
    ]);
    refuse.mockRestore();
  });

  it('that were deleted start nothing of what they had left', async () => {
    const trigger = await manual();
    const refuse = refusing(new LogUnavailable(new Error('away')));
    await comes(trigger, 'e1');
    refuse.mockRestore();
    await world.triggers.remove(world.caller, trigger.id);
    await world.pass(61_000);
    expect(await world.firings(trigger.id)).toMatchObject([
      { status: 'skipped', reason: { code: 'trigger.not_found' } },
    ]);
  });

  it('of another domain are not there', async () => {
    const trigger = await manual();
    const stranger = aCaller({ domain: 'other' });
    await expect(world.triggers.get(stranger, trigger.id)).rejects.toMatchObject({ code: 'trigger.not_found' });
    await expect(world.triggers.fire(stranger, trigger.id, {}, 'k')).rejects.toMatchObject({
      code: 'trigger.not_found',
    });
    await expect(world.triggers.create(stranger, trigger.dagId, { kind: 'manual' })).rejects.toMatchObject({
      code: 'dag.not_found',
    });
  });

  it('stop with their owner', async () => {
    const trigger = await world.aTrigger(await world.aDag());
    expect(await world.triggers.revokeOwner(world.caller, 'ann')).toBe(1);
    await world.pass(2 * HOUR);
    expect(await story(trigger)).toEqual([]);
    expect(await world.triggers.get(world.caller, trigger.id)).toMatchObject({
      enabled: false,
      disabled: { code: 'owner_revoked' },
    });
  });

  it('tell all faults at once, each at its place, and change nothing', async () => {
    const dag = await world.aDag();
    const sent = {
      kind: 'cron' as const,
      config: { cron: '0 0 30 2 *', timezone: 'Europe/Berlin' },
      filter: 'event.data.n >',
      dedupeKey: '{{secrets.key}}',
      input: { a: '{{unknown}}' },
      concurrency: { max: 0, onFull: 'queue' as const },
    };
    const refusal = world.triggers.create(world.caller, dag.id, sent);
    await expect(refusal).rejects.toMatchObject({ code: 'trigger.invalid' });
    const { faults } = (await refusal.catch((error: unknown) => error)) as RequestInvalid;
    expect(faults.map(({ pointer, code }) => `${pointer} ${code}`)).toEqual([
      '/config/cron schedule.never_fires',
      '/filter expression.invalid',
      '/dedupeKey expression.unknown_name',
      '/input expression.unknown_name',
      '/concurrency field.invalid',
    ]);
    expect(await world.store.ofDag(world.caller.domain, dag.id)).toEqual([]);
  });

  it('refuse a change that was made of an older state', async () => {
    const trigger = await manual();
    await world.triggers.replace(world.caller, trigger.id, { kind: 'manual', name: 'one' }, 1);
    const late = world.triggers.replace(world.caller, trigger.id, { kind: 'manual', name: 'two' }, 1);
    await expect(late).rejects.toMatchObject({ code: 'trigger.stale', kind: 'stale' });
    expect((await world.triggers.get(world.caller, trigger.id)).name).toBe('one');
  });

  it('are a hundred of a DAG at most', async () => {
    const dag = await world.aDag();
    for (let i = 0; i < 100; i += 1) await world.triggers.create(world.caller, dag.id, { kind: 'manual' });
    await expect(world.triggers.create(world.caller, dag.id, { kind: 'manual' })).rejects.toMatchObject({
      code: 'trigger.too_many',
    });
  });

  describe('that are the first step of their DAG', () => {
    const cron = (expression: string) => ({ id: '0', operator: '@trigger/cron', parameters: { cron: expression } });
    const derivedOf = (dagId: DagId) => world.store.find(world.caller.domain, derivedIdOf(dagId));

    it('follow it: made, changed, another kind, gone', async () => {
      const dag = await world.aDag();
      await world.registrar.follow({ ...dag, steps: [cron('0 * * * *')] });
      expect(await derivedOf(dag.id)).toMatchObject({
        kind: 'cron',
        derived: true,
        enabled: true,
        nextFireAt: new Date('2026-01-01T01:00:00Z'),
      });
      await world.registrar.follow({ ...dag, steps: [cron('30 * * * *')] });
      expect(await derivedOf(dag.id)).toMatchObject({ nextFireAt: new Date('2026-01-01T00:30:00Z'), revision: 2 });
      await world.registrar.follow({ ...dag, steps: [cron('30 * * * *')] });
      expect((await derivedOf(dag.id))?.revision).toBe(2);
      await world.registrar.follow({ ...dag, steps: [{ id: '0', operator: '@trigger/manual' }] });
      expect(await derivedOf(dag.id)).toMatchObject({ kind: 'manual', nextFireAt: null });
      await world.registrar.gone(dag.domain, dag.id, 'bob');
      expect(await derivedOf(dag.id)).toMatchObject({
        enabled: false,
        disabled: { code: 'dag_deleted' },
        modifiedBy: 'bob',
      });
    });

    it('fire from when they stand, however long that takes to write', async () => {
      const dag = await world.aDag();
      const real = world.store.add.bind(world.store);
      jest.spyOn(world.store, 'add').mockImplementationOnce(async (trigger) => {
        await world.rest();
        return real(trigger);
      });
      await world.registrar.follow({ ...dag, steps: [cron('*/10 * * * * *')] });
      await world.rest();
      await world.pass(10_000);
      expect(await world.story(derivedIdOf(dag.id))).toEqual(['00:00:10 fired']);
    });

    it('are all disabled with it, though somebody changes one at the same moment', async () => {
      const dag = await world.aDag();
      const { id } = await world.aTrigger(dag);
      const trigger = (await world.store.find(dag.domain, id))!;
      const real = world.store.replace.bind(world.store);
      jest.spyOn(world.store, 'replace').mockImplementationOnce(async (next, from) => {
        await real({ ...trigger, name: 'another', revision: from + 1 }, from);
        return real(next, from);
      });
      await world.registrar.gone(dag.domain, dag.id, 'bob');
      expect(await world.store.find(dag.domain, id)).toMatchObject({
        name: 'another',
        enabled: false,
        disabled: { code: 'dag_deleted' },
      });
    });

    it('cannot be changed here, but switched', async () => {
      const dag = await world.aDag();
      await world.registrar.follow({ ...dag, steps: [cron('0 * * * *')] });
      const id = derivedIdOf(dag.id);
      const change = world.triggers.replace(world.caller, id, { kind: 'cron', config: { cron: '1 * * * *' } });
      await expect(change).rejects.toMatchObject({ code: 'trigger.derived' });
      await expect(world.triggers.remove(world.caller, id)).rejects.toMatchObject({ code: 'trigger.derived' });
      await world.triggers.setEnabled(world.caller, id, false);
      await world.pass(HOUR);
      expect(await world.story(id)).toEqual([]);
      await world.registrar.follow({ ...dag, steps: [cron('15 * * * *')] });
      expect((await derivedOf(dag.id))?.enabled).toBe(false);
    });

    it('are one, whoever follows at the same moment', async () => {
      const dag = await world.aDag();
      await Promise.all(
        Array.from({ length: 10 }, () => world.registrar.follow({ ...dag, steps: [cron('0 * * * *')] })),
      );
      expect(await world.store.ofDag(dag.domain, dag.id)).toHaveLength(1);
    });
  });

  describe('of which times that are over are made up for', () => {
    const daily = async () => world.aTrigger(await world.aDag(), { config: { cron: '0 6 * * *' } });
    const range = { from: new Date('2025-12-20T00:00:00Z'), to: new Date('2025-12-25T00:00:00Z') };

    it('as a list first', async () => {
      const trigger = await daily();
      const dry = await world.backfills.start(world.caller, trigger.id, { ...range, dryRun: true }, 'b');
      expect(dry).toEqual({
        id: null,
        standing: 0,
        times: [20, 21, 22, 23, 24].map((day) => new Date(`2025-12-${day}T06:00:00Z`)),
      });
      expect(await story(trigger)).toEqual([]);
    });

    it('so many at once, behind fresh runs, each time once', async () => {
      const trigger = await daily();
      const { id } = await world.backfills.start(world.caller, trigger.id, { ...range, maxParallel: 2 }, 'b');
      await world.rest();
      const runs = await world.instances();
      expect(runs.map(({ status }) => status).sort()).toEqual(['queued', 'queued', 'queued', 'running', 'running']);
      expect(runs[0]).toMatchObject({ priority: 'lowest', labels: { backfill: id } });
      await world.runs.answer(done(null));
      await world.pass(2_000);
      expect((await world.instances()).filter(({ status }) => status === 'running')).toHaveLength(2);
      const again = await world.backfills.start(
        world.caller,
        trigger.id,
        { from: range.from, to: new Date('2025-12-26T00:00:00Z') },
        'c',
      );
      await world.rest();
      expect(again).toMatchObject({ standing: 5, times: { length: 6 } });
      expect(await world.instances()).toHaveLength(6);
    });

    it('until somebody cancels it: what runs goes on', async () => {
      const trigger = await daily();
      const { id } = await world.backfills.start(world.caller, trigger.id, range, 'b');
      await world.rest();
      expect(await world.backfills.cancel(world.caller, trigger.id, id!)).toBe(4);
      await world.pass(2_000);
      expect((await world.instances()).map(({ status }) => status).sort()).toEqual([
        'cancelled',
        'cancelled',
        'cancelled',
        'cancelled',
        'running',
      ]);
      await expect(world.backfills.cancel(world.caller, trigger.id, 'none')).rejects.toMatchObject({
        code: 'backfill.not_found',
      });
    });

    it('but not those to come, nor of what is no schedule', async () => {
      const trigger = await daily();
      const ahead = world.backfills.start(
        world.caller,
        trigger.id,
        { from: range.from, to: new Date('2026-02-01T00:00:00Z') },
        'b',
      );
      await expect(ahead).rejects.toMatchObject({ faults: [{ pointer: '/to' }] });
      const other = await manual();
      await expect(world.backfills.start(world.caller, other.id, range, 'b')).rejects.toMatchObject({
        code: 'trigger.no_schedule',
      });
    });
  });

  it('show in the preview what a change of the clocks does', async () => {
    const trigger = await world.aTrigger(await world.aDag(), {
      config: { cron: '30 2 * * *', timezone: 'Europe/Berlin', startAt: '2026-03-28T00:00:00Z' },
    });
    const [before, change] = await world.triggers.preview(world.caller, trigger.id, 3);
    expect(before?.local).toBe('2026-03-28T02:30:00+01:00');
    expect(change).toMatchObject({
      at: '2026-03-29T01:00:00Z',
      local: '2026-03-29T03:00:00+02:00',
      note: expect.any(String) as string,
    });
  });
});
