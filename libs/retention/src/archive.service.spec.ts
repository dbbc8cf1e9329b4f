import { PERMISSIONS, PermissionMissing } from '@flow/auth';
import type { Instance } from '@flow/instances';
import { RequestInvalid, encodeCursor } from '@flow/kernel';
import { done, type Step } from '@flow/operators';
import { aCaller } from '@flow/testing/instances';
import { settle } from '@flow/testing/kernel';
import { DAY, PurgeWorld } from '@flow/testing/retention';
import { ArchiveService, type ArchiveRequest } from './archive.service';

const ann = aCaller();
const call: Step = { id: 'a', operator: '@test/call' };

type Line = Readonly<Record<string, unknown>> & { readonly record: string };

describe('an archive', () => {
  let world: PurgeWorld;
  let archive: ArchiveService;
  beforeEach(async () => {
    world = await PurgeWorld.open();
    const { store, taskLog, large, runs, runner, clock } = world.runs;
    const { ended, purge } = world;
    const { histories } = runs;
    archive = new ArchiveService({
      ended,
      store,
      taskLog,
      large,
      histories,
      purge,
      clock,
      unwritten: runner.projector,
    });
  });
  afterEach(() => world.close());

  const show = ({ domain: _domain, ...instance }: Omit<Instance, 'large'>) => instance;
  const page = async (request: ArchiveRequest & { cursor?: string }, caller = ann): Promise<Line[]> => {
    const pieces: Uint8Array[] = [];
    for await (const piece of await archive.page(caller, request, show)) pieces.push(piece);
    const text = Buffer.concat(pieces).toString('utf8');
    expect(text.endsWith('\n')).toBe(true);
    return text
      .slice(0, -1)
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
  };
  const wholeIn = (lines: readonly Line[]) =>
    lines.filter(({ record }) => record === 'whole').map(({ instance }) => instance);

  it('holds each instance with its tasks, events and lines, large values written out', async () => {
    const dag = await world.runs.aDag([
      call,
      { id: 'r', operator: '@internal/return', parameters: { text: '{{__a.text}}' } },
    ]);
    const { id } = await world.runs.service.start(ann, dag.id, { data: { n: 1 }, labels: { team: 'x' } });
    await settle();
    world.runs.calls[0]?.context.log.info('It is under way.');
    const ended = world.runs.runner.ended(id, 60_000);
    const text = 'ü'.repeat(20_000);
    await world.runs.answer(done({ text }));
    await ended;
    await world.runs.logs.caughtUp();
    const lines = await page({ endedBefore: new Date(world.runs.clock.now().getTime()) });
    expect(lines).toEqual([{ record: 'end', nextCursor: null }]);
    await world.runs.clock.advance(1);
    const all = await page({ endedBefore: world.runs.clock.now() });
    expect(all[0]).toMatchObject({ record: 'instance', id, input: { n: 1 }, labels: { team: 'x' }, result: { text } });
    expect(all[0]).not.toHaveProperty('domain');
    const tasks = all.filter(({ record }) => record === 'task');
    expect(tasks.map(({ instance, path }) => [instance, path])).toEqual([
      [id, '0'],
      [id, 'a'],
      [id, 'r'],
    ]);
    expect(tasks[1]?.output).toEqual({ text });
    const events = all.filter(({ record }) => record === 'event');
    expect([events[0]?.type, events.at(-1)?.type]).toEqual(['instance.started', 'instance.succeeded']);
    expect(all.filter(({ record }) => record === 'line')).toMatchObject([
      { message: 'It is under way.', instance: id, path: 'a' },
    ]);
    expect(all.slice(-2)).toMatchObject([
      { record: 'whole', instance: id },
      { record: 'end', nextCursor: null },
    ]);
  });

  it('goes on behind any of its instances, in the same order, also when others went meanwhile', async () => {
    const [one, two] = [await world.aDag(), await world.aDag()];
    const made: Instance[] = [];
    for (const dag of [one, two, one]) {
      made.push(await world.run(dag), await world.run(dag, 'failed'));
      await world.runs.clock.advance(1);
    }
    const endedBefore = world.runs.clock.now();
    await world.run(one, 'failed');
    const lines = await page({ endedBefore });
    const ids = wholeIn(lines);
    expect([...ids].sort()).toEqual(made.map(({ id }) => id).sort());
    const cursors = lines.filter(({ record }) => record === 'whole').map(({ cursor }) => String(cursor));
    for (const [i, cursor] of cursors.entries())
      expect(wholeIn(await page({ endedBefore, cursor }))).toEqual(ids.slice(i + 1));
    expect(wholeIn(await page({ endedBefore, dagId: two.id }))).toHaveLength(2);
    await world.ended.purge([ids[2] as never], new Date());
    expect(wholeIn(await page({ endedBefore, cursor: cursors[1]! }))).toEqual(ids.slice(3));
  });

  it('holds a thousand instances a page, and goes on', async () => {
    const dag = await world.aDag();
    for (let i = 0; i < 1_010; i += 1) await world.run(dag);
    await world.runs.clock.advance(1);
    const endedBefore = world.runs.clock.now();
    const first = await page({ endedBefore });
    const end = first.at(-1);
    expect([wholeIn(first).length, end?.record]).toEqual([1_000, 'end']);
    const rest = await page({ endedBefore, cursor: String(end?.nextCursor) });
    expect(wholeIn(rest)).toHaveLength(10);
    expect(new Set([...wholeIn(first), ...wholeIn(rest)]).size).toBe(1_010);
  });

  it('has an instance whose events cannot be read any more, and says so', async () => {
    const dag = await world.aDag();
    await world.run(dag);
    await world.runs.runner.projector.caughtUp();
    world.db.write('history.break', "UPDATE instances SET doc = replace(doc, 'v0.0.0', 'v9.9.9')");
    await world.runs.clock.advance(1);
    const lines = await page({ endedBefore: world.runs.clock.now() });
    expect(lines.map(({ record }) => record)).toEqual(['instance', 'task', 'task', 'unreadable', 'whole', 'end']);
    expect(lines[3]).toMatchObject({ code: 'version.not_found' });
  });

  it('is of one business domain', async () => {
    const dag = await world.aDag();
    await world.run(dag);
    await world.runs.clock.advance(1);
    const eve = aCaller({ domain: 'eves' });
    const endedBefore = world.runs.clock.now();
    expect(await page({ endedBefore }, eve)).toEqual([{ record: 'end', nextCursor: null }]);
    const [whole] = (await page({ endedBefore })).filter(({ record }) => record === 'whole');
    expect(await page({ endedBefore, cursor: String(whole?.cursor) }, eve)).toHaveLength(1);
    expect((await archive.purge(eve, { endedBefore })).purged).toBe(0);
  });

  it('can be removed when it was taken, whatever the retention says; what ended later stays', async () => {
    const dag = await world.aDag({ retention: 'forever' });
    const old = await world.run(dag);
    await world.runs.clock.advance(DAY);
    const endedBefore = world.runs.clock.now();
    const young = await world.run(dag);
    expect(await archive.purge(ann, { endedBefore })).toMatchObject({ purged: 1, done: true });
    expect([await world.stands(old), await world.stands(young)]).toEqual([false, true]);
  });

  it('is of what has passed: others may end before a moment that is to come', async () => {
    const endedBefore = new Date(world.runs.clock.now().getTime() + 1);
    await expect(page({ endedBefore })).rejects.toThrow(RequestInvalid);
    await expect(archive.purge(ann, { endedBefore })).rejects.toThrow(RequestInvalid);
    const past = new Date(0);
    for (const cursor of ['x', encodeCursor(['d', 'running', 1, 1]), encodeCursor(['d'])])
      await expect(page({ endedBefore: past, cursor })).rejects.toThrow(RequestInvalid);
  });

  it('is for those who may see instances, its removal for those who may remove them', async () => {
    const request = { endedBefore: new Date(0) };
    const without = (name: string) => aCaller({ permissions: PERMISSIONS.filter((one) => one !== name) });
    await expect(page(request, without('instance.view'))).rejects.toThrow(PermissionMissing);
    await expect(archive.purge(without('instance.purge'), request)).rejects.toThrow(PermissionMissing);
  });
});
