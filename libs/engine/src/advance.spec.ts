import { RunDriver, planOf } from '@flow/testing/engine';
import type { Step } from '@flow/operators';
import fc from 'fast-check';
import { advance } from './advance';
import { outstanding } from './outstanding';
import { isOver, statusOf, type RunState } from './run';
import { SNAPSHOT_SCHEMA, newRun, restore, snapshot } from './snapshot';

const write = (id: string, more: Partial<Step> = {}): Step => ({ id, operator: '@test/write', ...more });
const branches = (id: string, list: NonNullable<Step['branches']>, parameters = {}): Step => ({
  id,
  operator: '@control/flow/branches',
  branches: list,
  parameters,
});
const always = (id: string, steps: readonly Step[]) => ({ id, conditions: [], steps });
const when = (id: string, expression: string, steps: readonly Step[]) => ({ id, expression, steps });

describe('order', () => {
  it('runs steps one after another', () => {
    const driver = new RunDriver(planOf([write('a'), write('b')]));
    expect(driver.began).toEqual(['a']);
    driver.succeed('a');
    expect(driver.began).toEqual(['a', 'b']);
    driver.succeed('b');
    expect(driver.run.outcome).toMatchObject({ status: 'succeeded', result: null });
  });

  it('starts steps with dependsOn as soon as those are done, side by side', () => {
    const driver = new RunDriver(
      planOf([write('a'), write('b', { dependsOn: ['0'] }), write('c', { dependsOn: ['a', 'b'] })]),
    );
    expect(driver.began).toEqual(['a', 'b']);
    driver.succeed('b');
    expect(driver.began).toHaveLength(2);
    driver.succeed('a');
    expect(driver.began).toEqual(['a', 'b', 'c']);
  });

  it('skips a step whose `when` is false, and counts it as done', () => {
    const driver = new RunDriver(planOf([write('a', { when: '1 > 2' }), write('b')]));
    expect(driver.phase('a')).toBe('skipped');
    expect(driver.began).toEqual(['b']);
  });

  it('renders parameters from the outputs of earlier steps', () => {
    const driver = new RunDriver(
      planOf([write('a'), write('b', { parameters: { x: '{{__a.n}}', y: 'n={{__a.n}}' } })]),
    );
    driver.succeed('a', { n: 7 });
    expect(driver.calls.get('b')?.task.parameters).toEqual({ x: 7, y: 'n=7' });
  });

  it('takes a thousand assignments in a row without a deep stack', () => {
    const steps = Array.from({ length: 999 }, (_, i): Step => ({
      id: `s${i}`,
      operator: '@internal/assign',
      parameters: { target: '{{vars.n}}', value: '{{vars.n + 1}}' },
    }));
    const driver = new RunDriver(planOf(steps, { vars: { n: { default: 0 } }, outputs: { n: '{{vars.n}}' } }));
    expect(driver.run.outcome?.result).toEqual({ n: 999 });
  });
});

describe('branches', () => {
  it('runs those that hold one after another in their order', () => {
    const plan = planOf([
      branches('b', [always('x', [write('1')]), when('y', 'false', [write('2')]), always('z', [write('3')])]),
      write('end'),
    ]);
    const driver = new RunDriver(plan);
    driver.finish();
    expect(driver.began).toEqual(['b/x/1', 'b/z/3', 'end']);
    expect(driver.run.tasks.get('b')?.output).toEqual({ branches: ['x', 'z'] });
  });

  it('stops at the first that holds when exclusive', () => {
    const driver = new RunDriver(
      planOf([branches('b', [always('x', [write('1')]), always('y', [write('2')])], { exclusive: true })]),
    );
    driver.finish();
    expect(driver.began).toEqual(['b/x/1']);
  });

  it('runs the default branch only when no other did', () => {
    const list = (holds: string) => [when('x', holds, [write('1')]), { id: 'd', default: true, steps: [write('2')] }];
    for (const [holds, path] of [
      ['true', 'b/x/1'],
      ['false', 'b/d/2'],
    ] as const) {
      const driver = new RunDriver(planOf([branches('b', list(holds))]));
      driver.finish();
      expect(driver.began).toEqual([path]);
    }
  });

  it('reads all conditions once, at entry, on the same state', () => {
    const assign: Step = { id: 'set', operator: '@internal/assign', parameters: { target: '{{vars.n}}', value: 5 } };
    const plan = planOf([branches('b', [always('x', [assign]), when('y', 'vars.n == 5', [write('late')])])], {
      vars: { n: { default: 0 } },
    });
    const driver = new RunDriver(plan);
    expect(driver.began).toEqual([]);
    expect(driver.run.outcome?.status).toBe('succeeded');
  });

  it('compares as the Go service does: outer OR, inner AND', () => {
    const gt = (a: number, b: number) => ({ operator: '@internal/cmp/number-gt', parameters: { a, b } });
    const driver = new RunDriver(
      planOf([branches('b', [{ id: 'x', conditions: [[gt(2, 1), gt(1, 2)], [gt(3, 2)]], steps: [write('1')] }])]),
    );
    expect(driver.began).toEqual(['b/x/1']);
  });

  it('goes on with what follows when no branch holds', () => {
    const driver = new RunDriver(planOf([branches('b', [when('x', 'false', [write('1')])]), write('after')]));
    expect(driver.began).toEqual(['after']);
  });
});

