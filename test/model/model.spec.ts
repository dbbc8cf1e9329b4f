import type { Json, JsonObject } from '@flow/kernel';
import type { Step } from '@flow/operators';
import type { Happening } from './happening';
import { Model, type Definition } from './model';

/** A run of the model by hand; the clock stands unless a happening brings a time. */
class Hand {
  readonly model: Model;

  constructor(steps: readonly Step[], rest: Omit<Definition, 'steps'> = {}) {
    this.model = new Model({ steps: [step('0', '@trigger/manual'), ...steps], ...rest }, { n: 1 }, 1_000);
  }

  tell(...happenings: readonly Happening[]): this {
    for (const happening of happenings) this.model.happen(happening);
    return this;
  }

  ok(...paths: readonly string[]): this {
    return this.tell(
      ...paths.map((path): Happening => ({ ...this.at(path), type: 'succeeded', output: { from: path } })),
    );
  }

  fail(path: string, retryable = false): this {
    const error = { code: 'test.broken', message: 'It failed.', retryable };
    return this.tell({ ...this.at(path), type: 'failed', error, chance: 0 });
  }

  get open(): string[] {
    return this.model.tasks.filter(({ outside }) => outside).map(({ path }) => path);
  }

  /** Calls that were told to stop. */
  get aborted(): string[] {
    return this.model.tasks
      .filter(({ outside, body }) => outside?.kind === 'call' && body.isAborted())
      .map(({ path }) => path);
  }

  phases(...paths: readonly string[]): (string | undefined)[] {
    return paths.map((path) => this.model.task(path)?.phase);
  }

  output(path: string): Json | undefined {
    return this.model.task(path)?.output;
  }

  private at(path: string) {
    return { path, attempt: this.model.task(path)?.attempt ?? 1, at: this.model.now };
  }
}

function step(id: string, operator: string, parameters: JsonObject = {}, more: Partial<Step> = {}): Step {
  return { id, operator, parameters, ...more };
}

const call = (id: string, more: Partial<Step> = {}, v: Json = null) => step(id, '@test/write', { v }, more);
const branch = (id: string, ...steps: readonly Step[]) => ({ id, steps });
const loop = (parameters: JsonObject, steps: readonly Step[]) => step('l', '@control/flow/loop', parameters, { steps });
const parallel = (join: Json, ...branches: { id: string; steps: readonly Step[] }[]) =>
  step('p', '@control/flow/parallel', { join }, { branches });
const tried = (parts: Partial<Step>) => step('t', '@control/flow/try', {}, parts);
const CANCEL: Happening = { type: 'cancelled', at: 1_000, by: 'ann', reason: null };

describe('bodies', () => {
  it('run their steps one after another, and a graph as its needs say', () => {
    const run = new Hand([call('a'), call('b', { dependsOn: [] }), call('c', { dependsOn: ['a', 'b'] })]);
    expect(run.open.sort()).toEqual(['a', 'b']);
    expect(run.ok('b').open).toEqual(['a']);
    expect(run.ok('a').open).toEqual(['c']);
    expect(run.ok('c').model.outcome).toMatchObject({ status: 'succeeded', result: null });
  });

  it('skip a step whose condition does not hold, and fail one whose condition cannot be read', () => {
    const run = new Hand([call('a', { when: 'trigger.n == 2' }), call('b', { when: '1 - "x" == 0' })]);
    expect(run.phases('a', 'b')).toEqual(['skipped', 'failed']);
    expect(run.model.outcome?.failure).toMatchObject({ code: 'expression.failed', stepId: 'b', path: 'b' });
  });
});

