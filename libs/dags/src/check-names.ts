import { isJsonObject } from '@flow/kernel';
import type { Reference } from '@flow/expressions';
import { parameterFaults } from './check-steps';
import type { CheckContext } from './dag-check';
import { COMPLETED_FIELDS, callbackFault, readsCompleted, readsError, unreadable, type Reader } from './readable-names';

const NAMES_OF_A_RUN: ReadonlySet<string> = new Set(['vars', 'trigger', 'instance', 'env', 'variables']);

/** Whether the names that an expression reads exist, and are there where it stands. */
export class NameChecker {
  private readonly inputs: ReadonlySet<string>;
  private readonly isOrdered: boolean;

  constructor(private readonly context: CheckContext) {
    this.inputs = inputNames(context);
    this.isOrdered = context.places.all.every(({ body }) => body.graph.cyclic.size === 0);
  }

  check({ name, path }: Reference, pointer: string, reader: Reader): void {
    const { faults, warnings, vars } = this.context;
    const { place } = reader;
    if (name.startsWith('__')) this.stepName(name.slice(2), path, pointer, reader);
    else if (name === 'secrets') {
      if (reader.secret !== true)
        faults.add(
          pointer,
          'expression.secret_not_allowed',
          'A secret can stand only in a parameter that the operator marks as secret.',
        );
    } else if (name === 'callbacks') this.callback(path, pointer, reader);
    else if (name === 'error') {
      if (!place || !readsError(place))
        faults.add(
          pointer,
          'expression.unknown_name',
          '"error" is there only within "catch" and "onError"; elsewhere read {{__<step id>.error.code}}.',
        );
    } else if (name === 'completed') {
      const [field] = path;
      if (!place || !readsCompleted(place))
        faults.add(
          pointer,
          'expression.unknown_name',
          '"completed" is there only within "undo"; a variable or field of the trigger with that name is {{vars.completed}} or {{trigger.completed}}.',
        );
      else if (field !== undefined && !COMPLETED_FIELDS.has(String(field)))
        faults.add(
          pointer,
          'expression.unknown_name',
          `What is undone has ${[...COMPLETED_FIELDS].join(' and ')}, no "${field}".`,
        );
    } else if (name === 'task') {
      if (!place)
        faults.add(pointer, 'expression.unknown_name', 'There is no task where a field of the DAG itself is read.');
    } else if (name === 'vars') {
      const [variable] = path;
      if (variable !== undefined && !vars.has(String(variable)))
        warnings.add(
          pointer,
          'expression.undeclared_variable',
          `The variable "${variable}" is not declared and reads as null.`,
        );
    } else if (!NAMES_OF_A_RUN.has(name) && !vars.has(name) && !this.inputs.has(name))
      faults.add(pointer, 'expression.unknown_name', `"${name}" is neither a variable nor a field of the trigger.`);
  }

  private callback([id]: Reference['path'], pointer: string, { place, callbacks }: Reader): void {
    const fault =
      callbacks !== true || !place
        ? 'The address of a callback can stand only in the parameters of an action, which sends it out.'
        : id === undefined || !this.isOrdered
          ? undefined
          : callbackFault(this.context.places, place, String(id));
    if (fault !== undefined) this.context.faults.add(pointer, 'expression.callback_not_allowed', fault);
  }

  private stepName(id: string, path: Reference['path'], pointer: string, reader: Reader): void {
    const { faults, places } = this.context;
    const target = places.find(id);
    if (!target) faults.add(pointer, 'expression.unknown_name', `There is no step "${id}" to read.`);
    else if (this.isOrdered) {
      const fault = unreadable(places, reader, target, path);
      if (fault !== undefined) faults.add(pointer, 'expression.cannot_have_run', fault);
    }
  }
}

/** Fields of the input that the trigger declares; they can be read by their bare names. */
function inputNames({ places, catalogue, faults }: CheckContext): ReadonlySet<string> {
  const first = places.root.places[0]?.step;
  const operator = first && catalogue.find(first.operator);
  if (operator?.kind !== 'trigger') return new Set();
  const parameters = first?.parameters ?? {};
  // Only parameters that fit the operator's schema are its to read.
  if (faults.any && parameterFaults(operator, parameters, catalogue).length > 0) return new Set();
  const { properties } = operator.inputSchema(parameters);
  return new Set(isJsonObject(properties) ? Object.keys(properties) : []);
}
