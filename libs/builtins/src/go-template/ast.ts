/** A value being computed: JSON, with objects as Maps, so that no key can reach JavaScript's own machinery. */
export type Value = null | boolean | number | string | Value[] | Map<string, Value>;

export type Operand =
  | { readonly kind: 'constant'; readonly value: Value }
  | { readonly kind: 'dot'; readonly path: readonly string[] }
  | { readonly kind: 'variable'; readonly name: string; readonly path: readonly string[] }
  | { readonly kind: 'pipeline'; readonly pipeline: Pipeline; readonly path: readonly string[] }
  | { readonly kind: 'call'; readonly name: string };

/** The first operand is a function with the others as arguments, or a value that stands alone. */
export interface Command {
  readonly line: number;
  readonly operands: readonly [Operand, ...Operand[]];
}

export interface Pipeline {
  readonly line: number;
  /** `$a := ...` declares, `$a = ...` changes; a range may name two. */
  readonly variables: readonly string[];
  readonly declares: boolean;
  readonly commands: readonly Command[];
}

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly pipeline: Pipeline }
  | {
      readonly kind: 'if' | 'range' | 'with';
      readonly pipeline: Pipeline;
      readonly body: readonly Node[];
      readonly otherwise: readonly Node[];
    }
  | { readonly kind: 'break' | 'continue'; readonly line: number };
