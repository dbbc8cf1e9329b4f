import { pointerTo, type Json } from '@flow/kernel';
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
