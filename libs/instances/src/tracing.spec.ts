import type { CloudEvent } from '@flow/events';
import { readTraceparent, traceIdOf } from '@flow/kernel';
import { done, failed, failedForNow, type Step } from '@flow/operators';
import { RunWorld, aCaller } from '@flow/testing/instances';
import { settle } from '@flow/testing/kernel';
import { localServer, type LocalServer } from '@flow/testing/platform';
import { rebuiltRun } from './rebuilt-run';
import { traceBelow } from './tracing';
import { decodeTransitions, encodeTransition } from './transition';

const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const OTHER = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00';
const ann = aCaller();
const call = (id: string, more: Partial<Step> = {}): Step => ({ id, operator: '@test/call', ...more });

describe('The trace of a run', () => {
  let world: RunWorld;
  beforeEach(async () => (world = await RunWorld.open({ onEvents: () => undefined })));
  afterEach(() => world.close());

  const start = async (steps: readonly Step[], request = {}) => {
    const dag = await world.aDag(steps);
    const { id } = await world.service.start(ann, dag.id, request);
    await settle();
    return id;
  };
  const restart = async () => {
    world.crash();
    await world.restart();
    await settle();
  };
  const told = async () => {
    await world.runner.projector.caughtUp();
    const waiting = await world.events.waiting('instance.lifecycle', 100);
    return waiting.map(({ traceparent, body }) => ({ traceparent, event: JSON.parse(body) as CloudEvent }));
  };

  it('is the same below a task at each attempt, before and after a crash, and another below another task', async () => {
    const id = await start([call('a', { settings: { retry: { max: 1, delay: 1 } } }), call('b')], {
      traceparent: TRACE,
    });
    const seen = [world.calls[0]?.context];
    await restart();
    seen.push(await world.answer(failedForNow('test.failed', 'It failed.')));
    await world.clock.advance(10_000);
    seen.push(await world.answer(done({})));
    const [first = '', ...others] = seen.map((context) => context?.traceparent);
    expect(seen.map((context) => context?.task.attempt)).toEqual([1, 1, 2]);
    expect(others).toEqual([first, first]);
    expect(first).toBe(traceBelow(TRACE, `${id}:a`));
    expect(readTraceparent(first)).toBe(first);
    expect(traceIdOf(first)).toBe(traceIdOf(TRACE));
    const last = await world.answer(done({}));
    expect(last.traceparent).toBe(traceBelow(TRACE, `${id}:b`));
    expect(last.traceparent).not.toBe(first);
  });

  it('is kept by a run that is parked and taken up again, and stands in its rows', async () => {
    const wait = { id: 'wait', operator: '@control/wait', parameters: { duration: 'PT1H' } };
    const id = await start([wait, call('a')], { traceparent: TRACE });
    await world.clock.advance(60_000);
    await restart();
    expect(await world.store.header(id)).toMatchObject({ owner: null, instance: { traceparent: TRACE } });
    await world.clock.advance(3_600_000);
    expect((await world.answer(done({}))).traceparent).toBe(traceBelow(TRACE, `${id}:a`));
    expect(await world.service.get(ann, id)).toMatchObject({ status: 'succeeded', traceparent: TRACE });
  });

  it('is none where a start came without one', async () => {
    const id = await start([call('a')]);
    expect((await world.answer(done({}))).traceparent).toBeUndefined();
    expect(await world.service.get(ann, id)).not.toHaveProperty('traceparent');
    for (const { traceparent, event } of await told()) {
      expect(traceparent).toBeUndefined();
      expect(event).not.toHaveProperty('traceparent');
    }
  });

  it('stands in every event that is told of it', async () => {
    await start([call('a'), { id: 'end', operator: '@internal/return' }], { traceparent: TRACE });
    await world.answer(done({}));
    const all = await told();
    expect(all.map(({ event }) => event.type)).toEqual(['automation.instance.started', 'automation.instance.ended']);
    for (const { traceparent, event } of all) expect([traceparent, event.traceparent]).toEqual([TRACE, TRACE]);
  });

  it('goes down to sub-flows, below the step that starts them, and further', async () => {
    const leaf = await world.aDag([call('work')]);
    const calls = (dagId: string): Step => ({ id: 'sub', operator: '@subflow/call/workflow', parameters: { dagId } });
    const middle = await world.aDag([calls(leaf.id)]);
    const id = await start([calls(middle.id)], { traceparent: TRACE });
    await world.clock.advance(1_000);
    const { instance, traceparent } = await world.answer(done({}));
    const [between] = (await world.service.list(ann, { dagId: middle.id }, { limit: 2 })).items;
    const [lowest] = (await world.service.list(ann, { dagId: leaf.id }, { limit: 2 })).items;
    const ofMiddle = traceBelow(TRACE, `${id}:sub`);
    const ofLeaf = traceBelow(ofMiddle, `${between?.id}:sub`);
    expect([between?.traceparent, lowest?.traceparent]).toEqual([ofMiddle, ofLeaf]);
    expect(lowest?.id).toBe(instance.id);
    expect(traceparent).toBe(traceBelow(ofLeaf, `${instance.id}:work`));
  });

  it('of a retry is that of the request that asked for it', async () => {
    const id = await start([call('a')], { traceparent: TRACE });
    await world.answer(failed('test.failed', 'It failed.'));
    const again = { from: 'failed', version: 'original' } as const;
    const second = await world.runs.retries.retry(ann, id, { ...again, traceparent: OTHER });
    await settle();
    expect(second.instance.traceparent).toBe(OTHER);
    expect((await world.answer(failed('test.failed', 'It failed.'))).traceparent).toMatch(`00-${traceIdOf(OTHER)}-`);
    const third = await world.runs.retries.retry(ann, second.instance.id, again);
    expect(third.instance).not.toHaveProperty('traceparent');
  });

  it('is that of debug runs too', async () => {
    const steps = [{ id: '0', operator: '@trigger/manual' }, call('a')];
    const run = await world.debugging.runs.start(ann, { dag: { title: 'D', steps }, traceparent: TRACE });
    await settle();
    expect(run.traceparent).toBe(TRACE);
    expect((await world.answer(done({}))).traceparent).toBe(traceBelow(TRACE, `${run.id}:a`));
    const answered = world.debugging.steps.run(
      ann,
      { step: call('alone'), traceparent: OTHER },
      new AbortController().signal,
    );
    while (world.calls.length === 0) await settle();
    expect((await world.answer(done({}))).traceparent).toMatch(`00-${traceIdOf(OTHER)}-`);
    await answered;
  });

  it('is not missed in what was written before there was one', async () => {
    const id = await start([call('a')], { traceparent: TRACE });
    await world.runner.projector.caughtUp();
    const stored = await world.store.load(id);
    if (!stored) throw new Error('It stands.');
    const { traceparent: _left, ...instance } = stored.header.instance;
    const plans = { of: () => Promise.resolve(world.runner.holding(id)!.run.plan) };
    const run = await rebuiltRun(
      plans as never,
      { ...stored, header: { ...stored.header, instance } },
      stored.header.owner!,
      2,
    );
    expect(run.creation).not.toHaveProperty('traceparent');
    expect(run.view).not.toHaveProperty('traceparent');
    const record = encodeTransition({ id, epoch: 1, seq: 1, create: run.creation }, '[]');
    expect(record).not.toContain('traceparent');
    expect(decodeTransitions(`[${record}]`)[0]?.create).toEqual(run.creation);
  });

  describe('at an address that is told of the end', () => {
    let server: LocalServer;
    beforeEach(async () => {
      server = await localServer((_hit, response) => response.writeHead(server.hits.length > 1 ? 204 : 500).end());
    });
    afterEach(() => server.close());

    it('is the same at every attempt, below the delivery', async () => {
      const id = await start([call('a')], { traceparent: TRACE, callbackUrl: server.url });
      await world.answer(done({}));
      while (world.attempts.length < 2) {
        await world.clock.advance(1_000);
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(world.attempts).toEqual(['retried', 'delivered']);
      const keys = server.hits.map(({ headers }) => String(headers['webhook-id']));
      expect(keys[0]).toMatch(`${id}:`);
      expect(server.hits.map(({ headers }) => headers.traceparent)).toEqual(keys.map((key) => traceBelow(TRACE, key)));
    });
  });
});
