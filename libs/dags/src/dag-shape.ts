import { isJsonObject, pointerTo, type Json } from '@flow/kernel';
import { bodiesOf, type Branch, type Step } from '@flow/operators';
import Ajv2020, { type ErrorObject } from 'ajv/dist/2020';
import { DAG_SHAPE } from './dag-shape.schema';
import type { Faults } from './faults';

let validate: ReturnType<Ajv2020['compile']> | undefined;

/** Tells every place where a definition does not look like one. The data has passed `checkData`. */
export function checkShape(definition: Json, faults: Faults): void {
  validate ??= new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true, verbose: true }).compile(DAG_SHAPE);
  if (validate(definition)) return;
  for (const error of validate.errors ?? []) {
    if (error.keyword === 'propertyNames' || error.keyword === 'anyOf') continue;
    const { pointer, code, message } = faultOf(error);
    faults.add(pointer, code, message);
  }
}

function faultOf(error: ErrorObject): { pointer: string; code: string; message: string } {
  const params = error.params as Readonly<Record<string, string | readonly string[] | undefined>>;
  if (error.keyword === 'required') {
    const name = String(params.missingProperty);
    return { pointer: pointerTo(error.instancePath, name), code: 'field.missing', message: `"${name}" is missing.` };
  }
  if (error.keyword === 'additionalProperties') {
    const name = String(params.additionalProperty);
    return { pointer: pointerTo(error.instancePath, name), code: 'field.unknown', message: `"${name}" is unknown.` };
  }
  const pointer =
    error.propertyName === undefined ? error.instancePath : pointerTo(error.instancePath, error.propertyName);
  const name = pointer.split('/').at(-1) ?? '';
  const subject = pointer === '' ? 'The definition' : `"${name.replaceAll('~1', '/').replaceAll('~0', '~')}"`;
  const { description } = (error.parentSchema ?? {}) as { description?: string };
  const tooLong = ['maxLength', 'maxItems', 'maxProperties'].includes(error.keyword);
  const rule =
    error.keyword === 'enum'
      ? `must be one of: ${(params.allowedValues as readonly string[]).join(', ')}`
      : error.keyword === 'pattern' && description !== undefined
        ? `does not fit: ${description}`
        : (error.message ?? 'is not valid');
  return { pointer, code: tooLong ? 'field.too_long' : 'field.invalid', message: `${subject} ${rule}.` };
}

/**
 * Steps to go on checking with, whatever was sent: what does not look right is left out, and a step without a usable id gets one
 * that nothing else has. Positions stay, so that pointers are true.
 */
export function readableSteps(sent: Json | undefined): readonly Step[] {
  let nameless = 0;
  const listOf = <T>(value: Json | undefined, read: (item: Json) => T): T[] | undefined =>
    Array.isArray(value) ? (value as readonly Json[]).map(read) : undefined;
  const textOf = (value: Json | undefined) => (typeof value === 'string' ? value : undefined);
  const idOf = (value: Json | undefined) => textOf(value) ?? `\u0000${(nameless += 1)}`;
  const present = <T extends object>(fields: T): T =>
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;

  const readBranch = (value: Json): Branch => {
    const branch = isJsonObject(value) ? value : {};
    return present({
      id: idOf(branch.id),
      conditions: listOf(branch.conditions, (all) =>
        (listOf(all, (one) => one) ?? []).map((one) => {
          const condition = isJsonObject(one) ? one : {};
          const parameters = isJsonObject(condition.parameters) ? condition.parameters : {};
          return { operator: textOf(condition.operator) ?? '', parameters };
        }),
      ),
      expression: textOf(branch.expression),
      default: branch.default === true ? true : undefined,
      steps: readSteps(branch.steps) ?? [],
    }) as Branch;
  };
  const readStep = (value: Json): Step => {
    const step = isJsonObject(value) ? value : {};
    const { onError } = step;
    return present({
      id: idOf(step.id),
      operator: textOf(step.operator) ?? '',
      parameters: isJsonObject(step.parameters) ? step.parameters : undefined,
      settings: isJsonObject(step.settings) ? step.settings : undefined,
      dependsOn: listOf(step.dependsOn, (id) => textOf(id) ?? ''),
      when: textOf(step.when),
      onError: isJsonObject(onError) ? { steps: readSteps(onError.steps) ?? [] } : textOf(onError),
      undo: isJsonObject(step.undo) ? readStep(step.undo) : undefined,
      branches: listOf(step.branches, readBranch),
      steps: readSteps(step.steps),
      catch: readSteps(step.catch),
      finally: readSteps(step.finally),
    }) as Step;
  };
  const readSteps = (value: Json | undefined) => listOf(value, readStep);
  return readSteps(sent) ?? [];
}

/** Checks how many steps there are and how deep they nest, without recursion: before anything else walks them. */
export function checkSize(steps: readonly Step[], limits: { steps: number; depth: number }, faults: Faults): boolean {
  const stack: { steps: readonly Step[]; pointer: string; depth: number }[] = [{ steps, pointer: '/steps', depth: 1 }];
  let count = 0;
  let deep = false;
  for (let body = stack.pop(); body; body = stack.pop()) {
    count += body.steps.length;
    if (body.depth > limits.depth) {
      deep = true;
      faults.add(body.pointer, 'dag.too_deep', `Steps nest deeper than ${limits.depth} levels.`);
      continue;
    }
    for (const [i, step] of body.steps.entries())
      for (const inner of bodiesOf(step))
        stack.push({
          steps: inner.steps,
          pointer: `${body.pointer.endsWith('/undo') ? body.pointer : `${body.pointer}/${i}`}${inner.pointer}`,
          depth: body.depth + 1,
        });
  }
  if (count > limits.steps)
    faults.add('/steps', 'dag.too_many_steps', `The DAG has ${count} steps; ${limits.steps} are allowed.`);
  return !deep && count <= limits.steps;
}