describe('failure', () => {
  it('is repeated as the settings say, then ends the instance', () => {
    const run = new Hand([call('a', { settings: { retry: { max: 1 } } })]).fail('a', true);
    expect(run.phases('a')).toEqual(['retrying']);
    run.tell({ type: 'woken', path: 'a', at: 2_000 }).fail('a', true);
    expect(run.model.outcome?.failure).toMatchObject({ code: 'test.broken', attempt: 2 });
  });

  it('is taken by onError: continue, and can be read', () => {
    const run = new Hand([call('a', { onError: 'continue' }), call('b', {}, '{{__a.error.code}}')]).fail('a');
    expect(run.model.task('a')).toMatchObject({ phase: 'failed', handled: true });
    expect(run.model.task('b')?.parameters).toEqual({ v: 'test.broken' });
  });

  it('of onError steps goes on, with the first one as its cause', () => {
    const run = new Hand([call('a', { onError: { steps: [call('h', {}, '{{error.stepId}}')] } })]).fail('a');
    expect(run.model.task('a/@onError/h')?.parameters).toEqual({ v: 'a' });
    run.fail('a/@onError/h');
    expect(run.model.outcome?.failure).toMatchObject({ stepId: 'h', cause: { stepId: 'a' } });
  });

  it('lets calls settle and waits for nobody', () => {
    const beside = { dependsOn: [] };
    const run = new Hand([call('a', beside), call('b', beside), step('w', '@control/callback', {}, beside), call('z')]);
    run.fail('a');
    expect(run.phases('b', 'w', 'z')).toEqual(['running', 'cancelled', undefined]);
    expect(run.aborted).toEqual([]);
    expect(run.fail('b', true).phases('b')).toEqual(['failed']);
    expect(run.model.outcome?.failure?.stepId).toBe('a');
  });
});

describe('branches', () => {
  it('read their conditions once, and run those that hold in their order', () => {
    const set = step('s', '@internal/assign', { target: '{{vars.x}}', value: 2 });
    const branches = [
      { id: 'one', expression: 'vars.x == 1', steps: [set] },
      { id: 'two', expression: 'vars.x == 2', steps: [call('never')] },
      branch('always', call('c')),
      { id: 'else', default: true, steps: [call('d')] },
    ];
    const run = new Hand([step('b', '@control/flow/branches', {}, { branches })], { vars: { x: { default: 1 } } });
    expect(run.open).toEqual(['b/always/c']);
    expect(run.ok('b/always/c').output('b')).toEqual({ branches: ['one', 'always'] });
  });
});

describe('parallel', () => {
  it('joins all, in the order in which they ended', () => {
    const run = new Hand([parallel('all', branch('x', call('a')), branch('y', call('b')))]);
    expect(run.ok('p/y/b', 'p/x/a').output('p')).toEqual({ winners: ['y', 'x'] });
  });

  it('stops the losers of any, and waits for them', () => {
    const run = new Hand([parallel('any', branch('x', call('a')), branch('y', call('b')), branch('z', call('c')))]);
    run.ok('p/y/b');
    expect(run.aborted).toEqual(['p/x/a', 'p/z/c']);
    expect(run.phases('p')).toEqual(['running']);
    run.ok('p/x/a').fail('p/z/c');
    expect(run.phases('p/x/a', 'p/z/c', 'p')).toEqual(['succeeded', 'cancelled', 'succeeded']);
    expect(run.output('p')).toEqual({ winners: ['y'] });
  });

  it('fails when too few can still succeed, with the first failure as the cause', () => {
    const run = new Hand([parallel({ n: 2 }, branch('x', call('a')), branch('y', call('b')), branch('z', call('c')))]);
    expect(run.fail('p/x/a').phases('p')).toEqual(['running']);
    expect(run.fail('p/y/b').aborted).toEqual([]);
    run.ok('p/z/c');
    expect(run.model.outcome?.failure).toMatchObject({ code: 'parallel.join_unreachable', cause: { stepId: 'a' } });
  });
});

