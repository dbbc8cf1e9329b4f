import { PermissionMissing, PERMISSIONS } from '@flow/auth';
import { RequestInvalid } from '@flow/kernel';
import { aCaller } from '@flow/testing/instances';
import { DAY, PurgeWorld } from '@flow/testing/retention';

const ann = aCaller();
const eve = aCaller({ domain: 'eves' });

describe('the retention of a business domain', () => {
  let world: PurgeWorld;
  beforeEach(async () => {
    world = await PurgeWorld.open();
  });
  afterEach(() => world.close());

  it('is its own where it says one, else the setting', async () => {
    expect(await world.service.get(ann)).toEqual({ own: null, fallback: 'P30D' });
    const { own } = await world.service.put(ann, { failed: 'P90D' });
    expect(own).toMatchObject({ domain: 'acme', retention: { failed: 'P90D' }, modifiedBy: 'ann' });
    expect(await world.service.get(ann)).toEqual({ own, fallback: 'P30D' });
    expect((await world.service.get(eve)).own).toBeNull();
    await world.service.reset(ann);
    await world.service.reset(ann);
    expect((await world.service.get(ann)).own).toBeNull();
  });

  it('is refused with every fault of it', async () => {
    const refused = world.service.put(ann, { failed: 'PT1S', running: 'P1D' });
    await expect(refused).rejects.toThrow(RequestInvalid);
    await expect(refused).rejects.toMatchObject({
      faults: [{ pointer: '/retention/failed' }, { pointer: '/retention/running' }],
    });
    expect((await world.service.get(ann)).own).toBeNull();
  });

  it('holds at once when it is asked for', async () => {
    const dag = await world.aDag();
    const instance = await world.run(dag);
    await world.runs.clock.advance(2 * DAY);
    await world.service.put(ann, 'P1D');
    expect(await world.service.run(eve)).toMatchObject({ purged: 0 });
    expect(await world.service.run(ann)).toMatchObject({ purged: 1, done: true });
    expect(await world.stands(instance)).toBe(false);
  });

  it('tells beforehand what would go, by DAG, and removes nothing', async () => {
    const [many, few, kept] = [await world.aDag(), await world.aDag(), await world.aDag({ retention: 'forever' })];
    for (let i = 0; i < 450; i += 1) await world.run(many, i % 3 === 0 ? 'failed' : 'succeeded');
    const gone = [await world.run(few), await world.run(few)];
    await world.run(kept);
    await world.runs.clock.advance(2 * DAY);
    await world.run(few);
    await world.service.put(ann, 'P1D');
    const preview = await world.service.preview(ann);
    const dags = [
      { dagId: many.id, instances: 450 },
      { dagId: few.id, instances: 2 },
    ];
    expect(preview).toMatchObject({ instances: 452, dags, done: true });
    expect(await world.service.preview(eve)).toMatchObject({ instances: 0, dags: [], done: true });
    for (const one of gone) expect(await world.stands(one)).toBe(true);
    expect(await world.service.run(ann)).toMatchObject({ purged: preview.instances });
    expect(await world.service.preview(ann)).toMatchObject({ instances: 0, dags: [] });
  });

  it('is for those who run the platform', async () => {
    const other = aCaller({ permissions: PERMISSIONS.filter((permission) => permission !== 'platform.admin') });
    for (const ask of ['get', 'reset', 'run', 'preview'] as const)
      await expect(world.service[ask](other)).rejects.toThrow(PermissionMissing);
    await expect(world.service.put(other, 'P1D')).rejects.toThrow(PermissionMissing);
  });
});