describe('return', () => {
  it('ends the whole run from any depth with its parameters but `result`', () => {
    const back: Step = { id: 'r', operator: '@internal/return', parameters: { result: 'success', n: '{{1 + 1}}' } };
    const driver = new RunDriver(
      planOf([branches('b', [always('x', [branches('c', [always('y', [back])])])]), write('never')]),
    );
    expect(driver.run.outcome).toMatchObject({ status: 'succeeded', result: { n: 2 } });
    expect(driver.began).toEqual([]);
  });

  it('fails the run with reason `returned` when result is failed', () => {
    const driver = new RunDriver(
      planOf([{ id: 'r', operator: '@internal/return', parameters: { result: 'failed', why: 'x' } }]),
    );
    expect(driver.run.outcome).toMatchObject({
      status: 'failed',
      result: { why: 'x' },
      failure: { code: 'returned', stepId: 'r', path: 'r' },
    });
  });

  it('aborts what still runs', () => {
    const driver = new RunDriver(
      planOf([write('slow', { dependsOn: ['0'] }), { id: 'r', operator: '@internal/return', dependsOn: ['0'] }]),
    );
    expect(driver.aborted).toEqual(['slow']);
    expect(driver.run.outcome).toBeUndefined();
    driver.fail('slow', { code: 'task.aborted' });
    expect(driver.run.outcome?.status).toBe('succeeded');
    expect(driver.phase('slow')).toBe('cancelled');
  });
});

describe('failure', () => {
  it('ends the run with a reason that names step, path, attempt and code', () => {
    const driver = new RunDriver(planOf([branches('b', [always('x', [write('1')])]), write('never')]));
    driver.fail('b/x/1', { code: 'http.status' });
    expect(driver.run.outcome).toMatchObject({
      status: 'failed',
      failure: { code: 'http.status', stepId: '1', path: 'b/x/1', attempt: 1 },
    });
    expect(driver.phase('b')).toBe('failed');
    expect(driver.phase('never')).toBeUndefined();
  });

  it('lets running siblings settle and starts nothing new', () => {
    const side = branches('side', [always('x', [write('s1', {}), write('s2')])]);
    const driver = new RunDriver(planOf([write('a', { dependsOn: ['0'] }), { ...side, dependsOn: ['0'] }]));
    driver.fail('a');
    expect(driver.run.outcome).toBeUndefined();
    driver.succeed('side/x/s1');
    expect(driver.began).toEqual(['a', 'side/x/s1']);
    expect(driver.run.outcome).toMatchObject({ status: 'failed', failure: { stepId: 'a' } });
    expect(driver.phase('side')).toBe('cancelled');
  });

  it("makes an expression that fails its step's failure", () => {
    const driver = new RunDriver(planOf([write('a', { parameters: { x: '{{trigger.list * 2}}' } })]), { list: [1] });
    expect(driver.run.outcome).toMatchObject({ status: 'failed', failure: { code: 'expression.failed', stepId: 'a' } });
  });
});

describe('a condition', () => {
  it('that gives neither true nor false fails its step; null counts as false', () => {
    const driver = new RunDriver(planOf([write('a', { when: '1 + 1' })]));
    expect(driver.run.outcome).toMatchObject({ status: 'failed', failure: { code: 'expression.failed', stepId: 'a' } });
    expect(new RunDriver(planOf([write('a', { when: 'vars.nothing' })])).phase('a')).toBe('skipped');
  });
});

