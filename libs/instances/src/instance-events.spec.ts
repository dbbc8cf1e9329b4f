import type { CloudEvent } from '@flow/events';
import { done, failed, type Step } from '@flow/operators';
import { RunWorld, aCaller } from '@flow/testing/instances';
import { settle } from '@flow/testing/kernel';
import type { InstanceEventData } from './instance-events';

const call = (id: string, more: Partial<Step> = {}): Step => ({ id, operator: '@test/call', ...more });
const ann = aCaller();

describe('what is told of an instance', () => {
  let world: RunWorld;
  let rings: number;
  beforeEach(async () => {
    rings = 0;
    world = await RunWorld.open({ onEvents: () => (rings += 1) });
  });
  afterEach(() => world.close());

  const started = async (steps: readonly Step[], fields = {}) => {
    const dag = await world.aDag(steps, fields);
    const { id } = await world.service.start(ann, dag.id, {});
    await settle();
    return id;
  };
  const told = async () => {
    await world.runner.projector.caughtUp();
    const waiting = await world.events.waiting('instance.lifecycle', 100);
    return waiting.map(({ body }) => JSON.parse(body) as CloudEvent<InstanceEventData>);
  };
  const types = async () => (await told()).map(({ type }) => type.replace('automation.instance.', ''));

  it('is its start and its end, as CloudEvents in their order, also when both come in one stroke', async () => {
    const id = await started([{ id: 'a', operator: '@test/pure' }]);
    const [start, end] = await told();
    expect(await types()).toEqual(['started', 'ended']);
    expect(start).toEqual({
      specversion: '1.0',
      id: `${id}:0000000001.0`,
      source: '/flow-automation/acme',
      type: 'automation.instance.started',
      subject: id,
      time: '2026-01-01T00:00:00.000Z',
      datacontenttype: 'application/json',
      schemaversion: 1,
      sequence: '0000000001.0',
      data: expect.objectContaining({
        id,
        status: 'running',
        endedAt: null,
        reason: null,
        businessDomain: 'acme',
      }) as unknown,
    });
    expect(end).toMatchObject({ id: `${id}:0000000001.1`, data: { status: 'succeeded', reason: null } });
    expect(end?.data.endedAt).not.toBeNull();
    expect(rings).toBeGreaterThan(0);
  });

  it('is a pause, a resume and a cancel as well', async () => {
    const id = await started([call('a'), call('b')]);
    await world.runs.actions.pause(ann, id);
    await world.runs.actions.resume(ann, id);
    await world.runs.actions.cancel(ann, id, { reason: 'not wanted' });
    await settle();
    await world.answer(done({}));
    await world.clock.advance(60_000);
    const events = await told();
    expect(events.map(({ type }) => type.replace('automation.instance.', ''))).toEqual([
      'started',
      'paused',
      'resumed',
      'cancelling',
      'ended',
    ]);
    expect(events.map(({ data }) => data.status)).toEqual(['running', 'paused', 'running', 'cancelling', 'cancelled']);
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map(({ sequence }) => sequence).sort());
    expect(new Set(events.map(({ id: eventId }) => eventId)).size).toBe(5);
  });

  it('says why it failed, and holds no data of its steps', async () => {
    await started([call('a')]);
    await world.answer(failed('http.status', 'x'.repeat(5_000)));
    const [, end] = await told();
    expect(end?.data).toMatchObject({ status: 'failed', reason: { code: 'http.status', stepId: 'a', path: 'a' } });
    expect(end?.data.reason?.message.length).toBeLessThanOrEqual(2_000);
    expect(Object.keys(end?.data ?? {})).not.toEqual(expect.arrayContaining(['input', 'result']));
  });

  it('is the same after a crash between the log and the rows: nothing is lost, nothing has another id', async () => {
    const id = await started([call('a')]);
    world.crash();
    await world.restart();
    expect((await told()).map((event) => event.id)).toEqual([`${id}:0000000001.0`]);
    await world.answer(done({}));
    const before = await told();
    world.crash();
    await world.restart();
    expect(await told()).toEqual(before);
    expect(await types()).toEqual(['started', 'ended']);
  });

  it('is nothing of a debug run', async () => {
    const dag = await world.aDag([{ id: 'a', operator: '@test/pure' }]);
    await world.debugging.runs.start(ann, { dagId: dag.id });
    await settle();
    await world.clock.advance(1_000);
    expect(await told()).toEqual([]);
  });
});

describe('where nobody listens', () => {
  it('nothing is written for events', async () => {
    const world = await RunWorld.open();
    try {
      const dag = await world.aDag([{ id: 'a', operator: '@test/pure' }]);
      await world.service.start(ann, dag.id, {});
      await settle();
      await world.runner.projector.caughtUp();
      expect(await world.events.waiting('instance.lifecycle', 10)).toEqual([]);
    } finally {
      world.close();
    }
  });
});
