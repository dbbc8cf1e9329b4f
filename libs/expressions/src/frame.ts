import type { Json, JsonObject } from '@flow/kernel';
import { Budget } from './budget';
import type { Scope } from './compiled';
import { ExpressionTooCostly } from './expression.errors';
import { CHARACTERS_PER_COST, MAX_DATA_DEPTH, NODE_SIZE } from './limits';

// Held here because the walk over large results is the hottest loop of the library.
const { isArray } = Array;
const { keys } = Object;

/** A compiled piece of an expression. */
export type Run = (frame: Frame) => Json;

/** One evaluation: its data, the values of macro variables, and what it may still cost. Costs depend on the data alone, so that a replay ends alike. */
export class Frame {
  /** By slot: every macro of an expression has its own. */
  readonly locals: Json[] = [];
  /** The scope's, which other evaluations share, or one of its own. */
  readonly budget: Budget;
  private paid: Set<string> | undefined;

  constructor(readonly scope: Scope) {
    this.budget = scope.budget ?? new Budget();
  }

  /** Throws ExpressionTooCostly when the work is used up. */
  spend(cost: number): void {
    this.budget.spend(cost);
  }

  /** Pays for text before it is made. */
  produce(characters: number): void {
    this.spend(Math.ceil(characters / CHARACTERS_PER_COST));
  }

  /** Pays once an evaluation for a thing that is kept afterwards, whether an earlier one had it already or not. */
  spendOnce(thing: string, cost: number): void {
    this.paid ??= new Set();
    if (this.paid.has(thing)) return;
    this.spend(cost);
    this.paid.add(thing);
  }

  /** Pays for showing a value as JSON; refuses what is too large or nests too deep. Parts that are shared count each time. */
  measure(value: Json, depth = 0): number {
    if (typeof value === 'string') return this.budget.take(NODE_SIZE + value.length);
    if (typeof value !== 'object' || value === null) return this.budget.take(NODE_SIZE);
    if (depth >= MAX_DATA_DEPTH) throw new ExpressionTooCostly(`its data nests deeper than ${MAX_DATA_DEPTH} levels`);
    let size = this.budget.take(NODE_SIZE);
    if (isArray(value)) {
      const items: readonly Json[] = value;
      for (const item of items) size += this.measure(item, depth + 1);
    } else {
      for (const key of keys(value))
        size += this.budget.take(key.length) + this.measure((value as JsonObject)[key] ?? null, depth + 1);
    }
    return size;
  }
}
