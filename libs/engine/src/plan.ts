import { durationMs, type Json, type JsonObject } from '@flow/kernel';
import { compileExpression, compileValue, type Compiled } from '@flow/expressions';
import {
  COMPARISONS,
  type ActionOperator,
  type Branch,
  type Compare,
  type Effect,
  type Operator,
  type OperatorCatalogue,
  type Step,
} from '@flow/operators';
import { compileParameters, type CompiledParameters } from './parameters';
import { policyOf, type AttemptPolicy } from './policy';

/** What a plan is made from: the part of a DAG that decides what runs. */
export interface PlanSource {
  readonly steps: readonly Step[];
  readonly vars?: Readonly<Record<string, { readonly default?: Json }>>;
  readonly outputs?: JsonObject;
  /** ISO 8601. */
  readonly timeout?: string;
}

/** A version of a DAG made ready to run: compiled once, shared by all its instances, never changed. */
export interface Plan {
  /** Every step, nested ones included; a step's place in here is its `index`. */
  readonly steps: readonly PlanStep[];
  readonly root: PlanBody;
  readonly vars: Readonly<Record<string, Json>>;
  readonly outputs: Compiled | undefined;
  readonly timeoutMs: number | undefined;
  /** Names that any expression reads: `env`, `variables`, `secrets`... */
  readonly names: ReadonlySet<string>;
}

/** Steps that stand side by side: the whole DAG, or a branch. */
export interface PlanBody {
  readonly steps: readonly PlanStep[];
}

interface PlanStepBase {
  readonly index: number;
  readonly id: string;
  readonly title: string | null;
  readonly operator: Operator;
  /** Position in its body. */
  readonly position: number;
  /** Positions of siblings that wait for this step. */
  readonly dependents: readonly number[];
  /** How many siblings must have ended before this step. */
  readonly needs: number;
  readonly when: Compiled | undefined;
  readonly parameters: CompiledParameters;
}

export type PlanStep =
  | (PlanStepBase & { readonly kind: 'trigger' | 'return' })
  | (PlanStepBase & { readonly kind: 'assign'; readonly target: AssignTarget })
  | (PlanStepBase & {
      readonly kind: 'branches';
      readonly branches: readonly PlanBranch[];
      readonly exclusive: boolean;
    })
  | (PlanStepBase & {
      readonly kind: 'action';
      readonly operator: ActionOperator;
      readonly effect: Effect;
      readonly policy: AttemptPolicy;
    });

export interface PlanBranch {
  readonly id: string;
  readonly isDefault: boolean;
  readonly holds: readonly (readonly PlanCondition[])[] | Compiled | undefined;
  readonly body: PlanBody;
  /** Steps in it, nested ones included. */
  readonly size: number;
}

export interface PlanCondition {
  readonly compare: Compare;
  readonly a: Compiled;
  readonly b: Compiled;
}

/** `vars.x.y` or a step's output, `__id.x`. */
export interface AssignTarget {
  readonly name: string;
  readonly path: readonly (string | number)[];
}

/** Throws ExpressionInvalid or OperatorNotAvailable: a DAG that passed validation has neither. */
export function compilePlan(source: PlanSource, catalogue: OperatorCatalogue): Plan {
  const compiler = new PlanCompiler(catalogue);
  const root = compiler.body(source.steps);
  const outputs = source.outputs && compiler.value(source.outputs);
  const vars = Object.fromEntries(
    Object.entries(source.vars ?? {}).map(([name, { default: value }]) => [name, value ?? null]),
  );
  return {
    steps: compiler.steps,
    root,
    vars,
    outputs,
    timeoutMs: source.timeout === undefined ? undefined : durationMs(source.timeout),
    names: compiler.names,
  };
}

class PlanCompiler {
  readonly steps: PlanStep[] = [];
  readonly names = new Set<string>();

  constructor(private readonly catalogue: OperatorCatalogue) {}

  body(steps: readonly Step[]): PlanBody {
    const positions = new Map(steps.map((step, i) => [step.id, i]));
    const needs = steps.map((step, i) =>
      step.dependsOn ? step.dependsOn.map((id) => positions.get(id) ?? 0) : i > 0 ? [i - 1] : [],
    );
    const dependents = steps.map((_, i) => needs.flatMap((list, j) => (list.includes(i) ? [j] : [])));
    return { steps: steps.map((step, i) => this.step(step, i, new Set(needs[i]).size, dependents[i] ?? [])) };
  }

  value(value: Json): Compiled {
    return this.noting(compileValue(value));
  }

  private step(step: Step, position: number, needs: number, dependents: readonly number[]): PlanStep {
    const operator = this.catalogue.get(step.operator);
    const index = this.steps.length;
    const verbatim = operator.kind === 'trigger' ? [] : (operator.verbatim ?? []);
    if (step.parameters)
      this.noting(
        compileValue(Object.fromEntries(Object.entries(step.parameters).filter(([key]) => !verbatim.includes(key)))),
      );
    const base: PlanStepBase = {
      index,
      id: step.id,
      title: step.title ?? null,
      operator,
      position,
      needs,
      dependents,
      when: step.when === undefined ? undefined : this.noting(compileExpression(step.when)),
      parameters: compileParameters(step.parameters ?? {}, verbatim),
    };
    this.steps.push(undefined as never); // its place comes before its children's
    const planned = this.withKind(base, step);
    this.steps[index] = planned;
    return planned;
  }

  private withKind(base: PlanStepBase, step: Step): PlanStep {
    const { operator } = base;
    if (operator.kind === 'trigger') return { ...base, kind: 'trigger' };
    if (operator.kind === 'action') {
      const effect = operator.effectOf?.(step.parameters ?? {}) ?? operator.effect;
      return {
        ...base,
        kind: 'action',
        operator,
        effect,
        policy: policyOf(step, effect !== 'write' || operator.idempotent, operator.timeoutMs),
      };
    }
    switch (operator.id) {
      case '@internal/return':
        return { ...base, kind: 'return' };
      case '@internal/assign':
        return { ...base, kind: 'assign', target: this.target(step.parameters?.target) };
      case '@control/flow/branches':
        return {
          ...base,
          kind: 'branches',
          exclusive: step.parameters?.exclusive === true,
          branches: (step.branches ?? []).map((branch) => this.branch(branch)),
        };
      default:
        throw new Error(`The engine has no construct ${operator.id}.`);
    }
  }

  private branch(branch: Branch): PlanBranch {
    const before = this.steps.length;
    const body = this.body(branch.steps);
    const holds =
      branch.expression !== undefined
        ? this.noting(compileExpression(branch.expression))
        : branch.conditions?.map((all) => all.map(({ operator, parameters }) => this.condition(operator, parameters)));
    return { id: branch.id, isDefault: branch.default === true, holds, body, size: this.steps.length - before };
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

  private noting(compiled: Compiled): Compiled {
    for (const { name } of compiled.references) this.names.add(name);
    return compiled;
  }
}
