import { ExpressionTooCostly } from './expression.errors';
import { MAX_COST, MAX_RESULT_SIZE } from './limits';

/**
 * What may still be spent: on one evaluation, or on all evaluations of a scope that carries it. Many cheap expressions side by side then
 * cost together no more than one dear one. Spending depends on the data alone, so that a replay ends alike.
 */
export class Budget {
  /** Lists, objects and long texts that went into results so far: from the second on they are measured. */
  shown = 0;

  /** `work` in steps of the interpreter, `room` in characters of JSON. */
  constructor(
    public work: number = MAX_COST,
    public room: number = MAX_RESULT_SIZE,
  ) {}

  /** Throws ExpressionTooCostly when the work is used up. */
  spend(cost: number): void {
    this.work -= cost;
    if (this.work < 0) throw new ExpressionTooCostly('it needs more steps of work than there are left');
  }

  /** Throws ExpressionTooCostly when there is no room for so much. */
  take(size: number): number {
    this.room -= size;
    if (this.room < 0) throw new ExpressionTooCostly('what it gives, with all that stands beside it, is too large');
    return size;
  }
}
