import type { Json, JsonObject } from '@flow/kernel';
import { walkSteps, type Branch, type Step } from '@flow/operators';
import type { Definition } from './model';

/** A smaller definition that still fails: parts are taken away as long as the failure stays. */
export function shrink(dag: Definition, fails: (dag: Definition) => boolean, budgetMs = 15_000): Definition {
  const end = performance.now() + budgetMs;
  let best = dag;
  for (let found = true; found;) {
    found = false;
    for (const smaller of smallerOnes(best)) {
      if (performance.now() > end) return best;
      if (!fails(smaller)) continue;
      best = smaller;
      found = true;
      break;
    }
  }
  return best;
}

function* smallerOnes(dag: Definition): Generator<Definition> {
  const [trigger, ...rest] = dag.steps;
  if (!trigger) return;
  if (dag.outputs) {
    const { outputs: _, ...without } = dag;
    yield without;
  }
  for (const steps of smallerBodies(rest)) if (steps.length > 0) yield tidy({ ...dag, steps: [trigger, ...steps] });
}

/** The largest cuts first: whole steps, then what holds steps gives way to what it holds, then parts of steps. */
function* smallerBodies(steps: readonly Step[]): Generator<readonly Step[]> {
  for (let i = 0; i < steps.length; i += 1) yield replaced(steps, i, []);
  for (const [i, step] of steps.entries()) {
    for (const inner of bodies(step)) yield replaced(steps, i, inner);
    for (const smaller of smallerSteps(step)) yield replaced(steps, i, [smaller]);
  }
}

function bodies(step: Step): (readonly Step[])[] {
  const onError = typeof step.onError === 'object' ? [step.onError.steps] : [];
  const parts = [step.steps, step.catch, step.finally, ...onError].filter((body) => body !== undefined);
  return [...(step.branches ?? []).map((branch) => branch.steps), ...parts];
}

function* smallerSteps(step: Step): Generator<Step> {
  for (const key of ['undo', 'onError', 'when', 'settings', 'dependsOn'] as const) {
    if (step[key] === undefined) continue;
    const { [key]: _, ...without } = step;
    yield without;
  }
  if (step.catch && step.finally) {
    const { catch: _c, ...withoutCatch } = step;
    yield withoutCatch;
    const { finally: _f, ...withoutFinally } = step;
    yield withoutFinally;
  }
  for (const key of ['steps', 'catch', 'finally'] as const)
    for (const body of step[key] ? smallerBodies(step[key]) : []) if (body.length > 0) yield { ...step, [key]: body };
  if (typeof step.onError === 'object')
    for (const body of smallerBodies(step.onError.steps))
      if (body.length > 0) yield { ...step, onError: { steps: body } };
  if (step.undo) for (const undo of smallerSteps(step.undo)) yield { ...step, undo };
  for (const branches of step.branches ? smallerBranches(step.branches) : []) yield { ...step, branches };
  for (const [key, value] of Object.entries(step.parameters ?? {}))
    for (const simpler of simplerValues(step, key, value))
      yield { ...step, parameters: { ...step.parameters, ...simpler } as JsonObject };
}

function* smallerBranches(branches: readonly Branch[]): Generator<readonly Branch[]> {
  for (const [i, branch] of branches.entries()) {
    if (branches.length > 1) yield branches.filter((_, at) => at !== i);
    const put = (smaller: Branch) => branches.map((each, at) => (at === i ? smaller : each));
    const { conditions: _c, expression: _e, default: _d, ...always } = branch;
    if (Object.keys(always).length < Object.keys(branch).length) yield put(always);
    for (const steps of smallerBodies(branch.steps)) if (steps.length > 0) yield put({ ...branch, steps });
  }
}

const SWITCHES = ['exclusive', 'failFast', 'failures', 'outputs', 'concurrency', 'onReject', 'onExpiry', 'expiresIn'];

function* simplerValues(step: Step, key: string, value: Json): Generator<Record<string, Json | undefined>> {
  if (SWITCHES.includes(key)) yield { [key]: undefined };
  if (step.operator.startsWith('@test/') && value !== 0) yield { [key]: 0 };
  if (key === 'limit' && typeof value === 'number' && value > 0) yield { limit: value - 1 };
  if (key === 'array' && Array.isArray(value) && value.length > 0) yield { array: (value as Json[]).slice(1) };
}

function replaced<T>(list: readonly T[], at: number, by: readonly T[]): readonly T[] {
  return [...list.slice(0, at), ...by, ...list.slice(at + 1)];
}

/** Without what names a step that is gone, and without what is not there; a leave that has no loop any more goes too. */
function tidy(dag: Definition): Definition {
  const ids = new Set([...walkSteps(dag.steps)].map(({ step }) => step.id));
  const clean = (value: Json): Json =>
    JSON.parse(
      JSON.stringify(value).replaceAll(/__(s\d+)/g, (name, id: string) => (ids.has(id) ? name : 'vars.a')),
    ) as Json;
  const trim = (steps: readonly Step[], inLoop: boolean): Step[] =>
    steps
      .filter(({ operator }) => inLoop || !/break|continue/.test(operator))
      .map((step) => {
        const siblings = new Set(steps.map(({ id }) => id));
        const within = inLoop || step.operator === '@control/flow/loop';
        return {
          ...step,
          ...(step.dependsOn && { dependsOn: step.dependsOn.filter((id) => siblings.has(id) || id === '0') }),
          ...(step.steps && { steps: trim(step.steps, within) }),
          ...(step.catch && { catch: trim(step.catch, inLoop) }),
          ...(step.finally && { finally: trim(step.finally, false) }),
          ...(step.branches && {
            branches: step.branches.map((branch) => ({ ...branch, steps: trim(branch.steps, inLoop) })),
          }),
          ...(typeof step.onError === 'object' && { onError: { steps: trim(step.onError.steps, inLoop) } }),
        };
      });
  return clean({ ...dag, steps: trim(dag.steps, false) } as unknown as Json) as unknown as Definition;
}
