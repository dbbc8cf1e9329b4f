import { done, type Step } from '@flow/operators';
import { StorageFull, StorageUnavailable } from '@flow/platform';
import { RunWorld, aCaller } from '@flow/testing/instances';
import { settle } from '@flow/testing/kernel';

const ann = aCaller();
const call = (id: string): Step => ({ id, operator: '@test/call' });
/** More than any page has left. */
const LONG = 'x'.repeat(9_000);
const A_WHILE_MS = 1_000;

describe('On a full disk', () => {
  let world: RunWorld;
  beforeEach(async () => {
    world = await RunWorld.open();
  });
  afterEach(() => world.close());

  const begin = async (labels = {}) => {
    const dag = await world.aDag([call('a'), call('b')]);
    return () => world.service.start(ann, dag.id, { labels });
  };

  it('a new run is refused and nothing of it is left; the next one is taken when there is space', async () => {
    const start = await begin({ long: LONG });
    world.limitSpace(true);
    await expect(start()).rejects.toThrow(StorageFull);
    expect([world.runner.liveCount, world.calls.length]).toEqual([0, 0]);
    world.limitSpace(false);
    const { id } = await start();
    expect((await world.service.list(ann, {}, { limit: 10 })).items.map((one) => one.id)).toEqual([id]);
  });

  it('a run that was refused is refused with all that came for it meanwhile', async () => {
    const start = await begin({ long: LONG });
    world.limitSpace(true);
    const refused = start();
    while (world.runner.liveCount === 0) await Promise.resolve();
    const [held] = [...world.runner['held'].keys()];
    const told = world.runner.tell(held!, (at) => ({ type: 'cancelled', at, by: 'ann', reason: null }));
    await expect(refused).rejects.toThrow(StorageFull);
    expect(await told).toBeUndefined();
    world.limitSpace(false);
    await start();
    world.crash();
    // A transition of a run that nobody created would keep every later worker from starting.
    expect(await world.restart()).toMatchObject({ adopted: 1, left: [] });
  });

  it('what was accepted waits, rows are not promised, and all goes on when there is space', async () => {
    const { id } = await (await begin())();
    await settle();
    const other = await begin();
    await world.runner.projector.caughtUp();
    world.limitSpace(true);
    await world.answer(done(LONG));
    expect(world.calls).toEqual([]);
    await expect(other()).rejects.toThrow(StorageFull);
    expect(world.runner.holds(id)).toBe(true);
    world.limitSpace(false);
    await world.clock.advance(A_WHILE_MS);
    await settle();
    expect(world.calls.map(({ context }) => context.task.path)).toEqual(['b']);
    await world.answer(done(null));
    expect((await world.service.get(ann, id)).status).toBe('succeeded');
    await other();
  });

  it.each([StorageFull, StorageUnavailable])(
    'an outcome that is too large for a record waits on $name, as long as its attempt has time',
    async (Fault) => {
      const { id } = await (await begin())();
      await settle();
      const put = world.blobs.put.bind(world.blobs);
      world.blobs.put = () => Promise.reject(new Fault(new Error('the disk')));
      await world.answer(done({ body: 'x'.repeat(50_000) }));
      await world.clock.advance(A_WHILE_MS);
      expect([world.calls.length, world.runner.holds(id)]).toEqual([0, true]);
      world.blobs.put = put;
      await world.clock.advance(A_WHILE_MS);
      // The file and its folder are flushed in other threads.
      while (world.calls.length === 0) await new Promise<void>((resolve) => setImmediate(resolve));
      expect(world.calls[0]?.context.task.path).toBe('b');
    },
  );

  it('rows that do not fit are told at once, and written later', async () => {
    await (
      await begin()
    )();
    await settle();
    await world.runner.projector.caughtUp();
    world.calls.shift()!.answer(done(LONG));
    await settle();
    world.limitSpace(true);
    await expect(world.runner.projector.caughtUp()).rejects.toThrow(StorageFull);
    world.limitSpace(false);
    await world.clock.advance(A_WHILE_MS);
    await world.runner.projector.caughtUp();
    expect(world.runner.projector.fault).toBeUndefined();
  });
});
