import type { Step } from '@flow/operators';
import { RunDriver, planOf } from '@flow/testing/engine';

const DAY_MS = 24 * 60 * 60 * 1000;
const read = (id: string, more: Partial<Step> = {}): Step => ({ id, operator: '@test/read', ...more });
const write = (id: string, more: Partial<Step> = {}): Step => ({ id, operator: '@test/write', ...more });

describe('a call whose answer comes later', () => {
  const plan = planOf([write('a'), write('b', { parameters: { v: '{{__a.body.v}}' } })]);
  const deferred = () => {
    const driver = new RunDriver(plan);
    driver.calls.delete('a');
    driver.feed({ type: 'deferred', path: 'a', attempt: 1, at: (driver.now += 10) });
    return driver;
  };

  it('waits for its callback, a day unless the step says otherwise', () => {
    const driver = deferred();
    expect(driver.phase('a')).toBe('waiting');
    expect(driver.wakes.get('a')).toBe(1_000 + DAY_MS);
    driver.answer('a', { v: 3 });
    expect(driver.calls.get('b')?.task.parameters).toEqual({ v: 3 });
  });

  it('takes an answer that came before the call had ended', () => {
    const driver = new RunDriver(plan);
    driver.answer('a', { v: 4 });
    driver.calls.delete('a');
    driver.feed({ type: 'deferred', path: 'a', attempt: 1, at: (driver.now += 10) });
    expect(driver.calls.get('b')?.task.parameters).toEqual({ v: 4 });
  });

  it('fails by its time', () => {
    const driver = deferred();
    driver.wake('a');
    expect(driver.run.outcome).toMatchObject({ status: 'failed', failure: { code: 'task.timeout', stepId: 'a' } });
  });
});

describe('a callback address in parameters', () => {
  it('stands by name, with the place that it will be waited for at', () => {
    const parameters = { url: 'to {{callbacks.c.url}}' };
    const driver = new RunDriver(
      planOf([
        {
          id: 'l',
          operator: '@control/flow/loop',
          parameters: { mode: 'limit', limit: 1 },
          steps: [write('a', { parameters }), { id: 'c', operator: '@control/callback' }],
        },
      ]),
    );
    expect(driver.calls.get('l[0]/a')?.task).toMatchObject({
      parameters,
      secrets: [{ pointer: '/url', parts: ['to ', { callback: 'c', path: 'l[0]/c', attempt: 1 }] }],
    });
  });
});

describe('a debugger', () => {
  const steps = [read('a'), read('b'), write('c', { parameters: { from: '{{__b.x}}' } })];

  it('stops before a step, lets one step begin, and goes on', () => {
    const driver = new RunDriver(planOf(steps), {}, { debug: { breakpoints: ['b'] } });
    driver.succeed('a');
    expect(driver.run.paused).toMatchObject({ at: 'b' });
    expect([...driver.calls.keys()]).toEqual([]);
    driver.feed({ type: 'stepped', by: 'ann', at: (driver.now += 10) });
    driver.succeed('b', { x: 1 });
    expect([...driver.calls.keys()]).toEqual([]);
    expect(driver.run.held).toHaveLength(1);
    driver.resume();
    expect(driver.calls.get('c')?.task.parameters).toEqual({ from: 1 });
  });

  it('stops at the breakpoint again in every iteration', () => {
    const loop: Step = {
      id: 'l',
      operator: '@control/flow/loop',
      parameters: { mode: 'limit', limit: 2 },
      steps: [read('a')],
    };
    const driver = new RunDriver(planOf([loop]), {}, { debug: { breakpoints: ['a'] } });
    for (const path of ['l[0]/a', 'l[1]/a']) {
      expect(driver.run.paused).toMatchObject({ at: path });
      driver.resume();
      driver.succeed(path);
    }
    expect(driver.run.outcome?.status).toBe('succeeded');
  });

  it('pins outputs, and calls nothing that may change the world when it runs dry', () => {
    const driver = new RunDriver(planOf(steps), {}, { debug: { pins: { a: 1, b: { x: 5 } }, dryRun: true } });
    expect(driver.began).toEqual([]);
    expect(driver.run.tasks.get('c')?.output).toEqual({
      dryRun: true,
      operator: '@test/write',
      parameters: { from: 5 },
    });
    expect(driver.run.outcome?.status).toBe('succeeded');
  });
});

describe('a run that retries another', () => {
  it('takes over what is kept, handled failures too, and calls the rest', () => {
    const driver = new RunDriver(
      planOf([
        read('a'),
        write('b', { onError: { steps: [read('h', { parameters: { code: '{{error.code}}' } })] } }),
        write('c', { parameters: { a: '{{__a.n}}' } }),
      ]),
      {},
      {
        adopted: {
          a: { output: { n: 7 } },
          b: { error: { code: 'old', message: 'It was so.', retryable: false } },
        },
      },
    );
    expect(driver.calls.get('b/@onError/h')?.task.parameters).toEqual({ code: 'old' });
    driver.finish();
    expect(driver.began).toEqual(['b/@onError/h', 'c']);
    expect(driver.run.tasks.get('b')).toMatchObject({ phase: 'failed', handled: true, adopted: true });
  });
});
