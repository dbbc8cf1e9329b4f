import { FORBIDDEN_KEYS, isJsonObject, pointerTo, type Json, type JsonObject } from '@flow/kernel';
import {
  ExpressionInvalid,
  compileExpression,
  compileTemplate,
  parsePath,
  type Compiled,
  type CompiledTemplate,
  type Reference,
} from '@flow/expressions';
import { COMPARISONS, secretPointers, type Operator } from '@flow/operators';
import { NameChecker } from './check-names';
import type { CheckContext } from './dag-check';
import type { Place } from './dag-places';
import type { Reader } from './readable-names';

/** Every expression of a definition: that it compiles, that its names exist, and that what it reads can be there by then. */
export function checkExpressions(context: CheckContext): void {
  const checker = new ExpressionChecker(context);
  for (const place of context.places.all) checker.step(place);
  if (context.outputs !== undefined) checker.value(context.outputs, '/outputs', {});
}

/** A text whose expressions are read before anything runs. */
export function checkAtStart(text: string, pointer: string, context: CheckContext): void {
  new ExpressionChecker(context).value(text, pointer, { atStart: true });
}

class ExpressionChecker {
  private readonly names: NameChecker;

  constructor(private readonly context: CheckContext) {
    this.names = new NameChecker(context);
  }

  step(place: Place): void {
    const { step, pointer } = place;
    const operator = this.context.catalogue.find(step.operator);
    const reader: Reader = { place };
    if (operator?.kind === 'trigger')
      this.plain(step.parameters ?? {}, `${pointer}/parameters`, operator.verbatim ?? []);
    else if (step.parameters) this.parameters(step.parameters, `${pointer}/parameters`, operator, reader);
    if (step.when !== undefined) this.expression(step.when, `${pointer}/when`, reader);
    step.branches?.forEach((branch, i) => {
      const at = `${pointer}/branches/${i}`;
      if (branch.expression !== undefined) this.expression(branch.expression, `${at}/expression`, reader);
      branch.conditions?.forEach((all, j) =>
        all.forEach(({ operator: comparison, parameters }, k) => {
          const condition = `${at}/conditions/${j}/${k}`;
          if (comparison.startsWith('@') && !COMPARISONS.has(comparison))
            this.context.faults.add(
              `${condition}/operator`,
              'step.comparison_unknown',
              `There is no comparison ${comparison}; there are: ${[...COMPARISONS.keys()].join(', ')}.`,
            );
          this.value(parameters, `${condition}/parameters`, reader);
        }),
      );
    });
  }

  /** Every text within a value. */
  value(value: Json, pointer: string, reader: Reader, secrets?: ReadonlySet<string>): void {
    if (typeof value === 'string') {
      if (!value.includes('{{')) return;
      const compiled = this.compiled(() => compileTemplate(value), pointer);
      if (!compiled) return;
      const secret = secrets?.has(pointer) ?? false;
      this.references(compiled, pointer, { ...reader, secret });
      if (secret && bends(compiled, 'secrets', ({ path }) => path.length === 1))
        this.context.faults.add(
          pointer,
          'expression.secret_not_allowed',
          'A secret stands alone between its braces: {{secrets.name}}.',
        );
      if (
        reader.callbacks === true &&
        bends(compiled, 'callbacks', ({ path }) => path.length === 2 && path[1] === 'url')
      )
        this.context.faults.add(
          pointer,
          'expression.callback_not_allowed',
          'The address of a callback stands alone between its braces: {{callbacks.<step id>.url}}.',
        );
    } else if (Array.isArray(value))
      (value as readonly Json[]).forEach((item, i) => this.value(item, pointerTo(pointer, i), reader, secrets));
    else if (isJsonObject(value))
      for (const [key, item] of Object.entries(value)) this.value(item, pointerTo(pointer, key), reader, secrets);
  }

  private parameters(parameters: JsonObject, pointer: string, operator: Operator | undefined, reader: Reader): void {
    const { verbatim = [] } = operator ?? {};
    const secrets = new Set(operator ? secretPointers(operator, parameters).map((at) => pointer + at) : []);
    const own = { ...reader, callbacks: operator?.kind === 'action' };
    for (const [key, item] of Object.entries(parameters))
      if (!verbatim.includes(key)) this.value(item, pointerTo(pointer, key), own, secrets);
    if (operator?.id === '@control/flow/loop') this.loop(parameters, pointer, reader);
    if (operator?.id === '@internal/assign') this.assignment(parameters.target, `${pointer}/target`, reader);
  }

