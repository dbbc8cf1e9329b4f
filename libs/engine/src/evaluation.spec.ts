import { LargeValue, type Json, type JsonObject } from '@flow/kernel';
import type { Step } from '@flow/operators';
import { RunDriver, planOf } from '@flow/testing/engine';
import type { PlanSource } from './plan-compiler';
import { advance } from './advance';
import { evaluate } from './evaluate';
import type { Evaluation } from './evaluation';
import { outstanding } from './outstanding';
import { statusOf, type RunState } from './run';
import { SNAPSHOT_SCHEMA, newRun, restore, snapshot } from './snapshot';

const write = (id: string, more: Partial<Step> = {}): Step => ({ id, operator: '@test/write', ...more });
const loop = (parameters: JsonObject, ...steps: Step[]): Step => ({
  id: 'l',
  operator: '@control/flow/loop',
  parameters,
  steps,
});

/** A run whose first step `a` has given a value that nobody holds. */
function after(steps: readonly Step[], content: Json, rest: Omit<PlanSource, 'steps'> = {}) {
  const form = typeof content === 'string' ? 'text' : 'json';
  const large = new LargeValue({ sha256: 'f'.repeat(64), bytes: 1_000_000, form });
  const driver = new RunDriver(planOf([write('a'), ...steps], rest));
  driver.succeed('a', { body: large as unknown as Json });
  const open = (of: Evaluation) =>
    LargeValue.withContents(new Map([[large, content]]), () => evaluate(driver.plan, driver.run, of));
  return {
    driver,
    asked: () => [...driver.evaluations.keys()],
    /** Works out what is asked for now. */
    go(): void {
      for (const [key, of] of [...driver.evaluations]) driver.evaluated(key, { values: open(of) });
    },
    values: (key: string) => open(driver.evaluations.get(key) as Evaluation),
  };
}

const LIST = [{ n: 1 }, { n: 2 }, { n: 3 }];

