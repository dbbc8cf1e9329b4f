import { durationMs, isJsonObject, type Json, type JsonObject } from '@flow/kernel';
import { compileExpression, compileValue, type Compiled, type Reference } from '@flow/expressions';
import { COMPARISONS, type Branch, type OperatorCatalogue, type Step } from '@flow/operators';
import { compileParameters } from './parameters';
import type { AssignTarget, Plan, PlanBody, PlanBranch, PlanCondition, PlanStep } from './plan';
import { policyOf } from './policy';
import { partOf } from './task-path';

/** What a plan is made from: the part of a DAG that decides what runs. */
export interface PlanSource {
  readonly steps: readonly Step[];
  readonly vars?: Readonly<Record<string, { readonly default?: Json }>>;
  readonly outputs?: JsonObject;
  /** ISO 8601. */
  readonly timeout?: string;
  readonly startBy?: string;
}

/** Throws ExpressionInvalid or OperatorNotAvailable: a DAG that passed validation has neither. */
export function compilePlan(source: PlanSource, catalogue: OperatorCatalogue): Plan {
  const compiler = new PlanCompiler(catalogue);
  const root = compiler.body(source.steps, undefined, '');
  const vars = Object.fromEntries(
    Object.entries(source.vars ?? {}).map(([name, { default: value }]) => [name, value ?? null]),
  );
  return {
    steps: compiler.steps,
    byId: new Map(compiler.steps.map((step) => [step.id, step])),
    root,
    vars,
    outputs: source.outputs && compiler.value(source.outputs),
    timeoutMs: source.timeout === undefined ? undefined : durationMs(source.timeout),
    startByMs: source.startBy === undefined ? undefined : durationMs(source.startBy),
    names: compiler.names,
    reads: [...compiler.reads.values()],
  };
}

type Growing<T> = { -readonly [K in keyof T]: T[K] };
type Base = Omit<PlanStep & { kind: 'wait' }, 'kind'>;

class PlanCompiler {
  readonly steps: PlanStep[] = [];
  readonly names = new Set<string>();
  readonly reads = new Map<string, Reference>();
  private hasUndo = false;

  constructor(private readonly catalogue: OperatorCatalogue) {}

  body(steps: readonly Step[], owner: PlanStep | undefined, suffix: string, counts = owner?.counts ?? true): PlanBody {
    const planned: PlanStep[] = [];
    const before = this.steps.length;
    const body: Growing<PlanBody> = {
      steps: planned,
      owner,
      suffix,
      depth: owner ? owner.body.depth + 1 : 0,
      size: 0,
    };
    const positions = new Map(steps.map((step, i) => [step.id, i]));
    const needs = steps.map((step, i) =>
      step.dependsOn ? new Set(step.dependsOn.map((id) => positions.get(id) ?? 0)) : new Set(i > 0 ? [i - 1] : []),
    );
    const dependents: number[][] = steps.map(() => []);
    needs.forEach((list, i) => list.forEach((needed) => dependents[needed]?.push(i)));
    steps.forEach((step, position) => {
      const place = {
        body,
        position,
        counts,
        needs: needs[position]?.size ?? 0,
        dependents: dependents[position] ?? [],
      };
      planned.push(this.step(step, place));
    });
    body.size = this.steps.length - before;
    return body;
  }

  value(value: Json): Compiled {
    return this.noting(compileValue(value));
  }

  private step(step: Step, place: Pick<Base, 'body' | 'position' | 'counts' | 'needs' | 'dependents'>): PlanStep {
    const operator = this.catalogue.get(step.operator);
    const index = this.steps.length;
    const { verbatim = [] } = operator;
    const parameters = step.parameters ?? {};
    this.noting(
      compileValue(Object.fromEntries(Object.entries(parameters).filter(([key]) => !verbatim.includes(key)))),
    );
    const isAction = operator.kind === 'action';
    const effect = isAction ? (operator.effectOf?.(parameters) ?? operator.effect) : 'write';
    const base: Growing<Base> = {
      ...place,
      index,
      id: step.id,
      title: step.title ?? null,
      operator,
      when: step.when === undefined ? undefined : this.expression(step.when),
      parameters: compileParameters(parameters, verbatim),
      policy: policyOf(
        step,
        isAction && (effect !== 'write' || operator.idempotent),
        isAction ? operator.timeoutMs : undefined,
      ),
      onError: typeof step.onError === 'object' ? 'fail' : (step.onError ?? 'fail'),
      undo: undefined,
      size: 0,
    };
    // Made in place: the bodies within it name it as their owner.
    const planned = base as Growing<PlanStep>;
    this.steps.push(planned);
    Object.assign(planned, isAction ? { kind: 'action', effect } : this.construct(step, planned));
    if (typeof step.onError === 'object') base.onError = this.body(step.onError.steps, planned, '/@onError');
    if (step.undo) base.undo = this.body([step.undo], planned, '/@undo', false);
    this.hasUndo ||= step.undo !== undefined;
    base.size = this.steps.length - index - 1;
    return planned;
  }