  private loop(parameters: JsonObject, pointer: string, reader: Reader): void {
    const { while: condition, outputs } = parameters;
    if (typeof condition === 'string') this.expression(condition, `${pointer}/while`, { ...reader, within: 'while' });
    if (!Array.isArray(outputs)) return;
    (outputs as readonly Json[]).forEach((output, i) => {
      if (isJsonObject(output) && output.value !== undefined)
        this.value(output.value, `${pointer}/outputs/${i}/value`, { ...reader, within: 'outputs' });
    });
  }

  /** A target is one path: to a variable, or to the output of a step that has ended. */
  private assignment(target: Json | undefined, pointer: string, reader: Reader): void {
    if (typeof target !== 'string') return;
    const path = targetOf(target);
    if (!path)
      this.context.faults.add(
        pointer,
        'assign.target_invalid',
        'The target is one path in braces, for example {{vars.total}}.',
      );
    else if (path.name.startsWith('__')) this.assignmentToStep(path, pointer, reader);
    else {
      const variable = path.name === 'vars' ? path.path[0] : path.name;
      if (typeof variable !== 'string' || !this.context.vars.has(variable))
        this.context.faults.add(
          pointer,
          'expression.unknown_name',
          `There is no variable "${variable ?? ''}" to assign to; declare it in "vars".`,
        );
    }
    if (path?.path.some((key) => FORBIDDEN_KEYS.has(String(key))))
      this.context.faults.add(pointer, 'key.forbidden', 'The path holds a key that cannot be used.');
  }

  private assignmentToStep(path: Reference, pointer: string, reader: Reader): void {
    const target = this.context.places.find(path.name.slice(2));
    if (target && reader.place && this.context.places.bodyAround(target, reader.place))
      this.context.faults.add(
        pointer,
        'assign.target_invalid',
        `The step "${target.step.id}" is around this one: its output cannot be overwritten from within.`,
      );
    else this.names.check(path, pointer, reader);
  }

  private expression(text: string, pointer: string, reader: Reader): void {
    const compiled = this.compiled(() => compileExpression(text), pointer);
    if (compiled) this.references(compiled, pointer, reader);
  }

  private compiled<T extends Compiled>(compile: () => T, pointer: string): T | undefined {
    try {
      return compile();
    } catch (error) {
      if (!(error instanceof ExpressionInvalid)) throw error;
      this.context.faults.add(pointer, 'expression.invalid', error.message);
      return undefined;
    }
  }

  /** A trigger's parameters are read before there is a run. */
  private plain(parameters: JsonObject, pointer: string, verbatim: readonly string[]): void {
    const visit = (value: Json, at: string): void => {
      if (typeof value === 'string') {
        if (value.includes('{{') && this.compiled(() => compileTemplate(value), at)?.constant === false)
          this.context.faults.add(
            at,
            'expression.not_allowed',
            'A trigger is read before a run starts; it takes no expressions.',
          );
      } else if (Array.isArray(value)) (value as readonly Json[]).forEach((item, i) => visit(item, pointerTo(at, i)));
      else if (isJsonObject(value)) for (const [key, item] of Object.entries(value)) visit(item, pointerTo(at, key));
    };
    for (const [key, value] of Object.entries(parameters))
      if (!verbatim.includes(key)) visit(value, pointerTo(pointer, key));
  }

  private references(compiled: Compiled, pointer: string, reader: Reader): void {
    for (const reference of compiled.references) this.names.check(reference, pointer, reader);
  }
}

/** Whether a name that is put in as it is (nobody may compute with it) stands otherwise than as such a path, alone in its braces. */
function bends({ parts }: CompiledTemplate, name: string, isWhole: (path: Reference) => boolean): boolean {
  return parts.some(
    (part) =>
      part.kind === 'expression' &&
      part.expression.references.some((reference) => reference.name === name) &&
      !(part.expression.path && isWhole(part.expression.path)),
  );
}

/** The path that an assignment writes to, or undefined when the text is none. */
export function targetOf(target: string): Reference | undefined {
  const inner = /^\s*\{\{(?!\{)([^{}]*)\}\}\s*$/.exec(target)?.[1];
  return inner === undefined ? undefined : parsePath(inner.trim());
}
