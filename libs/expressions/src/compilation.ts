import type { Run } from './frame';
import type { Ast } from './parser';

/** The compilation of one expression, as the compilers of its pieces see it. */
export interface Compilation {
  /** Throws ExpressionInvalid. */
  compile(node: Ast): Run;
  /** Compiles a piece in which the name stands for the value in a slot of the frame's locals. */
  within<T>(name: string, work: (slot: number) => T): T;
}