describe('what looks into a large value', () => {
  it('is waited for as a running task, and what it came to is all that the state keeps', () => {
    const { driver, asked, go } = after([write('b', { parameters: { all: '{{size(__a.body)}}' } })], LIST);
    expect(asked()).toEqual(['begin b']);
    expect([driver.phase('b'), statusOf(driver.run), driver.began]).toEqual(['running', 'running', ['a']]);
    go();
    expect(driver.calls.get('b')?.task.parameters).toEqual({ all: 3 });
    expect(driver.run.evaluating.size).toBe(0);
  });

  it('is not waited for where a value is handed on whole', () => {
    const { driver } = after([write('b', { parameters: { all: '{{__a.body}}' } })], LIST);
    expect(driver.began).toEqual(['a', 'b']);
  });

  it('decides on conditions, branches, the next iteration and the outputs', () => {
    const isThree = 'size(__a.body) == 3';
    const branches: Step = {
      id: 'c',
      operator: '@control/flow/branches',
      branches: [
        { id: 'x', expression: '__a.body[2].n == 4', steps: [write('never')] },
        {
          id: 'y',
          conditions: [
            [{ id: 'c1', operator: '@internal/cmp/number-eq', parameters: { a: '{{__a.body[vars.i].n}}', b: 2 } }],
          ],
          steps: [],
        },
      ],
    };
    const rounds = loop({ mode: 'while', while: '__l.index < size(__a.body)' }, write('d', { when: '1 > 2' }));
    const { driver, asked, go } = after([write('b', { when: `!(${isThree})` }), branches, rounds], LIST, {
      vars: { i: { default: 1 } },
      outputs: { last: '{{__a.body[vars.i].n}}' },
    });
    const seen: string[] = [];
    for (let left = 20; asked().length > 0 && left > 0; left -= 1) {
      seen.push(...asked());
      go();
    }
    expect(seen).toEqual(['when b', 'begin c', 'while l', 'while l', 'while l', 'while l', 'outputs']);
    expect(driver.phase('b')).toBe('skipped');
    expect(driver.run.tasks.get('c')?.output).toEqual({ branches: ['y'] });
    expect(driver.run.outcome).toMatchObject({ status: 'succeeded', result: { last: 2 } });
  });

  it('goes over a list, of which the state holds some elements at a time', () => {
    const wide = Array.from({ length: 5 }, (_, n) => ({ n, text: 'x'.repeat(40_000) }));
    const one = write('d', { parameters: { n: '{{__l.value.n}}' } });
    const outputs = [{ key: 'sum', value: '{{__l.value.n + size(__a.body)}}' }];
    const { driver, asked, go } = after([loop({ mode: 'array', array: '{{__a.body}}', outputs }, one)], wide);
    const seen: string[] = [];
    for (let left = 40; !driver.run.outcome && left > 0; left -= 1) {
      seen.push(...asked());
      go();
      const { construct } = driver.run.tasks.get('l') ?? {};
      if (construct?.kind === 'loop') expect(construct.items?.length ?? 0).toBeLessThanOrEqual(2);
      driver.finish();
    }
    expect(seen.filter((key) => key === 'items l')).toHaveLength(2);
    expect(driver.run.tasks.get('l')?.output).toEqual({ outputs: { sum: [5, 6, 7, 8, 9] }, iterations: 5, failed: 0 });
  });

  it('refuses to go over what is no list', () => {
    const { driver, go } = after([loop({ mode: 'array', array: '{{__a.body}}' }, write('d'))], 'a text');
    go();
    expect(driver.run.outcome?.failure).toMatchObject({ code: 'loop.invalid', message: 'array must be a list.' });
  });

  it('changes a part of it by assignment', () => {
    const assign = (target: string, value: Json): Step => ({
      id: `to ${target}`,
      operator: '@internal/assign',
      parameters: { target, value },
    });
    const steps = [assign('{{vars.kept}}', '{{__a.body}}'), assign('{{vars.kept.1.n}}', 'two')];
    const { driver, go } = after(steps, LIST, { vars: { kept: { default: null } } });
    go();
    expect(driver.run.vars.kept).toEqual([{ n: 1 }, { n: 'two' }, { n: 3 }]);
  });

  it('gives each element of a list to a child', () => {
    const batch: Step = {
      id: 'b',
      operator: '@subflow/call/dataflow',
      parameters: { dagId: 'D', data: '{{__a.body}}' },
    };
    const { driver, go } = after([batch], LIST);
    go();
    expect([...driver.children.keys()]).toEqual(['b#0', 'b#1', 'b#2']);
    expect(driver.run.tasks.get('b')?.parameters).toEqual({ dagId: 'D', data: LIST });
  });

  it('fails its step with what went wrong, for onError to take', () => {
    const taken = write('b', { parameters: { x: '{{__a.body[0].n - "x"}}' }, onError: { steps: [write('h')] } });
    const { driver } = after([taken], LIST);
    driver.evaluated('begin b', { error: { code: 'expression.failed', message: 'No.', retryable: false } });
    expect(driver.began).toEqual(['a', 'b/@onError/h']);
  });

  it('fails its iteration only, where the outputs of that one cannot be worked out', () => {
    const outputs = [{ key: 'k', value: '{{size(__a.body)}}' }];
    const { driver, asked } = after(
      [loop({ mode: 'limit', limit: 2, failures: 'continue', outputs }, write('d'))],
      LIST,
    );
    driver.finish();
    expect(asked()).toEqual(['collect l[0]']);
    driver.evaluated('collect l[0]', { error: { code: 'blob.missing', message: 'Gone.', retryable: false } });
    driver.finish();
    driver.evaluated('collect l[1]', { values: [3] });
    expect(driver.run.tasks.get('l')?.output).toEqual({ outputs: { k: [null, 3] }, iterations: 2, failed: 1 });
  });
});