describe('what expressions cost', () => {
  const dear = '{{range(900000).size()}}';
  const assign = (id: string, value: string): Step => ({
    id,
    operator: '@internal/assign',
    parameters: { target: '{{vars.n}}', value },
  });

  it('is shared by all texts of a step, so that many cheap ones do not hold the process', () => {
    const driver = new RunDriver(
      planOf([write('a', { parameters: { x: dear } }), write('b', { parameters: { x: [dear, dear] } })]),
    );
    driver.succeed('a');
    expect(driver.phase('b')).toBe('failed');
    expect(driver.run.outcome?.failure).toMatchObject({ code: 'expression.too_costly', path: 'b' });
  });

  it('counts what a value gives as often as it stands in the parameters', () => {
    const step = write('a', { parameters: { x: Array.from({ length: 700 }, () => '{{trigger.text}}') } });
    const driver = new RunDriver(planOf([step]), { text: 'x'.repeat(100_000) });
    expect(driver.run.outcome?.failure).toMatchObject({ code: 'expression.too_costly', path: 'a' });
  });

  it('is bounded for all steps that follow from one event', () => {
    const steps = Array.from({ length: 30 }, (_, i) => assign(`s${i}`, dear));
    const driver = new RunDriver(planOf(steps, { vars: { n: { default: 0 } } }));
    expect(driver.run.outcome?.failure).toMatchObject({ code: 'expression.too_costly', path: 's11' });
  });

  it('bounds the outputs of the DAG', () => {
    const plan = planOf([], { outputs: { x: Array.from({ length: 700 }, () => '{{trigger.text}}') } });
    const driver = new RunDriver(plan, { text: 'x'.repeat(100_000) });
    expect(driver.run.outcome).toMatchObject({ status: 'failed', failure: { code: 'dag.outputs_failed' } });
  });
});

describe('retries', () => {
  it('retries reads twice by default, exponentially from one second, and writes never', () => {
    const driver = new RunDriver(planOf([{ id: 'r', operator: '@test/read' }]));
    driver.fail('r', { retryable: true }, 0.999_999);
    expect(driver.wakes.get('r')).toBe(driver.now + 1_000);
    driver.wake('r');
    driver.fail('r', { retryable: true }, 0.999_999);
    expect(driver.wakes.get('r')).toBe(driver.now + 2_000);
    driver.wake('r');
    driver.fail('r', { retryable: true });
    expect(driver.run.outcome).toMatchObject({ status: 'failed', failure: { attempt: 3 } });

    const writer = new RunDriver(planOf([write('w')]));
    writer.fail('w', { retryable: true });
    expect(writer.run.outcome?.status).toBe('failed');
  });

  it('never retries an error that cannot pass', () => {
    const driver = new RunDriver(planOf([write('w', { settings: { retry: { max: 5 } } })]));
    driver.fail('w', { retryable: false });
    expect(driver.run.outcome?.status).toBe('failed');
  });

  it('waits as long as the other side asks', () => {
    const driver = new RunDriver(planOf([write('w', { settings: { retry: { max: 1, delay: 1 } } })]));
    driver.fail('w', { retryable: true, retryAfterMs: 30_000 });
    expect(driver.wakes.get('w')).toBe(driver.now + 30_000);
  });

  it('gives up when the next attempt would begin past the total time', () => {
    const driver = new RunDriver(
      planOf([write('w', { settings: { retry: { max: 9, delay: 20 }, timeout: { total: 30 } } })]),
    );
    driver.fail('w', { retryable: true });
    driver.wake('w');
    driver.fail('w', { retryable: true });
    expect(driver.run.outcome?.status).toBe('failed');
  });
});

describe('cancel', () => {
  it('aborts what runs, takes back what waits, and then ends', () => {
    const driver = new RunDriver(
      planOf([write('a', { dependsOn: ['0'] }), write('b', { dependsOn: ['0'], settings: { retry: { max: 3 } } })]),
    );
    driver.fail('b', { retryable: true });
    driver.feed({ type: 'cancelled', at: driver.now, by: 'ann', reason: null });
    expect(driver.aborted).toEqual(['a']);
    expect(statusOf(driver.run)).toBe('cancelling');
    expect(driver.phase('b')).toBe('cancelled');
    driver.feed({ type: 'abandoned', path: 'a', at: driver.now });
    expect(driver.run.outcome?.status).toBe('cancelled');
  });

  it('changes nothing after the end', () => {
    const driver = new RunDriver(planOf([write('a')]));
    driver.succeed('a');
    const before = snapshot(driver.run);
    driver.feed({ type: 'cancelled', at: driver.now, by: 'ann', reason: null });
    driver.feed({
      type: 'failed',
      path: 'a',
      attempt: 1,
      at: driver.now,
      error: { code: 'x', message: 'late', retryable: true },
      chance: 0,
    });
    expect(snapshot(driver.run)).toBe(before);
  });
});