  /** What a construct has besides what every step has; its bodies are compiled here. */
  private construct(step: Step, self: PlanStep): object {
    const { parameters = {} } = step;
    if (self.operator.kind === 'trigger') return { kind: 'trigger' };
    switch (self.operator.id) {
      case '@internal/return':
        return { kind: 'return' };
      case '@internal/assign':
        return { kind: 'assign', target: this.target(parameters.target) };
      case '@control/flow/branches':
        return { kind: 'branches', exclusive: parameters.exclusive === true, branches: this.branches(step, self) };
      case '@control/flow/parallel': {
        const { join } = parameters;
        return {
          kind: 'parallel',
          join: join === 'any' ? 1 : isJsonObject(join) ? Number(join.n) : undefined,
          failFast: parameters.failFast === true,
          branches: this.branches(step, self),
        };
      }
      case '@control/flow/loop':
        return this.loop(step, self);
      case '@control/flow/break':
        return { kind: 'break' };
      case '@control/flow/continue':
        return { kind: 'continue' };
      case '@control/flow/try':
        return {
          kind: 'try',
          steps: this.body(step.steps ?? [], self, ''),
          catch: step.catch && this.body(step.catch, self, '/@catch'),
          finally: step.finally && this.body(step.finally, self, '/@finally'),
        };
      case '@control/wait':
        return { kind: 'wait' };
      case '@control/callback':
        return { kind: 'callback' };
      case '@control/approval':
        return { kind: 'approval' };
      case '@subflow/call/workflow':
        return { kind: 'subflow', batch: false };
      case '@subflow/call/dataflow':
        return { kind: 'subflow', batch: true };
      default:
        throw new Error(`The engine has no construct ${self.operator.id}.`);
    }
  }

  private loop({ parameters = {}, steps = [] }: Step, self: PlanStep): object {
    const { mode = 'limit', outputs, failures } = parameters;
    const around = this.hasUndo;
    this.hasUndo = false;
    const body = this.body(steps, self, '', false);
    const hasUndo = this.hasUndo;
    this.hasUndo ||= around;
    const list = Array.isArray(outputs) ? (outputs as readonly Json[]).filter(isJsonObject) : [];
    return {
      kind: 'loop',
      mode,
      steps: body,
      condition: typeof parameters.while === 'string' ? this.expression(parameters.while) : undefined,
      outputs: list.map(({ key, value }) => ({
        key: typeof key === 'string' ? key : '',
        value: this.value(value ?? null),
      })),
      tolerance: failures === 'continue' ? 100 : isJsonObject(failures) ? Number(failures.maxPercent) : undefined,
      hasUndo,
    };
  }

  private branches({ branches = [] }: Step, self: PlanStep): PlanBranch[] {
    return branches.map((branch) => ({
      id: branch.id,
      isDefault: branch.default === true,
      holds: this.holds(branch),
      body: this.body(branch.steps, self, `/${partOf(branch.id)}`),
    }));
  }

  private holds({ expression, conditions }: Branch): PlanBranch['holds'] {
    if (expression !== undefined) return this.expression(expression);
    return conditions?.map((all) => all.map(({ operator, parameters }) => this.condition(operator, parameters)));
  }

  private condition(operator: string, parameters: { readonly a?: Json; readonly b?: Json }): PlanCondition {
    const compare = COMPARISONS.get(operator);
    if (!compare) throw new Error(`There is no comparison ${operator}.`);
    return { compare, a: this.value(parameters.a ?? null), b: this.value(parameters.b ?? null) };
  }

  private target(target: Json | undefined): AssignTarget {
    const reference = typeof target === 'string' ? compileValue(target).references[0] : undefined;
    if (!reference) throw new Error('The target of an assignment is one path in {{ }}.');
    return reference;
  }

  private expression(text: string): Compiled {
    return this.noting(compileExpression(text));
  }

  private noting(compiled: Compiled): Compiled {
    for (const reference of compiled.references) {
      this.names.add(reference.name);
      if (reference.path.length > 0) this.reads.set(JSON.stringify([reference.name, ...reference.path]), reference);
    }
    return compiled;
  }
}