describe('while something is worked out', () => {
  const reading = (id: string) => write(id, { parameters: { n: '{{size(__a.body)}}' } });
  const both = (...steps: Step[]): Step => ({
    id: 'p',
    operator: '@control/flow/parallel',
    branches: steps.map((step, i) => ({ id: `p${i}`, conditions: [], steps: [step] })),
  });

  it('a failure beside it ends the wait: nothing of it has begun', () => {
    const { driver, asked } = after([both(write('f'), reading('b'))], LIST);
    expect(asked()).toEqual(['begin p/p1/b']);
    driver.fail('p/p0/f');
    expect(driver.phase('p/p1/b')).toBe('cancelled');
    expect(driver.run.outcome?.failure).toMatchObject({ stepId: 'f' });
  });

  it('a cancel ends the wait of steps, loops and iterations, and what comes then comes too late', () => {
    const outputs = [{ key: 'k', value: '{{size(__a.body)}}' }];
    const round = loop({ mode: 'limit', limit: 3, concurrency: 2, outputs }, write('d'));
    const going: Step = { ...loop({ mode: 'while', while: 'size(__a.body) > 0' }, write('e')), id: 'w' };
    const { driver, asked, values } = after([both(round, going, reading('b'))], LIST);
    driver.succeed('p/p0/l[0]/d');
    expect(asked().sort()).toEqual(['begin p/p2/b', 'collect p/p0/l[0]', 'while p/p1/w']);
    const late = asked().map((key) => [key, values(key)] as const);
    driver.cancel();
    for (const [key, come] of late) driver.evaluated(key, { values: come });
    driver.abandon('p/p0/l[1]/d');
    expect(driver.run.outcome?.status).toBe('cancelled');
    expect(['p/p2/b', 'p/p1/w', 'p/p0/l'].map((path) => driver.phase(path))).toEqual(Array(3).fill('cancelled'));
  });

  it('a break elsewhere in the loop lets an iteration collect its outputs', () => {
    const outputs = [{ key: 'k', value: '{{size(__a.body)}}' }];
    const leave: Step = { id: 'x', operator: '@control/flow/break', when: '__l.index == 1' };
    const { driver } = after([loop({ mode: 'limit', limit: 9, concurrency: 2, outputs }, write('d'), leave)], LIST);
    driver.succeed('l[0]/d');
    driver.succeed('l[1]/d');
    expect(driver.run.outcome).toBeUndefined();
    driver.evaluated('collect l[0]', { values: [3] });
    expect(driver.run.tasks.get('l')?.output).toMatchObject({ outputs: { k: [3, null] }, iterations: 2 });
  });

  it('a loop whose next elements cannot be read fails when its iterations have settled', () => {
    const wide = Array.from({ length: 5 }, (_, n) => ({ n, text: 'x'.repeat(40_000) }));
    const { driver, go } = after([loop({ mode: 'array', array: '{{__a.body}}', concurrency: 3 }, write('d'))], wide);
    go();
    driver.evaluated('items l', { error: { code: 'blob.missing', message: 'Gone.', retryable: false } });
    expect(driver.phase('l')).toBe('running');
    driver.finish();
    expect(driver.run.outcome?.failure).toMatchObject({ code: 'blob.missing', stepId: 'l' });
  });

  it('another worker asks again, and a step that kills its worker fails at the third death', () => {
    const { driver, asked } = after([reading('b')], LIST);
    const copy = restore(driver.plan, snapshot(driver.run), SNAPSHOT_SCHEMA);
    expect(outstanding(driver.plan, copy)).toEqual([{ kind: 'evaluate', of: { kind: 'begin', path: 'b' } }]);
    driver.evaluations.clear();
    driver.feed({ type: 'recovered', at: 5_000 });
    expect(asked()).toEqual(['begin b']);
    driver.feed({ type: 'recovered', at: 6_000 });
    driver.feed({ type: 'recovered', at: 7_000 });
    expect(driver.run.outcome?.failure).toMatchObject({ code: 'task.worker_lost', stepId: 'b' });
  });

  it('a snapshot of schema 2, which knew nothing of this, still goes on', () => {
    const driver = new RunDriver(planOf([loop({ mode: 'array', array: [1, 2] }, write('d'))]));
    const older = JSON.parse(snapshot(driver.run)) as { evaluating?: Json; tasks: { construct?: { from?: number } }[] };
    delete older.evaluating;
    for (const { construct } of older.tasks) delete construct?.from;
    const run = restore(driver.plan, JSON.stringify(older), 2);
    expect(JSON.parse(snapshot(run))).toEqual(JSON.parse(snapshot(driver.run)));
  });

  it('the events give the same state again without reading anything', () => {
    const { driver, go } = after([reading('b')], LIST, { outputs: { all: '{{__b.n}}' } });
    go();
    driver.succeed('b', { n: 3 });
    const { start } = driver.run;
    const again: RunState = newRun(driver.plan, start);
    for (const event of driver.events) advance(driver.plan, again, event);
    expect(snapshot(again)).toEqual(snapshot(driver.run));
    expect(again.outcome?.result).toEqual({ all: 3 });
  });
});
