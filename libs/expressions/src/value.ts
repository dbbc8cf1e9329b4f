import { FORBIDDEN_KEYS, pointerTo, type Fault, type Json, type JsonObject } from '@flow/kernel';
import type { Compiled } from './compiled';
import { ExpressionInvalid } from './expression.errors';
import type { Frame } from './frame';
import { MAX_DATA_DEPTH } from './limits';
import { fixed, Program, referencesOf } from './program';
import { templateOf } from './template';

/**
 * Compiles every text within the value, at any depth; keys stay as they are. What does not change is given as it stands, everything
 * else is built anew at each evaluation. Throws ExpressionInvalid, which names every fault by its pointer.
 */
export function compileValue(value: Json): Compiled {
  const faults: Fault[] = [];
  const program = compileDeep(value, '', faults, 0);
  const [first, ...others] = faults;
  if (first) throw ExpressionInvalid.of([first, ...others]);
  return program;
}

/** Every text within the value that does not compile, each with its own pointer (below `pointer`), and every key that is not allowed. */
export function expressionFaults(value: Json, pointer: string): Fault[] {
  const faults: Fault[] = [];
  compileDeep(value, pointer, faults, 0);
  return faults;
}

function compileDeep(value: Json, pointer: string, faults: Fault[], depth: number): Program {
  if (typeof value === 'string') return compileText(value, pointer, faults);
  if (typeof value !== 'object' || value === null) return fixed(value);
  if (depth >= MAX_DATA_DEPTH) {
    faults.push(fault(pointer, `The value nests deeper than ${MAX_DATA_DEPTH} levels`));
    return fixed(null);
  }
  if (Array.isArray(value)) {
    const items: readonly Json[] = value;
    const programs = items.map((item, i) => compileDeep(item, pointerTo(pointer, i), faults, depth + 1));
    return assemble(value, programs, (frame) => programs.map((program) => program.render(frame)));
  }
  const entries = Object.entries(value as JsonObject).map(([key, item]): readonly [string, Program] => {
    const at = pointerTo(pointer, key);
    if (FORBIDDEN_KEYS.has(key)) faults.push(fault(at, `The key "${key}" is not allowed`));
    return [key, compileDeep(item, at, faults, depth + 1)];
  });
  return assemble(
    value,
    entries.map(([, program]) => program),
    (frame) => {
      const object: Record<string, Json> = {};
      for (const [key, program] of entries) object[key] = program.render(frame);
      return object;
    },
  );
}

function compileText(text: string, pointer: string, faults: Fault[]): Program {
  try {
    return templateOf(text);
  } catch (error) {
    if (!(error instanceof ExpressionInvalid)) throw error;
    faults.push(fault(pointer, error.message));
    return fixed(null);
  }
}

function fault(pointer: string, message: string): Fault {
  return { pointer, code: 'expression.invalid', message };
}

function assemble(value: Json, programs: readonly Program[], run: (frame: Frame) => Json): Program {
  if (programs.every((program) => program.origin === 'fixed')) return fixed(value);
  const references = referencesOf(programs);
  return new Program(references, 'assembled', run);
}
