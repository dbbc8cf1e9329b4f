import type { Json } from '@flow/kernel';
import type { Command, Node, Operand, Pipeline, Value } from './ast';
import { call } from './functions';
import { parse } from './parser';
import { TemplateFault } from './template.errors';
import { Budget, at, holds, print, sortedKeys, toValue } from './values';

export interface TemplateLimits {
  /** Calls, nodes and rounds, roughly. */
  readonly steps: number;
  /** Characters that may be made on the way and in the end. */
  readonly characters: number;
}

const LIMITS: TemplateLimits = { steps: 200_000, characters: 4 * 1024 * 1024 };

/**
 * Renders a template in a subset of Go's text/template over data: paths, variables, pipes, if, else, with, range, break, continue,
 * trim markers, comments and the functions of functions.ts. A closed interpreter: nothing but the data is within reach.
 * What is missing prints nothing. Throws TemplateFault.
 */
export function renderTemplate(template: string, data: Json, limits: TemplateLimits = LIMITS): string {
  const nodes = parse(template);
  const budget = new Budget(limits.steps, limits.characters);
  return new Rendering(toValue(data, budget), budget).all(nodes);
}

type Flow = 'on' | 'break' | 'continue';

class Rendering {
  private readonly out: string[] = [];
  private readonly variables: { name: string; value: Value }[];

  constructor(
    private readonly root: Value,
    private readonly budget: Budget,
  ) {
    this.variables = [{ name: '$', value: root }];
  }

  all(nodes: readonly Node[]): string {
    this.body(nodes, this.root);
    return this.out.join('');
  }

  /** Variables that the body declares end with it. */
  private body(nodes: readonly Node[], dot: Value): Flow {
    const scope = this.variables.length;
    let flow: Flow = 'on';
    for (const node of nodes) {
      flow = this.node(node, dot);
      if (flow !== 'on') break;
    }
    this.variables.length = scope;
    return flow;
  }

  private node(node: Node, dot: Value): Flow {
    this.budget.spend(1);
    switch (node.kind) {
      case 'text':
        this.write(node.text);
        return 'on';
      case 'action': {
        const value = this.pipeline(node.pipeline, dot);
        if (node.pipeline.variables.length > 0) this.store(node.pipeline, [value]);
        else this.write(print(value, this.budget));
        return 'on';
      }
      case 'break':
      case 'continue':
        return node.kind;
      case 'if':
      case 'with':
      case 'range': {
        const scope = this.variables.length;
        const flow = node.kind === 'range' ? this.range(node, dot) : this.choice(node, dot);
        this.variables.length = scope;
        return flow;
      }
    }
  }

  private choice(node: Node & { kind: 'if' | 'with' | 'range' }, dot: Value): Flow {
    const value = this.pipeline(node.pipeline, dot);
    if (node.pipeline.variables.length > 0) this.store(node.pipeline, [value]);
    if (!holds(value)) return this.body(node.otherwise, dot);
    return this.body(node.body, node.kind === 'with' ? value : dot);
  }

  private range(node: Node & { kind: 'if' | 'with' | 'range' }, dot: Value): Flow {
    const rounds = roundsOf(this.pipeline(node.pipeline, dot), node.pipeline.line, this.budget);
    const { variables } = node.pipeline;
    let any = false;
    for (const [place, value] of rounds) {
      any = true;
      this.budget.spend(1);
      const scope = this.variables.length;
      if (variables.length > 0) this.store(node.pipeline, variables.length === 2 ? [place, value] : [value]);
      const flow = this.body(node.body, value);
      if (node.pipeline.declares) this.variables.length = scope;
      if (flow === 'break') break;
    }
    return any ? 'on' : this.body(node.otherwise, dot);
  }

  private store({ variables, declares, line }: Pipeline, values: readonly Value[]): void {
    variables.forEach((name, i) => {
      const value = values[i] ?? null;
      if (declares) {
        this.variables.push({ name, value });
        return;
      }
      const standing = this.variable(name);
      if (!standing) throw new TemplateFault('failed', `There is no variable ${name}.`, line);
      standing.value = value;
    });
  }

  /** The innermost variable of this name; looking for it costs as many steps as there are variables in its way. */
  private variable(name: string): { name: string; value: Value } | undefined {
    this.budget.spend(this.variables.length / 50);
    return this.variables.findLast((variable) => variable.name === name);
  }

  /** The value of each command is the last argument of the next. */
  private pipeline({ commands }: Pipeline, dot: Value): Value {
    let value: Value | undefined;
    for (const command of commands) value = this.command(command, dot, value);
    return value ?? null;
  }

  private command({ operands: [head, ...rest], line }: Command, dot: Value, piped: Value | undefined): Value {
    if (head.kind !== 'call') {
      if (piped !== undefined) throw new TemplateFault('failed', 'Only a function takes what is piped into it.', line);
      return this.operand(head, dot, line);
    }
    if (head.name === 'and' || head.name === 'or') return this.shortcut(head.name, rest, dot, piped, line);
    const args = rest.map((operand) => this.operand(operand, dot, line));
    return call(head.name, piped === undefined ? args : [...args, piped], this.budget, line);
  }

  private shortcut(
    name: 'and' | 'or',
    operands: readonly Operand[],
    dot: Value,
    piped: Value | undefined,
    line: number,
  ): Value {
    let value: Value | undefined;
    for (const operand of operands) {
      value = this.operand(operand, dot, line);
      if (holds(value) === (name === 'or')) return value;
    }
    return call(name, [piped ?? value ?? null], this.budget, line);
  }

  private operand(operand: Operand, dot: Value, line: number): Value {
    switch (operand.kind) {
      case 'constant':
        return operand.value;
      case 'dot':
        return at(dot, operand.path);
      case 'variable':
        return at(this.variable(operand.name)?.value ?? null, operand.path);
      case 'pipeline':
        this.budget.spend(1);
        return at(this.pipeline(operand.pipeline, dot), operand.path);
      case 'call':
        return call(operand.name, [], this.budget, line);
    }
  }

  private write(text: string): void {
    this.budget.produce(text.length);
    this.out.push(text);
  }
}

/** What a range goes over: a list, a dict by its sorted keys, or the numbers below one. */
function* roundsOf(value: Value, line: number, budget: Budget): Generator<readonly [Value, Value]> {
  if (value === null) return;
  if (Array.isArray(value)) for (let i = 0; i < value.length; i += 1) yield [i, value[i] ?? null];
  else if (value instanceof Map) for (const name of sortedKeys(value, budget)) yield [name, value.get(name) ?? null];
  else if (typeof value === 'number') for (let i = 0; i < value; i += 1) yield [i, i];
  else throw new TemplateFault('failed', 'range goes over a list, a dict or a number.', line);
}
