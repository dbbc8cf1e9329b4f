import type { Command, Node, Operand, Pipeline } from './ast';
import { isFunction } from './functions';
import { lex, type Lexeme } from './lexer';
import { TemplateFault } from './template.errors';

const DEPTH_LIMIT = 50;
const BLOCKS = ['if', 'range', 'with'] as const;
type BlockKind = (typeof BLOCKS)[number];

/** Reads a template. Throws TemplateFault (`invalid`) with the line. */
export function parse(template: string): readonly Node[] {
  return new Parser(lex(template)).all();
}

/** Recursive descent over the tokens; each method leaves the position behind what it read. */
class Parser {
  private at = 0;
  private depth = 0;
  private ranges = 0;
  private variables: string[] = ['$'];

  constructor(private readonly tokens: readonly Lexeme[]) {}

  all(): readonly Node[] {
    const nodes = this.body([]);
    const left = this.tokens[this.at];
    if (left)
      throw new TemplateFault('invalid', `{{${String(this.tokens[this.at + 1]?.value)}}} closes nothing.`, left.line);
    return nodes;
  }

  /** Nodes up to an action that starts with one of `ends` (not read), or up to the end of the text. */
  private body(ends: readonly string[]): readonly Node[] {
    const nodes: Node[] = [];
    for (let token = this.tokens[this.at]; token; token = this.tokens[this.at]) {
      if (token.kind === 'text') {
        nodes.push({ kind: 'text', text: token.value });
        this.at += 1;
        continue;
      }
      const head = this.tokens[this.at + 1];
      if (head?.kind === 'name' && (head.value === 'end' || head.value === 'else')) return nodes;
      this.at += 1;
      nodes.push(this.action());
    }
    if (ends.length > 0) throw new TemplateFault('invalid', 'An {{if}}, {{range}} or {{with}} has no {{end}}.');
    return nodes;
  }

  private action(): Node {
    const head = this.peek();
    if (head.kind === 'name') {
      const block = BLOCKS.find((kind) => kind === head.value);
      if (block) {
        this.at += 1;
        return this.block(block);
      }
      if (head.value === 'break' || head.value === 'continue') {
        if (this.ranges === 0)
          throw new TemplateFault('invalid', `{{${head.value}}} stands in no {{range}}.`, head.line);
        this.at += 1;
        this.expect('}');
        return { kind: head.value, line: head.line };
      }
      if (['define', 'template', 'block'].includes(head.value))
        throw new TemplateFault('invalid', `{{${head.value}}} is not supported.`, head.line);
    }
    const pipeline = this.pipeline(1);
    this.expect('}');
    return { kind: 'action', pipeline };
  }

  private block(kind: BlockKind): Node {
    this.enter();
    const scope = this.variables.length;
    const pipeline = this.pipeline(kind === 'range' ? 2 : 1);
    this.expect('}');
    if (kind === 'range') this.ranges += 1;
    const within = this.variables.length;
    const body = this.body(['end', 'else']);
    if (kind === 'range') this.ranges -= 1;
    this.variables.length = within;
    const otherwise = this.otherwise(kind);
    this.variables.length = scope;
    this.depth -= 1;
    return { kind, pipeline, body, otherwise };
  }

  /** Reads `{{end}}`, or `{{else}}...{{end}}`, or `{{else if ...}}` with one end for both. */
  private otherwise(kind: BlockKind): readonly Node[] {
    this.expect('{');
    const word = this.next();
    if (word.value === 'end') {
      this.expect('}');
      return [];
    }
    const chained = this.peek();
    if (chained.kind === 'name' && kind !== 'range' && (chained.value === 'if' || chained.value === 'with')) {
      this.at += 1;
      return [this.block(chained.value)];
    }
    this.expect('}');
    const nodes = this.body(['end']);
    this.expect('{');
    const end = this.next();
    if (end.value !== 'end')
      throw new TemplateFault('invalid', 'A second {{else}} stands where {{end}} belongs.', end.line);
    this.expect('}');
    return nodes;
  }

  private pipeline(mayName: number): Pipeline {
    const { line } = this.peek();
    const start = this.at;
    const variables: string[] = [];
    while (this.peek().kind === 'variable' && variables.length < mayName) {
      variables.push(this.next().value as string);
      if (!this.takes(',')) break;
    }
    const declares = this.takes(':=');
    const assigns = !declares && variables.length > 0 && this.takes('=');
    if (!declares && !assigns) {
      this.at = start;
      variables.length = 0;
    }
    const commands = [this.command()];
    while (this.takes('|')) commands.push(this.command());
    if (assigns) for (const name of variables) this.known(name, line);
    if (declares) this.variables.push(...variables);
    return { line, variables, declares, commands };
  }

  private command(): Command {
    const { line } = this.peek();
    const first = this.operand();
    const operands: [Operand, ...Operand[]] = [first];
    while (!this.endsCommand()) operands.push(this.operand());
    if (operands.length > 1 && first.kind !== 'call')
      throw new TemplateFault('invalid', 'Only a function takes arguments.', line);
    return { line, operands };
  }

  private endsCommand(): boolean {
    const token = this.peek();
    return token.kind === 'mark' && ['|', ')', '}', ':=', '=', ','].includes(token.value);
  }

  private operand(): Operand {
    const token = this.next();
    switch (token.kind) {
      case 'string':
      case 'number':
        return { kind: 'constant', value: token.value };
      case 'field':
        return { kind: 'dot', path: [token.value, ...this.path()] };
      case 'variable':
        this.known(token.value, token.line);
        return { kind: 'variable', name: token.value, path: this.path() };
      case 'name':
        return this.word(token.value, token.line);
      case 'mark':
        if (token.value === '.') return { kind: 'dot', path: [] };
        if (token.value === '(') {
          this.enter();
          const pipeline = this.pipeline(0);
          this.expect(')');
          this.depth -= 1;
          return { kind: 'pipeline', pipeline, path: this.path() };
        }
        break;
      case 'text':
        break;
    }
    throw new TemplateFault('invalid', `"${token.value}" cannot stand here.`, token.line);
  }

  private word(name: string, line: number): Operand {
    if (name === 'true' || name === 'false') return { kind: 'constant', value: name === 'true' };
    if (name === 'nil') return { kind: 'constant', value: null };
    if (!isFunction(name)) throw new TemplateFault('invalid', `There is no function "${name}".`, line);
    return { kind: 'call', name };
  }

  private path(): readonly string[] {
    const path: string[] = [];
    for (let token = this.peek(); token.kind === 'field' && token.glued; token = this.peek()) {
      path.push(token.value);
      this.at += 1;
    }
    return path;
  }

  private known(name: string, line: number): void {
    if (!this.variables.includes(name)) throw new TemplateFault('invalid', `There is no variable ${name}.`, line);
  }

  private enter(): void {
    this.depth += 1;
    if (this.depth > DEPTH_LIMIT)
      throw new TemplateFault('invalid', `The template is nested deeper than ${DEPTH_LIMIT} levels.`);
  }

  private peek(): Lexeme {
    const token = this.tokens[this.at];
    if (!token) throw new TemplateFault('invalid', 'The template ends too early.');
    return token;
  }

  private next(): Lexeme {
    const token = this.peek();
    this.at += 1;
    return token;
  }

  private takes(mark: string): boolean {
    const token = this.peek();
    const fits = token.kind === 'mark' && token.value === mark;
    if (fits) this.at += 1;
    return fits;
  }

  private expect(mark: string): void {
    const token = this.peek();
    if (!this.takes(mark))
      throw new TemplateFault('invalid', `"${String(token.value)}" cannot stand here.`, token.line);
  }
}
