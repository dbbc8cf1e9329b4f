import { contentOf, LargeValue, type Json, type JsonObject } from '@flow/kernel';
import { changedBy } from './assign';
import { chooseBranches, isTrue } from './conditions';
import type { Rendered, SecretText } from './parameters';
import type { LoopStep, Plan, PlanStep } from './plan';
import type { BodyState, RunState, TaskState } from './run';
import { RunScope } from './run-scope';
import type { Evaluation } from './evaluation';

/** Characters of JSON that the state holds of a list that is looped over, where one element is not larger. */
const ITEMS_AT_HAND = 64 * 1024;

/**
 * Works it out from a state that waits for it, with what is large opened around the call. Gives values of which each may be large itself:
 * whoever keeps them puts large ones away one by one. Throws what expressions throw, LargeValueClosed where something has to be opened.
 */
export function evaluate(plan: Plan, run: RunState, of: Evaluation): readonly Json[] {
  const scope = new RunScope(plan, run);
  if (of.kind === 'outputs') {
    scope.turnTo(undefined);
    return [plan.outputs?.evaluate(scope) ?? null];
  }
  const task = run.tasks.get(of.path);
  const step = task && plan.steps[task.step];
  if (!step) throw new Error(`The run has no task ${of.path}.`);
  scope.turnTo(task);
  switch (of.kind) {
    case 'when':
      return [step.when === undefined || isTrue(step.when, scope)];
    case 'begin':
      return beginning(run, step, scope);
    case 'while':
      return [isTrue((step as LoopStep).condition, scope)];
    case 'items':
      return elements(contentOf(task.parameters?.array ?? null), of.from);
    case 'collect':
      return iterationOutputs(step as LoopStep, task, run.bodies.get(`${of.path}[${of.index}]`), scope);
  }
}

/** What a step begins with, from the values of a `begin`, or rendered here and now. */
export function rendered(step: PlanStep, scope: RunScope, given: readonly Json[] | undefined): Rendered {
  if (!given) return step.parameters.render(scope);
  const [parameters, secrets] = given as unknown as readonly [JsonObject, readonly SecretText[]];
  return { parameters, secrets };
}

export function iterationOutputs(
  { outputs }: LoopStep,
  task: TaskState,
  body: BodyState | undefined,
  scope: RunScope,
): readonly Json[] {
  scope.turnTo(task, body);
  return outputs.map(({ value }) => value.evaluate(scope));
}

/** First the parameters and their secrets, then what the kind of step needs besides. */
function beginning(run: RunState, step: PlanStep, scope: RunScope): readonly Json[] {
  if (step.kind === 'branches' || step.kind === 'parallel')
    return chooseBranches(step.branches, step.kind === 'branches' && step.exclusive, scope);
  const { parameters, secrets } = step.parameters.render(scope);
  const first = [parameters, secrets as unknown as Json];
  switch (step.kind) {
    case 'assign':
      return [...first, changedBy(run, step.target, parameters.value ?? null, scope)];
    case 'loop':
      return step.mode === 'array' ? [...first, ...opened(parameters.array ?? null)] : first;
    case 'subflow': {
      const { data, ...others } = parameters;
      const content = contentOf(data ?? null);
      if (data === undefined || (step.batch && !Array.isArray(content))) return first;
      return [others, secrets as unknown as Json, ...(step.batch ? (content as readonly Json[]) : [content])];
    }
    default:
      return first;
  }
}

/** How long a list is, and its first elements; null for what is no list. */
function opened(array: Json): readonly Json[] {
  const list = contentOf(array);
  return Array.isArray(list) ? [list.length, ...elements(list, 0)] : [null];
}

function elements(list: Json, from: number): readonly Json[] {
  const items: Json[] = [];
  let characters = 0;
  for (const item of Array.isArray(list) ? (list.slice(from) as readonly Json[]) : []) {
    items.push(item);
    characters += item instanceof LargeValue ? 0 : JSON.stringify(item).length;
    if (characters >= ITEMS_AT_HAND) break;
  }
  return items;
}
