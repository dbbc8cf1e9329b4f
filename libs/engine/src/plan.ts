import type { Json } from '@flow/kernel';
import type { Compiled, Reference } from '@flow/expressions';
import type { ActionOperator, Compare, Effect, Operator } from '@flow/operators';
import type { CompiledParameters } from './parameters';
import type { AttemptPolicy } from './policy';

/** A version of a DAG made ready to run: compiled once, shared by all its instances, never changed. */
export interface Plan {
  /** Every step, nested ones included; a step's place in here is its `index`. */
  readonly steps: readonly PlanStep[];
  readonly byId: ReadonlyMap<string, PlanStep>;
  readonly root: PlanBody;
  readonly vars: Readonly<Record<string, Json>>;
  readonly outputs: Compiled | undefined;
  readonly timeoutMs: number | undefined;
  /** How long after it was accepted a run may begin. */
  readonly startByMs: number | undefined;
  /** Names that any expression reads: `env`, `variables`, `secrets`... */
  readonly names: ReadonlySet<string>;
  /** What any expression reads, with its path: what has to be taken out of values that are too large to be held. */
  readonly reads: readonly Reference[];
}

/** Steps that stand side by side: the whole DAG, a branch, a part of a construct. */
export interface PlanBody {
  readonly steps: readonly PlanStep[];
  /** The step whose body this is; the DAG's own has none. */
  readonly owner: PlanStep | undefined;
  /** What the path of such a body adds to that of its step; of an iteration, its number follows. */
  readonly suffix: string;
  readonly depth: number;
  /** Steps in it, nested ones included. */
  readonly size: number;
}

interface PlanStepBase {
  readonly index: number;
  readonly id: string;
  readonly title: string | null;
  readonly operator: Operator;
  readonly body: PlanBody;
  /** Position in its body. */
  readonly position: number;
  /** Positions of siblings that wait for this step. */
  readonly dependents: readonly number[];
  /** How many siblings must have ended before this step. */
  readonly needs: number;
  readonly when: Compiled | undefined;
  readonly parameters: CompiledParameters;
  readonly policy: AttemptPolicy;
  readonly onError: 'fail' | 'continue' | PlanBody;
  readonly undo: PlanBody | undefined;
  /** Steps within it, nested ones included. */
  readonly size: number;
  /** Whether the progress counts it by itself: what may run often or never (loops, undo) counts with the step around it. */
  readonly counts: boolean;
}

export type PlanStep =
  | (PlanStepBase & { readonly kind: 'trigger' | 'return' | 'break' | 'continue' | 'wait' | 'callback' | 'approval' })
  | (PlanStepBase & { readonly kind: 'assign'; readonly target: AssignTarget })
  | BranchesStep
  | ParallelStep
  | LoopStep
  | TryStep
  | SubflowStep
  | ActionStep;

export type BranchesStep = PlanStepBase & {
  readonly kind: 'branches';
  readonly branches: readonly PlanBranch[];
  readonly exclusive: boolean;
};

export type ParallelStep = PlanStepBase & {
  readonly kind: 'parallel';
  readonly branches: readonly PlanBranch[];
  /** How many branches must succeed; undefined: every one that runs must be done. */
  readonly join: number | undefined;
  readonly failFast: boolean;
};

export type LoopStep = PlanStepBase & {
  readonly kind: 'loop';
  readonly mode: 'limit' | 'array' | 'while';
  readonly steps: PlanBody;
  readonly condition: Compiled | undefined;
  readonly outputs: readonly { readonly key: string; readonly value: Compiled }[];
  /** How many per cent of the iterations may fail; undefined: none, and the first ends the loop. */
  readonly tolerance: number | undefined;
  /** Steps within have an undo: their ended iterations stay. */
  readonly hasUndo: boolean;
};

export type TryStep = PlanStepBase & {
  readonly kind: 'try';
  readonly steps: PlanBody;
  readonly catch: PlanBody | undefined;
  readonly finally: PlanBody | undefined;
};

export type SubflowStep = PlanStepBase & {
  readonly kind: 'subflow';
  /** One child for each element of the data. */
  readonly batch: boolean;
};

export type ActionStep = PlanStepBase & {
  readonly kind: 'action';
  readonly operator: ActionOperator;
  readonly effect: Effect;
};

export interface PlanBranch {
  readonly id: string;
  readonly isDefault: boolean;
  readonly holds: readonly (readonly PlanCondition[])[] | Compiled | undefined;
  readonly body: PlanBody;
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