describe('loop', () => {
  const outputs = [{ key: 'k', value: '{{__a.from}}' }];

  it('runs side by side as far as it may, and lists outputs by index', () => {
    const run = new Hand([
      loop({ mode: 'array', array: ['u', 'v', 'w'], concurrency: 2, outputs }, [call('a', {}, '{{__l.value}}')]),
    ]);
    expect(run.open).toEqual(['l[0]/a', 'l[1]/a']);
    expect(run.model.task('l[1]/a')?.parameters).toEqual({ v: 'v' });
    run.ok('l[1]/a', 'l[2]/a', 'l[0]/a');
    expect(run.output('l')).toEqual({ outputs: { k: ['l[0]/a', 'l[1]/a', 'l[2]/a'] }, iterations: 3, failed: 0 });
  });

  it('reads the steps of the iteration before in while', () => {
    const run = new Hand([loop({ mode: 'while', while: '__a.from == null', maxIterations: 2 }, [call('a')])]);
    expect(run.ok('l[0]/a').output('l')).toMatchObject({ iterations: 1 });
    const endless = new Hand([loop({ mode: 'while', while: 'true', maxIterations: 1 }, [call('a')])]).ok('l[0]/a');
    expect(endless.model.outcome?.failure?.code).toBe('loop.limit');
  });

  it('counts failures, and says which part of them was too much', () => {
    const parameters = { mode: 'limit', limit: 2, failures: { maxPercent: 50 }, outputs };
    const run = new Hand([loop(parameters, [call('a')])]).fail('l[0]/a').ok('l[1]/a');
    expect(run.output('l')).toEqual({ outputs: { k: [null, 'l[1]/a'] }, iterations: 2, failed: 1 });
    const worse = new Hand([loop(parameters, [call('a')])]).fail('l[0]/a').fail('l[1]/a');
    expect(worse.model.outcome?.failure).toMatchObject({ code: 'loop.too_many_failures', cause: { path: 'l[0]/a' } });
  });

  it('is left by break, its other iterations stopped, and by continue for one', () => {
    const leave = (how: string) => step('x', `@control/flow/${how}`, {}, { when: '__l.index == 0' });
    const body = (how: string) => [call('a'), leave(how)];
    const parameters = { mode: 'limit', limit: 2, concurrency: 2, outputs };
    const run = new Hand([loop(parameters, body('break'))]).ok('l[0]/a');
    expect(run.aborted).toEqual(['l[1]/a']);
    expect(run.fail('l[1]/a').output('l')).toEqual({ outputs: { k: [null, null] }, iterations: 2, failed: 0 });
    const next = new Hand([loop(parameters, body('continue'))]).ok('l[0]/a', 'l[1]/a');
    expect(next.output('l')).toEqual({ outputs: { k: [null, 'l[1]/a'] }, iterations: 2, failed: 0 });
  });
});

describe('try', () => {
  it('runs catch and then finally, and goes on', () => {
    const run = new Hand([
      tried({ steps: [call('a')], catch: [call('c', {}, '{{error.code}}')], finally: [call('f')] }),
    ]);
    run.fail('t/a');
    expect(run.model.task('t/@catch/c')?.parameters).toEqual({ v: 'test.broken' });
    run.ok('t/@catch/c', 't/@finally/f');
    expect(run.output('t')).toMatchObject({ caught: true, error: { stepId: 'a' } });
  });

  it('runs finally through a return, inner to outer, and through a cancel', () => {
    const inner = step(
      'i',
      '@control/flow/try',
      {},
      { steps: [step('r', '@internal/return', { v: 1 })], finally: [call('f')] },
    );
    const run = new Hand([tried({ steps: [inner], finally: [call('g')] }), call('never')]);
    expect(run.open).toEqual(['t/i/@finally/f']);
    expect(run.ok('t/i/@finally/f').open).toEqual(['t/@finally/g']);
    expect(run.ok('t/@finally/g').model.outcome).toMatchObject({ status: 'succeeded', result: { v: 1 } });

    const cancelled = new Hand([tried({ steps: [call('a')], catch: [call('c')], finally: [call('f')] })]).tell(CANCEL);
    expect(cancelled.aborted).toEqual(['t/a']);
    expect(cancelled.fail('t/a').open).toEqual(['t/@finally/f']);
    expect(cancelled.aborted).toEqual([]);
    expect(cancelled.ok('t/@finally/f').model.outcome?.status).toBe('cancelled');
  });
});

