import { PermissionMissing, type Caller } from '@flow/auth';
import type { Instance } from '@flow/instances';
import { done, type Step } from '@flow/operators';
import { RunWorld, aCaller } from '@flow/testing/instances';
import { settle } from '@flow/testing/kernel';
import { QUIET_MS, type LivePage, type LiveStream } from './live-streams.service';

const ann = aCaller();
const call = (id: string): Step => ({ id, operator: '@test/call' });

/** Takes pages as they come. */
class Taker {
  readonly pages: LivePage[] = [];
  readonly left = new AbortController();
  over = false;

  constructor(stream: LiveStream) {
    void this.take(stream);
  }

  get types(): string[] {
    return this.pages.flatMap((page) =>
      page.kind === 'items' ? page.items.map(({ data }) => data.type as string) : [page.kind],
    );
  }

  get ids(): string[] {
    return this.pages.flatMap((page) => (page.kind === 'items' ? page.items.map(({ id }) => id) : []));
  }

  private async take(stream: LiveStream): Promise<void> {
    for await (const page of stream.pages(this.left.signal)) this.pages.push(page);
    this.over = true;
  }
}

describe('a stream', () => {
  let world: RunWorld;
  beforeEach(async () => (world = await RunWorld.open()));
  afterEach(() => world.close());

  const started = async (...steps: Step[]): Promise<Instance> => {
    const instance = await world.service.start(ann, (await world.aDag(steps)).id, {});
    await settle();
    return instance;
  };
  const events = async ({ id }: Instance, after?: string, follow = true) =>
    new Taker(await world.streams.events(ann, id, { follow, ...(after !== undefined && { after }) }));
  const logs = async ({ id }: Instance, after?: string, taskId?: string) =>
    new Taker(await world.streams.logs(ann, id, { follow: true, ...(after !== undefined && { after }) }, taskId));
  /** Time in which rows are written and rings arrive. */
  const aMoment = () => world.clock.advance(300);

  it('gives what there is, then what comes, and ends with the instance', async () => {
    const instance = await started(call('a'), call('b'));
    const taker = await events(instance);
    await settle();
    expect(taker.types).toEqual(['instance.started', 'task.succeeded', 'task.running', 'task.invoked']);
    await world.answer(done({}));
    await aMoment();
    expect(taker.types.slice(4)).toEqual(['task.succeeded', 'task.running', 'task.invoked']);
    expect(taker.over).toBe(false);
    await world.answer(done({}));
    await aMoment();
    expect(taker.types.slice(7)).toEqual(['task.succeeded', 'instance.succeeded', 'end']);
    expect(taker.over).toBe(true);
    expect(taker.pages.at(-1)).toEqual({ kind: 'end', status: 'succeeded' });
    expect(world.live.watched).toBe(0);
  });

  it('ends at once where it does not follow, without an end being told', async () => {
    const instance = await started(call('a'));
    const taker = await events(instance, undefined, false);
    await settle();
    expect([taker.over, taker.types.at(-1)]).toEqual([true, 'task.invoked']);
  });

  it('says that it is quiet every fifteen seconds, and not when something came', async () => {
    const instance = await started(call('a'), call('b'));
    const taker = await events(instance);
    await world.clock.advance(QUIET_MS * 2);
    expect(taker.types.slice(4)).toEqual(['quiet', 'quiet']);
    await world.clock.advance(QUIET_MS / 2);
    await world.answer(done({}));
    await aMoment();
    await world.clock.advance(QUIET_MS - 1_000);
    expect(taker.types.slice(6)).toEqual(['task.succeeded', 'task.running', 'task.invoked']);
    taker.left.abort();
    await settle();
    expect([taker.over, world.live.watched]).toEqual([true, 0]);
  });

  it('goes on behind every event over a crash of the service, without a gap or a double', async () => {
    const instance = await started(call('a'), call('b'), call('c'));
    await world.answer(done({}));
    const before = await events(instance);
    await aMoment();
    const last = before.ids.at(-1);
    world.crash();
    await world.restart();
    await settle();
    const after = await events(instance, last);
    for (const _step of ['b', 'c']) await world.answer(done({}));
    await aMoment();
    expect(after.types.at(-1)).toBe('end');
    expect(after.types[0]).toBe('instance.recovered');
    const whole = await events(instance);
    await settle();
    expect([...before.ids, ...after.ids]).toEqual(whole.ids);
    expect(new Set(whole.ids).size).toBe(whole.ids.length);
    for (const [i, id] of whole.ids.entries()) {
      const rest = await events(instance, id);
      await settle();
      expect(rest.ids).toEqual(whole.ids.slice(i + 1));
    }
  });

  it('gives every line before the end of the instance, also those that were not stored when it ended', async () => {
    const instance = await started(call('a'));
    const taker = await logs(instance);
    const { log } = world.calls[0]!.context;
    log.info('one');
    await aMoment();
    expect(taker.types).toEqual(['log.line']);
    log.info('two');
    log.info('three');
    await world.answer(done({}));
    await aMoment();
    expect(taker.types).toEqual(['log.line', 'log.line', 'log.line', 'end']);
    expect(taker.ids).toEqual(['1', '2', '3']);
    for (const [i, id] of taker.ids.entries()) {
      const rest = await logs(instance, id);
      await settle();
      expect(rest.ids).toEqual(taker.ids.slice(i + 1));
    }
  });

  it('gives a reader its own writes: what was logged before it asked is there', async () => {
    const instance = await started(call('a'));
    world.calls[0]?.context.log.info('just now');
    const plain = new Taker(await world.streams.logs(ann, instance.id, { follow: false }));
    await settle();
    expect([plain.types, plain.over]).toEqual([['log.line'], true]);
  });

  it('holds one page while its reader takes its time', async () => {
    const instance = await started(call('a'));
    const { log } = world.calls[0]!.context;
    const stream = await world.streams.logs(ann, instance.id, { follow: true });
    const pages = stream.pages(new AbortController().signal);
    let read = 0;
    const readLines = world.taskLog.read.bind(world.taskLog);
    world.taskLog.read = (...args) => {
      read += 1;
      return readLines(...args);
    };
    const first = pages.next();
    for (let i = 0; i < 900; i += 1) log.info(`line ${i}`);
    await aMoment();
    expect((await first).value).toMatchObject({ kind: 'items' });
    const after = read;
    await aMoment();
    expect(read).toBe(after);
    const seen = [(await first).value, (await pages.next()).value];
    expect(seen.map((page) => (page?.kind === 'items' ? page.items.length : 0))).toEqual([100, 100]);
    await pages.return();
    expect(world.live.watched).toBe(0);
  });

  it('needs the permission, and does not find what is of another domain', async () => {
    const { id } = await started(call('a'));
    const without: Caller = aCaller({ permissions: ['dag.view'] });
    const stranger = aCaller({ domain: 'other' });
    for (const kind of ['events', 'logs'] as const) {
      await expect(world.streams[kind](without, id, { follow: true })).rejects.toThrow(PermissionMissing);
      await expect(world.streams[kind](stranger, id, { follow: true })).rejects.toMatchObject({
        code: 'instance.not_found',
      });
    }
  });
});
