import { readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { InstanceId } from '@flow/kernel';
import { done } from '@flow/operators';
import { FIRST_ORPHAN_SWEEP_MS, ORPHAN_AGE_MS, OrphanSweep } from '@flow/retention';
import { aFile } from '@flow/testing/files';
import { aCaller } from '@flow/testing/instances';
import { settle } from '@flow/testing/kernel';
import { piecesOf, textIn } from '@flow/testing/platform';
import { DAY, PurgeWorld } from '@flow/testing/retention';

const ann = aCaller();
const { domain } = ann;
const LIMIT = 1_000_000;

describe('large values that nobody names', () => {
  let world: PurgeWorld;
  beforeEach(async () => {
    world = await PurgeWorld.open();
  });
  afterEach(() => world.close());

  const put = (owner: string, text = 'x'.repeat(100)) => world.runs.blobs.put({ domain, owner }, piecesOf(text), LIMIT);
  /** What was kept for this owner was kept so long ago, by the world's clock. */
  const age = (owner: string, ms: number) => {
    const blobs = join(world.runs.folder, 'blobs');
    const at = new Date(world.runs.clock.now().getTime() - ms);
    for (const name of readdirSync(blobs))
      if (readdirSync(join(blobs, name)).includes(owner)) utimesSync(join(blobs, name, owner), at, at);
  };
  const owners = () => world.runs.blobs.owners(domain, '', 500);

  it('stay while an uploaded file owns them, and go with one whose row was never written', async () => {
    await world.runs.files.add(aFile(1, { domain }), 10);
    for (const { id } of [aFile(1), aFile(2)]) {
      await put(id);
      age(id, 3 * DAY);
    }
    expect(await world.orphans.run()).toBe(1);
    expect(await owners()).toEqual([aFile(1).id]);
  });

  it('go when they are older than a day, and not before', async () => {
    const sha256 = (await put('young')).sha256;
    await put('old');
    await put('of-old');
    age('young', ORPHAN_AGE_MS);
    for (const owner of ['old', 'of-old']) age(owner, ORPHAN_AGE_MS + 1);
    expect(await world.orphans.run()).toBe(2);
    expect(world.removed.sort()).toEqual(['of-old', 'old']);
    expect(await owners()).toEqual(['young']);
    expect(await textIn(world.runs.blobs.get({ domain, owner: 'young' }, sha256))).toHaveLength(100);
    expect(await world.orphans.run()).toBe(0);
  });

  it('go wherever they stand among very many others', async () => {
    for (let i = 0; i < 250; i += 1) await put(`owner-${i}`);
    for (let i = 0; i < 250; i += 2) age(`owner-${i}`, 2 * DAY);
    expect(await world.orphans.run()).toBe(125);
    expect(await owners()).toHaveLength(125);
  });

  it('are none while an instance names them: live, waiting, ended, on another worker, and of a debugger', async () => {
    const big = done({ text: 'x'.repeat(20_000) });
    const wait = { id: 'w', operator: '@control/wait', parameters: { duration: 'P90D' } };
    const call = { id: 'a', operator: '@test/call' };
    const ids: InstanceId[] = [];
    for (const steps of [[call], [call, wait], [call, { ...call, id: 'b' }]]) {
      const dag = await world.runs.aDag(steps);
      ids.push((await world.runs.service.start(ann, dag.id, {})).id);
      await settle();
      await world.runs.answer(big);
      while ((await owners()).length < ids.length) await settle();
    }
    const debugged = await world.runs.debugging.runs.start(ann, {
      dag: { title: 'Debugged', steps: [{ id: '0', operator: '@trigger/manual' }, call] },
    });
    await settle();
    world.runs.calls.at(-1)?.answer(big);
    while ((await owners()).length < 4) await settle();
    const all = [...ids, debugged.id];
    for (const id of all) age(id, 3 * DAY);
    expect(await world.orphans.run()).toBe(0);
    await world.restart();
    for (const id of all) age(id, 3 * DAY);
    expect(await world.orphans.run()).toBe(0);
    expect([...(await owners())].sort()).toEqual([...all].sort());
  });

  it('are none while what names them is on its way to the log, however slow that is', async () => {
    const dag = await world.runs.aDag([{ id: 'a', operator: '@test/call' }]);
    const id = world.runs.ids.next<InstanceId>();
    await put(id);
    age(id, 3 * DAY);
    // The sweep has looked for its row before there is one.
    const unknown = world.ended.unknown.bind(world.ended);
    world.ended.unknown = async (names) => {
      const found = await unknown(names);
      await world.runs.service.start(ann, dag.id, {}, { id });
      return found;
    };
    expect(await world.orphans.run()).toBe(0);
    expect(await owners()).toEqual([id]);
    // A start that stores it once more and whose record is still to come makes it young again.
    const next = world.runs.ids.next<InstanceId>();
    await put(next);
    age(next, 3 * DAY);
    world.ended.unknown = async (names) => {
      const found = await unknown(names);
      await put(next);
      return found;
    };
    expect(await world.orphans.run()).toBe(0);
    expect((await owners()).includes(next)).toBe(true);
  });

  it('of a start that was refused behind storing them go a day later, by themselves', async () => {
    await put('refused');
    age('refused', 0);
    const sweep = new OrphanSweep(world.orphans, world.runs.clock, (error) => world.faults.push(error));
    sweep.start();
    const swept = async (ms: number) => {
      await world.runs.clock.advance(ms);
      await world.orphans.run();
    };
    await swept(FIRST_ORPHAN_SWEEP_MS);
    expect(await owners()).toEqual(['refused']);
    await swept(DAY);
    expect(await owners()).toEqual([]);
    await sweep.stop();
    expect([world.removed, world.faults]).toEqual([['refused'], []]);
  });
});
