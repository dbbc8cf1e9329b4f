import { loadBuiltins } from '@flow/builtins';
import { childPath, compilePlan } from '@flow/engine';
import { OperatorCatalogue, type Step } from '@flow/operators';
import fc from 'fast-check';
import { effectsOf, repeatsOf, type EndedTask } from '../../apps/console/src/pages/instance/retry-preview';
import { planRetry } from '../../libs/instances/src/retry-plan';
import type { Task } from '@flow/instances';

/** What plans need of the world: nothing is called here. */
const http = { send: () => Promise.reject(new Error('Nothing is called.')) } as never;
const catalogue = new OperatorCatalogue(loadBuiltins({ http }));

const keep = (id: string, more: object = {}): Step => ({ id, operator: '@internal/checkpoint', ...more });
const post = (id: string, method = 'POST'): Step => ({
  id,
  operator: '@http/request',
  parameters: { method, url: 'http://127.0.0.1' },
});
const loop = (id: string, steps: readonly Step[], concurrency = 1): Step => ({
  id,
  operator: '@control/flow/loop',
  parameters: { mode: 'limit', limit: 3, concurrency },
  steps,
});

const DEFINITIONS: Readonly<Record<string, readonly Step[]>> = {
  'steps in sequence': [keep('a'), post('b', 'GET'), post('c'), keep('d')],
  'a graph': [
    keep('a'),
    keep('b', { dependsOn: [] }),
    keep('c', { dependsOn: ['a'] }),
    keep('d', { dependsOn: ['b', 'c'] }),
    keep('e/x'),
  ],
  'loops in loops': [keep('a'), loop('o', [keep('b'), loop('i', [keep('c'), keep('d')], 2), keep('e')]), keep('f')],
  'branches, handlers and undo': [
    keep('a', { undo: keep('ua') }),
    {
      id: 't',
      operator: '@control/flow/try',
      steps: [keep('b', { onError: { steps: [keep('h')] } }), keep('c')],
      catch: [keep('k')],
      finally: [keep('l')],
    },
    {
      id: 's',
      operator: '@control/flow/parallel',
      branches: [
        { id: 'one', steps: [keep('x'), keep('y')] },
        { id: 'two', steps: [keep('z')] },
      ],
    },
    keep('e'),
  ],
};

/** Every path at which a task of the definition can stand, with three iterations a loop. */
function pathsOf(steps: readonly Step[], body: string): { readonly path: string; readonly step: Step }[] {
  return steps.flatMap((step) => {
    const path = childPath(body, step.id);
    const {
      branches = [],
      steps: inner,
      catch: caught,
      finally: last,
      onError,
      undo,
    } = step as Step & Record<string, never>;
    const isLoop = step.operator === '@control/flow/loop';
    const suffixes = isLoop ? ['[0]', '[1]', '[2]'] : [''];
    return [
      { path, step },
      ...(branches as readonly { id: string; steps: readonly Step[] }[]).flatMap((one) =>
        pathsOf(one.steps, `${path}/${one.id}`),
      ),
      ...suffixes.flatMap((suffix) => (inner ? pathsOf(inner, path + suffix) : [])),
      ...(caught ? pathsOf(caught, `${path}/@catch`) : []),
      ...(last ? pathsOf(last, `${path}/@finally`) : []),
      ...(onError ? pathsOf((onError as { steps: readonly Step[] }).steps, `${path}/@onError`) : []),
      ...(undo ? pathsOf([undo], `${path}/@undo`) : []),
    ];
  });
}

const anEnd = fc.record({
  status: fc.constantFrom('succeeded', 'succeeded', 'failed', 'cancelled', 'skipped'),
  attempt: fc.constantFrom(0, 1, 2),
  handled: fc.boolean(),
  ran: fc.constantFrom(true, true, true, false),
});

describe.each(Object.entries(DEFINITIONS))('what a retry of %s does again', (_name, flow) => {
  const steps: readonly Step[] = [{ id: 'start', operator: '@trigger/manual' }, ...flow];
  const plan = compilePlan({ steps }, catalogue);
  const effectOf = effectsOf(catalogue.list() as unknown as Readonly<Record<string, unknown>>[]);
  const places = pathsOf(steps, '');

  it('is known before as it is decided afterwards, from what failed and from any step', () => {
    let effects = 0;
    fc.assert(
      fc.property(fc.array(anEnd, { minLength: places.length, maxLength: places.length }), (ends) => {
        const tasks = places.flatMap(({ path, step }, i) => {
          const { status, attempt, handled, ran } = ends[i]!;
          const concurrency = (step.parameters as { concurrency?: number } | undefined)?.concurrency ?? 1;
          // What a step holds has run only where the step itself has.
          const around = places.filter(
            (one) => path !== one.path && /^[/[]/.test(path.startsWith(one.path) ? path.slice(one.path.length) : ''),
          );
          return ran && around.every((one) => ends[places.indexOf(one)]!.ran)
            ? [{ path, stepId: step.id, status, attempt, handled: status === 'failed' && handled, concurrency }]
            : [];
        });
        const undo = tasks.filter(({ path }) => path.includes('/@undo/')).map(({ path }) => path);
        for (const from of ['failed' as const, ...tasks.map(({ path }) => ({ path }))]) {
          const told = repeatsOf(steps, tasks, undo, from, effectOf).map(({ path }) => path);
          const reason = { compensation: undo.map((path) => ({ path })) } as never;
          const decided = planRetry(plan, { reason }, tasks.map(serverTask), from, {});
          if ('fault' in decided) throw new Error(decided.fault.message);
          expect(told).toEqual(decided.repeats.map(({ path }) => path));
          effects += told.length;
        }
      }),
      { numRuns: 60, seed: 7 },
    );
    expect(effects).toBeGreaterThan(0);
  });
});

function serverTask({ path, stepId, status, attempt, handled, concurrency }: EndedTask): Task {
  const error = status === 'failed' ? { code: 'x', message: 'x', handled } : null;
  return {
    id: path,
    path,
    stepId,
    status,
    attempt,
    error,
    input: { concurrency },
    output: null,
    operator: '',
  } as unknown as Task;
}
