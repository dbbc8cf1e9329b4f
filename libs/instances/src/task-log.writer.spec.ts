import type { Instance } from '@flow/instances';
import { done, type OperatorLog } from '@flow/operators';
import { armFailpoint } from '@flow/platform';
import { RunWorld, aCaller } from '@flow/testing/instances';
import { settle } from '@flow/testing/kernel';

const ann = aCaller();

describe('lines that operators log', () => {
  let world: RunWorld;
  const open = async (logLimits: { lines?: number; bytes?: number } = {}) =>
    (world = await RunWorld.open({ logLimits }));
  afterEach(() => {
    armFailpoint(undefined);
    world.close();
  });

  /** Starts a run of so many calls side by side; gives it and the logs of the calls. */
  const calls = async (count: number): Promise<{ instance: Instance; logs: readonly OperatorLog[] }> => {
    const steps = Array.from({ length: count }, (_, i) => ({ id: `s${i}`, operator: '@test/call', dependsOn: [] }));
    const dag = await world.aDag(steps.map((step) => ({ ...step, dependsOn: ['0'] })));
    const before = world.calls.length;
    const instance = await world.service.start(ann, dag.id, {});
    await settle();
    return { instance, logs: world.calls.slice(before).map(({ context }) => context.log) };
  };
  const stored = async ({ id }: Instance) => {
    const lines = [];
    for (let more = true; more;) {
      const page = await world.taskLog.read(ann.domain, id, lines.length, 100);
      lines.push(...page);
      more = page.length > 0;
    }
    expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_line, i) => i + 1));
    return lines;
  };
  const told = async (instance: Instance) =>
    (await stored(instance)).map(({ kind, path, message }) =>
      kind === 'line' ? `${path} ${message}` : `${path} ${kind}`,
    );

  it('are numbered in the order in which they were written, and stored a moment later', async () => {
    await open();
    const { instance, logs } = await calls(2);
    logs[0]?.info('one', { n: 1 });
    logs[1]?.error('two');
    logs[0]?.debug('three');
    expect(await stored(instance)).toEqual([]);
    await world.clock.advance(100);
    expect(await stored(instance)).toMatchObject([
      { kind: 'line', level: 'info', message: 'one', fields: { n: 1 }, stepId: 's0', path: 's0', attempt: 1 },
      { level: 'error', message: 'two', path: 's1', taskId: expect.stringMatching(/^01/) as string },
      { level: 'debug', message: 'three' },
    ]);
    const tasks = await world.service.tasks(ann, instance.id, { limit: 10 });
    const lines = await stored(instance);
    expect(tasks.items.find(({ path }) => path === 's1')?.id).toBe(lines[1]?.taskId);
  });

  it('are what they were when they were written, whatever the operator does to its fields then', async () => {
    await open();
    const { instance, logs } = await calls(1);
    const fields = { list: ['a'] };
    logs[0]?.info('x', fields);
    fields.list.push('b');
    await world.logs.caughtUp();
    expect((await stored(instance))[0]?.fields).toEqual({ list: ['a'] });
  });

  it('go on with their numbers after a crash, which takes at most what was written a moment ago', async () => {
    await open();
    const { instance, logs } = await calls(1);
    logs[0]?.info('kept');
    await world.clock.advance(100);
    logs[0]?.info('lost');
    world.crash();
    await world.restart();
    await settle();
    world.calls[0]?.context.log.info('of the next worker');
    await world.logs.caughtUp();
    expect(await told(instance)).toEqual(['s0 kept', 's0 of the next worker']);
  });

  it('end with one that says that the log is full, each task for itself, also after a restart', async () => {
    await open({ lines: 3 });
    const { instance, logs } = await calls(2);
    for (let i = 1; i <= 9; i += 1) {
      logs[0]?.info(`line ${i}`);
      if (i % 2 === 0) await world.clock.advance(100);
    }
    logs[1]?.info('room');
    await world.logs.caughtUp();
    expect(await told(instance)).toEqual(['s0 line 1', 's0 line 2', 's0 line 3', 's0 full', 's1 room']);
    world.crash();
    await world.restart();
    await settle();
    for (const { context } of world.calls) for (let i = 1; i <= 3; i += 1) context.log.info(`again ${i}`);
    await world.logs.caughtUp();
    expect((await told(instance)).slice(5)).toEqual(['s1 again 1', 's1 again 2', 's1 full']);
  });

  it('are bounded in bytes, and so is each of them', async () => {
    await open({ bytes: 30_000 });
    const { instance, logs } = await calls(2);
    logs[1]?.info('x'.repeat(100_000), { large: 'y'.repeat(100_000) });
    for (let i = 0; i < 10; i += 1) logs[0]?.info('z'.repeat(7_000));
    await world.logs.caughtUp();
    const lines = await stored(instance);
    expect(lines[0]?.message).toMatch(/^x{8000}\.\.\. \(its fields were too large to keep\)$/);
    expect(lines[0]).not.toHaveProperty('fields');
    expect(lines.slice(1).map(({ kind }) => kind)).toEqual(['line', 'line', 'line', 'line', 'full']);
    expect(lines.at(-1)?.message).toContain('TASK_LOG_BYTES 30000');
  });

  it.each(['before', 'commit', 'after'])('are each stored once when the store fails at %s', async (moment) => {
    await open();
    const { instance, logs } = await calls(1);
    logs[0]?.info('one');
    armFailpoint(`tasklog.append.${moment}:throw`);
    await world.clock.advance(100);
    logs[0]?.info('two');
    await world.clock.advance(1_000);
    expect(await told(instance)).toEqual(['s0 one', 's0 two']);
    expect(world.bugs).toHaveLength(1);
  });

  it('make way for lines that another process wrote, which count for the limit', async () => {
    await open({ lines: 3 });
    const { instance, logs } = await calls(1);
    logs[0]?.info('one');
    await world.logs.caughtUp();
    const [first] = await stored(instance);
    if (!first) throw new Error('There is no line.');
    const foreign = { ...first, seq: 2, message: 'of another' };
    await world.taskLog.append([{ domain: ann.domain, instance: instance.id, bytes: 1, line: foreign }]);
    logs[0]?.info('two');
    logs[0]?.info('three');
    await world.clock.advance(1_000);
    expect(await told(instance)).toEqual(['s0 one', 's0 of another', 's0 two', 's0 full']);
  });

  it('do not fill the memory while the store is away; a line says how many were lost', async () => {
    await open({ lines: 1_000_000, bytes: 1e9 });
    const { instance, logs } = await calls(1);
    const append = world.taskLog.append.bind(world.taskLog);
    world.taskLog.append = () => Promise.reject(new Error('away'));
    for (let i = 0; i < 2_000; i += 1) {
      logs[0]?.info('x'.repeat(7_900));
      if (i % 100 === 0) await world.clock.advance(100);
    }
    expect(world.logs.backlog).toBeLessThanOrEqual(8 * 1024 * 1024);
    world.taskLog.append = append;
    await world.clock.advance(1_000);
    const lines = await stored(instance);
    const last = lines.at(-1);
    expect(last).toMatchObject({ kind: 'lost', level: 'warn' });
    expect(lines.length - 1 + Number(/^(\d+) lines were lost/.exec(last?.message ?? '')?.[1])).toBe(2_000);
    expect(world.logs.backlog).toBe(0);
  });

  it('are all stored when the service stops, and a store that is away does not hold up the stop', async () => {
    await open();
    const { instance, logs } = await calls(1);
    logs[0]?.info('last words');
    expect(await world.logs.drain(1_000)).toBe(0);
    expect(await told(instance)).toEqual(['s0 last words']);
    world.taskLog.append = () => Promise.reject(new Error('away'));
    logs[0]?.info('in vain');
    const drained = world.logs.drain(1_000);
    await world.clock.advance(1_000);
    expect(await drained).toBe(1);
    await world.answer(done({}));
  });
});
