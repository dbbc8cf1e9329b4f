import { done } from '@flow/operators';
import type { ShownTrigger } from '@flow/triggers';
import { TriggerWorld } from '@flow/testing/triggers';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** RunWorld's clock begins at 2026-01-01T00:00:00Z. */
describe('a schedule', () => {
  let world: TriggerWorld;
  beforeEach(async () => {
    world = await TriggerWorld.open();
  });
  afterEach(() => world.close());

  const hourly = async (config: object = {}, sent: object = {}) => {
    const dag = await world.aDag();
    return world.aTrigger(dag, { config: { cron: '0 * * * *', ...config }, ...sent });
  };
  const story = ({ id }: ShownTrigger) => world.story(id);
  /** The process is not there for so long. */
  const away = async (ms: number) => {
    await world.stopProcesses();
    await world.clock.advance(ms);
    await world.startProcess(false);
  };
  const finishOldest = async () => {
    await world.runs.answer(done(null));
    await world.pass(2_000);
  };

  it('starts a run at its time, as itself, and says when it fires next', async () => {
    const trigger = await hourly();
    expect(trigger.nextFireAt).toEqual(new Date('2026-01-01T01:00:00Z'));
    await world.pass(HOUR - 1);
    expect(await world.instances()).toEqual([]);
    await world.pass(1);
    const [run] = await world.instances();
    expect(run).toMatchObject({
      createdAt: '2026-01-01T01:00:00.000Z',
      createdBy: `trigger:${trigger.id}`,
      trigger: { kind: 'cron', id: trigger.id },
      input: { scheduledAt: '2026-01-01T01:00:00.000Z' },
    });
    const shown = await world.triggers.get(world.caller, trigger.id);
    expect(shown).toMatchObject({
      nextFireAt: new Date('2026-01-01T02:00:00Z'),
      lastFiredAt: new Date('2026-01-01T01:00:00Z'),
    });
    expect(await world.firings(trigger.id)).toMatchObject([
      { status: 'fired', instanceId: run?.id, cause: 'schedule' },
    ]);
  });

  it('leaves others their turn while very many are due at one moment', async () => {
    for (let dags = 0; dags < 5; dags += 1) {
      const dag = await world.aDag();
      for (let n = 0; n < 42; n += 1) await world.aTrigger(dag, { config: { cron: '0 * * * *' } });
    }
    const { store } = world;
    const advance = store.advance.bind(store);
    const decided: { readonly count: number; readonly turn: number }[] = [];
    let turn = 0;
    let isCounting = true;
    const count = () => {
      turn += 1;
      if (isCounting) setImmediate(count);
    };
    jest.spyOn(store, 'advance').mockImplementation((moves, owner, until) => {
      decided.push({ count: moves.length, turn });
      return advance(moves, owner, until);
    });
    count();
    await world.pass(HOUR);
    isCounting = false;
    expect(decided.map((one) => one.count)).toEqual([100, 100, 10]);
    // Each of them in a turn of the event loop of its own.
    expect(new Set(decided.map((one) => one.turn)).size).toBe(3);
  });

  it('is one of several of its DAG, each in its own zone', async () => {
    const dag = await world.aDag();
    const sent = (timezone: string) => ({ config: { cron: '0 3 * * *', timezone } });
    const berlin = await world.aTrigger(dag, sent('Europe/Berlin'));
    const tokyo = await world.aTrigger(dag, sent('Asia/Tokyo'));
    await world.pass(DAY);
    expect(await story(berlin)).toEqual(['02:00:00 fired']);
    expect(await story(tokyo)).toEqual(['18:00:00 fired']);
  });

  it('maps its time into the input, and leaves out what the filter is not true of', async () => {
    const trigger = await hourly(
      {},
      {
        input: { hour: '{{event.data.scheduledAt.substring(11, 13)}}' },
        filter: '!event.data.scheduledAt.contains("T02")',
      },
    );
    await world.pass(3 * HOUR);
    expect((await world.instances()).map(({ input }) => input)).toEqual([{ hour: '01' }, { hour: '03' }]);
    expect(await story(trigger)).toEqual(['01:00:00 fired', '02:00:00 skipped trigger.filtered', '03:00:00 fired']);
  });

  it('keeps to its start, its end and its exclusions', async () => {
    const trigger = await hourly({
      startAt: '2026-01-01T02:00:00Z',
      endAt: '2026-01-02T05:00:00Z',
      exclude: ['* 3-23 1 1 *'],
    });
    await world.pass(2 * DAY);
    expect(await story(trigger)).toEqual(['02', '00', '01', '02', '03', '04'].map((hour) => `${hour}:00:00 fired`));
    expect((await world.triggers.get(world.caller, trigger.id)).nextFireAt).toBeNull();
  });

  it('with jitter begins later, by no more than was said, and stands in the history at its time', async () => {
    const trigger = await hourly({ jitter: 'PT10M' });
    await world.pass(HOUR);
    expect(await story(trigger)).toEqual(['01:00:00 pending']);
    await world.pass(10 * 60_000);
    const [firing] = await world.firings(trigger.id);
    expect(firing).toMatchObject({ status: 'fired', at: new Date('2026-01-01T01:00:00Z') });
    const [run] = await world.instances();
    expect(run?.createdAt).toBe(firing?.dueAt.toISOString());
    expect(Date.parse(run!.createdAt)).toBeGreaterThan(Date.parse('2026-01-01T01:00:00Z'));
  });

  it('with a jitter shorter than any claim begins at the moment that was drawn', async () => {
    const trigger = await hourly({ jitter: 'PT20S' });
    await world.pass(HOUR);
    await world.pass(20_000);
    const [firing] = await world.firings(trigger.id);
    expect(firing?.status).toBe('fired');
    expect((await world.instances())[0]?.createdAt).toBe(firing?.dueAt.toISOString());
  });

  describe('whose run still goes on at the next time', () => {
    it('overlaps where nothing else is said', async () => {
      const trigger = await hourly();
      await world.pass(2 * HOUR);
      expect((await world.instances()).map(({ status }) => status)).toEqual(['running', 'running']);
      expect(await story(trigger)).toEqual(['01:00:00 fired', '02:00:00 fired']);
    });

    it('reject: skips that time, and says so', async () => {
      const trigger = await hourly({ overlap: 'reject' });
      await world.pass(2 * HOUR);
      await finishOldest();
      await world.pass(HOUR);
      expect(await story(trigger)).toEqual(['01:00:00 fired', '02:00:00 skipped concurrency.full', '03:00:00 fired']);
    });

    it('queue: lets each wait for its turn', async () => {
      await hourly({ overlap: 'queue' });
      await world.pass(3 * HOUR);
      const statuses = async () => (await world.instances()).map(({ status }) => status);
      expect(await statuses()).toEqual(['running', 'queued', 'queued']);
      await finishOldest();
      expect(await statuses()).toEqual(['succeeded', 'running', 'queued']);
    });

    it('queueOne: of those that wait the newest stays', async () => {
      await hourly({ overlap: 'queueOne' });
      await world.pass(3 * HOUR);
      await world.pass(5_000);
      expect((await world.instances()).map(({ status }) => status)).toEqual(['running', 'cancelled', 'queued']);
    });

    it.each(['cancelOldest', 'cancelOthers'])('%s: the older one makes room', async (overlap) => {
      await hourly({ overlap });
      await world.pass(2 * HOUR);
      await world.pass(30_000);
      expect((await world.instances()).map(({ status }) => status)).toEqual(['cancelled', 'running']);
    });

    it("leaves that to the DAG where the DAG has a word of its own; a trigger's own is refused then", async () => {
      const dag = await world.aDag({ concurrency: { max: 1, onFull: 'reject' } });
      const twice = { config: { cron: '0 * * * *', overlap: 'queue' } };
      await expect(world.aTrigger(dag, twice)).rejects.toMatchObject({
        faults: [{ code: 'trigger.concurrency_twice' }],
      });
      const trigger = await world.aTrigger(dag);
      await world.pass(2 * HOUR);
      expect(await story(trigger)).toEqual(['01:00:00 fired', '02:00:00 skipped concurrency.full']);
    });
  });

  describe('of which times were missed', () => {
    const missed = async (config: object) => {
      const trigger = await hourly(config);
      await world.pass(HOUR);
      await away(3.5 * HOUR);
      await world.pass(HOUR / 2);
      return story(trigger);
    };

    it('latest: makes up for the last one', async () => {
      expect(await missed({})).toEqual([
        '01:00:00 fired',
        '02:00:00 skipped missed.not_latest',
        '04:00:00 fired',
        '05:00:00 fired',
      ]);
    });

    it('none: makes up for none', async () => {
      expect(await missed({ missed: { policy: 'none' } })).toEqual([
        '01:00:00 fired',
        '02:00:00 skipped missed.policy_none',
        '05:00:00 fired',
      ]);
    });

    it('all: makes up for each', async () => {
      expect(await missed({ missed: { policy: 'all' } })).toEqual(
        ['01', '02', '03', '04', '05'].map((hour) => `${hour}:00:00 fired`),
      );
      expect((await world.instances()).map(({ input }) => input.scheduledAt as string).sort()).toEqual(
        ['01', '02', '03', '04', '05'].map((hour) => `2026-01-01T${hour}:00:00.000Z`),
      );
    });

    it('all within a window: leaves older ones out', async () => {
      expect(await missed({ missed: { policy: 'all', window: 'PT2H' } })).toEqual([
        '01:00:00 fired',
        '02:00:00 skipped missed.window_passed',
        '03:00:00 fired',
        '04:00:00 fired',
        '05:00:00 fired',
      ]);
    });

    it('says of many how many they were, in one line', async () => {
      const trigger = await hourly({ cron: '* * * * *', missed: { policy: 'none' } });
      await away(10 * HOUR);
      const [first] = await world.firings(trigger.id);
      expect(first?.reason).toMatchObject({
        code: 'missed.policy_none',
        message: expect.stringMatching(/\((59\d|600) times, to /) as string,
      });
    });
  });

  it('fires every one of its seconds, though the process comes to it late', async () => {
    const trigger = await hourly({ cron: '* * * * * *' });
    await world.pass(5_000);
    expect(await story(trigger)).toEqual([1, 2, 3, 4, 5].map((s) => `00:00:0${s} fired`));
    await away(3_000);
    expect(await story(trigger)).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((s) => `00:00:0${s} fired`));
  });

  it('that is disabled fires nothing, and makes up for nothing when it is enabled again', async () => {
    const trigger = await hourly({ missed: { policy: 'all' } });
    await world.triggers.setEnabled(world.caller, trigger.id, false);
    await world.pass(3 * HOUR);
    const back = await world.triggers.setEnabled(world.caller, trigger.id, true);
    expect(back.nextFireAt).toEqual(new Date('2026-01-01T04:00:00Z'));
    await world.pass(HOUR);
    expect(await story(trigger)).toEqual(['04:00:00 fired']);
  });

  it('says of a stopped DAG that it is stopped', async () => {
    const dag = await world.aDag({ status: 'stopped' });
    const trigger = await world.aTrigger(dag);
    await world.pass(HOUR);
    expect(await story(trigger)).toEqual(['01:00:00 skipped dag.stopped']);
  });

  it('that is changed goes by what is new from then on', async () => {
    const trigger = await hourly();
    await world.triggers.replace(
      world.caller,
      trigger.id,
      { kind: 'cron', config: { cron: '30 * * * *' } },
      trigger.revision,
    );
    await world.pass(2 * HOUR);
    expect(await story(trigger)).toEqual(['00:30:00 fired', '01:30:00 fired']);
  });

  it('fires each time once among five processes', async () => {
    for (let i = 0; i < 4; i += 1) await world.startProcess(true);
    const trigger = await hourly({ cron: '*/10 * * * * *' });
    for (let i = 0; i < 12; i += 1) await world.pass(10_000);
    expect(await story(trigger)).toHaveLength(12);
    expect(await world.instances()).toHaveLength(12);
    expect(world.faults).toEqual([]);
  });

  it('whose times are decided by a process that dies is carried out by another', async () => {
    const trigger = await hourly();
    const start = jest.spyOn(world.runs.service, 'startFrom').mockReturnValue(new Promise(() => undefined));
    await world.pass(HOUR);
    expect(await story(trigger)).toEqual(['01:00:00 pending']);
    start.mockRestore();
    world.kill();
    await world.startProcess(true);
    await world.pass(61_000);
    expect(await story(trigger)).toEqual(['01:00:00 fired']);
    expect(await world.instances()).toHaveLength(1);
  });
});