describe('recovery', () => {
  it('repeats what was in flight, and fails a task at the third death', () => {
    const driver = new RunDriver(planOf([write('a')]));
    driver.feed({ type: 'recovered', at: 1 });
    driver.feed({ type: 'recovered', at: 2 });
    expect(driver.began).toEqual(['a', 'a', 'a']);
    driver.feed({ type: 'recovered', at: 3 });
    expect(driver.run.outcome).toMatchObject({ status: 'failed', failure: { code: 'task.worker_lost', stepId: 'a' } });
  });
});

describe('secrets', () => {
  it('stand in records by name only', () => {
    const driver = new RunDriver(
      planOf([write('a', { parameters: { auth: { token: 'Bearer {{secrets.key}}', who: '{{trigger.who}}' } } })]),
      { who: '{{secrets.key}}' },
    );
    const task = driver.calls.get('a')?.task;
    expect(task?.parameters).toEqual({ auth: { token: 'Bearer {{secrets.key}}', who: '{{secrets.key}}' } });
    expect(task?.secrets).toEqual([{ pointer: '/auth/token', parts: ['Bearer ', { secret: 'key' }] }]);
  });
});

describe('for every small DAG and every order of outcomes', () => {
  const step = (id: string): fc.Arbitrary<Step> =>
    fc
      .record({
        effect: fc.constantFrom('@test/read', '@test/write', '@internal/assign'),
        when: fc.constantFrom(undefined, 'true', 'false'),
        free: fc.boolean(),
      })
      .map(({ effect, when: condition, free }): Step => ({
        id,
        operator: effect,
        ...(effect === '@internal/assign' && { parameters: { target: '{{vars.n}}', value: id } }),
        ...(condition && { when: condition }),
        ...(free && { dependsOn: [] }),
        ...(effect === '@test/write' && { settings: { retry: { max: 1, delay: 1 } } }),
      }));
  const body = (prefix: string, depth: number): fc.Arbitrary<Step[]> =>
    fc
      .integer({ min: 0, max: 3 })
      .chain((count) =>
        fc.tuple(
          ...Array.from({ length: count }, (_, i) =>
            depth === 0 ? step(`${prefix}${i}`) : fc.oneof(step(`${prefix}${i}`), nest(`${prefix}${i}`, depth - 1)),
          ),
        ),
      );
  const nest = (id: string, depth: number): fc.Arbitrary<Step> =>
    fc
      .tuple(body(`${id}l`, depth), body(`${id}r`, depth), fc.boolean(), fc.boolean())
      .map(([left, right, holds, exclusive]): Step =>
        branches(id, [when('l', String(holds), left), { id: 'r', default: true, steps: right }], { exclusive }),
      );

  it('ends, moves only forward, and folds to the same state from its events or from any snapshot', () => {
    fc.assert(
      fc.property(body('s', 2), fc.infiniteStream(fc.nat(999)), fc.boolean(), (steps, chance, withCancel) => {
        const plan = planOf(steps, { vars: { n: { default: 0 } } });
        const driver = new RunDriver(plan);
        const over = new Map<string, string>();
        const pick = () => chance.next().value as number;
        for (let turn = 0; !driver.run.outcome && turn < 200; turn += 1) {
          const moves = [
            ...[...driver.calls.keys()].map((path) => ({ path, kind: 'call' })),
            ...[...driver.wakes.keys()].map((path) => ({ path, kind: 'wake' })),
          ];
          expect(moves.length).toBeGreaterThan(0); // nothing is ever stuck
          if (withCancel && turn === 2) driver.feed({ type: 'cancelled', at: driver.now, by: 'x', reason: null });
          const move = moves[pick() % moves.length]!;
          if (move.kind === 'wake') driver.wake(move.path);
          else if (pick() % 4 === 0) driver.fail(move.path, { retryable: pick() % 2 === 0 });
          else driver.succeed(move.path);
          for (const task of driver.run.tasks.values()) {
            if (over.has(task.path)) expect(task.phase).toBe(over.get(task.path));
            else if (isOver(task.phase)) over.set(task.path, task.phase);
          }
        }
        expect(driver.run.outcome).toBeDefined();
        expect([...driver.run.tasks.values()].every(({ phase }) => isOver(phase))).toBe(true);

        const [started, ...rest] = driver.events;
        if (started?.type !== 'started') throw new Error('A run begins with its start.');
        let run: RunState = newRun(plan, started);
        advance(plan, run, started);
        for (const event of rest) {
          run = restore(plan, snapshot(run), SNAPSHOT_SCHEMA);
          expect(outstanding(plan, run).filter(({ kind }) => kind !== 'force').length).toBe(
            run.outcome ? 0 : run.inFlight.size,
          );
          advance(plan, run, event);
        }
        expect(JSON.parse(snapshot(run))).toEqual(JSON.parse(snapshot(driver.run)));
      }),
      { numRuns: 500 },
    );
  });
});
