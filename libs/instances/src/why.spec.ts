import { done } from '@flow/operators';
import { RunWorld, aCaller, anInstance } from '@flow/testing/instances';
import { settle } from '@flow/testing/kernel';
import { LogUnavailable } from './instance.errors';
import { PlanUnusable } from './plan-cache';
import { whyOf } from './why';

const ann = aCaller();
const NOW = new Date('2026-01-01T00:00:00.000Z');

describe('why a run has not ended', () => {
  it('has a reason whatever is known of it', () => {
    const instance = anInstance({ status: 'queued' });
    const kindsOf = (where: Parameters<typeof whyOf>[1]) =>
      whyOf(instance, where, NOW).waitingFor.map(({ kind }) => kind);
    expect(kindsOf({})).toEqual(['recovering']);
    expect(kindsOf({ isNew: true })).toEqual(['queued']);
    const unusable = new PlanUnusable(instance.dagId, 'v0.0.1', new Error('no such operator'));
    expect(whyOf(instance, { unusable }, NOW).waitingFor).toEqual([
      expect.objectContaining({ kind: 'unusable', message: expect.stringContaining(unusable.code) as string }),
    ]);
    expect(kindsOf({ writeFault: new LogUnavailable(new Error('away')) })).toEqual(['writing']);
    expect(whyOf({ ...instance, status: 'failed' }, {}, NOW).waitingFor).toEqual([]);
  });

  it('tells a call that is under way from one whose turn has not come', async () => {
    const world = await RunWorld.open({ limits: { operatorCalls: 1 } });
    const dag = await world.aDag([{ id: 'a', operator: '@test/call' }]);
    const [first, second] = [await world.service.start(ann, dag.id, {}), await world.service.start(ann, dag.id, {})];
    await settle();
    expect((await world.service.why(ann, first.id)).waitingFor).toMatchObject([{ kind: 'running', stepId: 'a' }]);
    expect((await world.service.why(ann, second.id)).waitingFor).toMatchObject([{ kind: 'starting', stepId: 'a' }]);
    await world.answer(done(null));
    expect((await world.service.why(ann, first.id)).waitingFor).toEqual([]);
    expect((await world.service.why(ann, second.id)).waitingFor).toMatchObject([{ kind: 'running' }]);
    world.close();
  });
});