describe('waits', () => {
  it('end by time, by an answer that may come early, and by people', () => {
    const approval = step('p', '@control/approval', { assignees: ['ann', 'bob'], quorum: 2 });
    const run = new Hand([step('w', '@control/wait', { duration: 'PT1S' }), step('c', '@control/callback'), approval]);
    run.tell({ type: 'answered', path: 'c', attempt: 1, at: 1_500, body: 7 }, { type: 'woken', path: 'w', at: 2_000 });
    expect(run.output('w')).toEqual({ until: '1970-01-01T00:00:02.000Z' });
    expect(run.output('c')).toEqual({ body: 7, receivedAt: '1970-01-01T00:00:01.500Z' });
    const yes = (by: string): Happening => ({
      type: 'decided',
      path: 'p',
      attempt: 1,
      at: 3_000,
      by,
      decision: 'approved',
      data: null,
    });
    expect(run.tell(yes('ann'), yes('ann'), yes('eve')).phases('p')).toEqual(['waiting']);
    expect(run.tell(yes('bob')).output('p')).toMatchObject({ decision: 'approved' });
  });

  it('wait for children, and cancel them with their step', () => {
    const data = step('s', '@subflow/call/dataflow', { dagId: 'child', data: [1, 2] });
    const about = { path: 's', attempt: 1, at: 1_000 };
    const started = (index: number): Happening => ({ ...about, type: 'childStarted', index, child: `C${index}` });
    const ended = (index: number): Happening => ({
      ...about,
      type: 'childEnded',
      index,
      status: 'succeeded',
      result: index,
      failure: null,
    });
    const run = new Hand([data]).tell(started(0), started(1), ended(1), ended(0));
    expect(run.output('s')).toMatchObject({ total: 2, succeeded: 2, items: [{ id: 'C0', result: 0 }, { id: 'C1' }] });
    const stopped = new Hand([data]).tell(started(0), started(1), ended(0), CANCEL);
    expect(stopped.model.childrenCancelled).toEqual(['s#1']);
    expect(stopped.phases('s')).toEqual(['cancelled']);
  });
});

describe('the instance', () => {
  it('starts nothing while it is paused, and goes on in the order of turns', () => {
    const run = new Hand([call('a'), call('b')]).tell({ type: 'paused', at: 1_000, by: 'ann' }).ok('a');
    expect(run.phases('a', 'b')).toEqual(['succeeded', undefined]);
    expect(run.tell({ type: 'resumed', at: 1_000, by: 'ann' }).open).toEqual(['b']);
  });

  it('undoes what succeeded, last first, to the end', () => {
    const undone = (id: string) => call(id, { undo: call(`u${id}`, {}, '{{completed.output.from}}') });
    const run = new Hand([loop({ mode: 'limit', limit: 2 }, [undone('a')]), call('b')]);
    run.ok('l[0]/a', 'l[1]/a').fail('b');
    expect(run.model.task('l[1]/a/@undo/ua')?.parameters).toEqual({ v: 'l[1]/a' });
    run.fail('l[1]/a/@undo/ua').ok('l[0]/a/@undo/ua');
    expect(run.model.outcome?.compensation).toEqual([
      { stepId: 'ua', path: 'l[1]/a/@undo/ua', status: 'failed', code: 'test.broken' },
      { stepId: 'ua', path: 'l[0]/a/@undo/ua', status: 'succeeded' },
    ]);
  });

  it('ends as what happened first, and gives up what still runs when it is forced', () => {
    const run = new Hand([tried({ steps: [call('a')], finally: [call('f')] })]).tell(CANCEL, {
      type: 'expired',
      at: 1_000,
    });
    run.tell({ type: 'abandoned', path: 't/a', at: 1_000 }, { type: 'forced', at: 1_000 });
    expect(run.phases('t/a', 't/@finally/f', 't')).toEqual(['cancelled', 'cancelled', 'cancelled']);
    expect(run.model.outcome?.failure?.code).toBe('instance.cancelled');
  });
});
