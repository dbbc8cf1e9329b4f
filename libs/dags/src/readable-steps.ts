import { isJsonObject, type Json } from '@flow/kernel';
import type { Branch, Condition, Step } from '@flow/operators';
import type { Faults } from './faults';

/**
 * Steps to go on checking with, whatever was sent: what does not look right is left out, and a step without a usable id gets one
 * that nothing else has. Positions stay, so that pointers are true. Undefined, with the fault told, when there are too many of
 * them or they nest too deep: then nothing more is read.
 */
export function readableSteps(
  sent: Json | undefined,
  limits: { readonly steps: number; readonly depth: number },
  faults: Faults,
): readonly Step[] | undefined {
  const reader = new StepReader(limits, faults);
  const steps = reader.steps(sent, '/steps', 1) ?? [];
  return reader.isWithinLimits() ? steps : undefined;
}

class StepReader {
  private count = 0;
  private nameless = 0;
  private deep = false;

  constructor(
    private readonly limits: { readonly steps: number; readonly depth: number },
    private readonly faults: Faults,
  ) {}

  isWithinLimits(): boolean {
    const { steps } = this.limits;
    if (this.count > steps)
      this.faults.add(
        '/steps',
        'dag.too_many_steps',
        `The DAG has more than ${steps} steps, those in bodies included.`,
      );
    return !this.deep && this.count <= steps;
  }

  steps(value: Json | undefined, pointer: string, depth: number): readonly Step[] | undefined {
    if (!Array.isArray(value)) return undefined;
    const list: readonly Json[] = value;
    return this.takes(list.length, pointer, depth)
      ? list.map((item, i) => this.step(item, `${pointer}/${i}`, depth))
      : [];
  }

  private takes(count: number, pointer: string, depth: number): boolean {
    this.count += count;
    if (depth > this.limits.depth) {
      this.deep = true;
      this.faults.add(pointer, 'dag.too_deep', `Steps nest deeper than ${this.limits.depth} levels.`);
      return false;
    }
    return this.count <= this.limits.steps;
  }

  private step(value: Json, pointer: string, depth: number): Step {
    const step = isJsonObject(value) ? value : {};
    const { onError } = step;
    const body = (field: 'steps' | 'catch' | 'finally') => this.steps(step[field], `${pointer}/${field}`, depth + 1);
    return present({
      id: this.id(step.id),
      operator: textOf(step.operator) ?? '',
      parameters: isJsonObject(step.parameters) ? step.parameters : undefined,
      settings: isJsonObject(step.settings) ? step.settings : undefined,
      dependsOn: listOf(step.dependsOn, (id) => textOf(id) ?? ''),
      when: textOf(step.when),
      onError: isJsonObject(onError)
        ? { steps: this.steps(onError.steps, `${pointer}/onError/steps`, depth + 1) ?? [] }
        : textOf(onError),
      undo: isJsonObject(step.undo) ? this.undo(step.undo, `${pointer}/undo`, depth + 1) : undefined,
      branches: listOf(step.branches, (branch, i) => this.branch(branch, `${pointer}/branches/${i}`, depth + 1)),
      steps: body('steps'),
      catch: body('catch'),
      finally: body('finally'),
    }) as Step;
  }

  private undo(value: Json, pointer: string, depth: number): Step | undefined {
    return this.takes(1, pointer, depth) ? this.step(value, pointer, depth) : undefined;
  }

  private branch(value: Json, pointer: string, depth: number): Branch {
    const branch = isJsonObject(value) ? value : {};
    return present({
      id: this.id(branch.id),
      conditions: listOf(branch.conditions, (all) => listOf(all, conditionOf) ?? []),
      expression: textOf(branch.expression),
      default: branch.default === true ? true : undefined,
      steps: this.steps(branch.steps, `${pointer}/steps`, depth) ?? [],
    }) as Branch;
  }

  private id(value: Json | undefined): string {
    if (typeof value === 'string') return value;
    this.nameless += 1;
    return `\u0000${this.nameless}`;
  }
}

function conditionOf(value: Json): Condition {
  const condition = isJsonObject(value) ? value : {};
  return {
    operator: textOf(condition.operator) ?? '',
    parameters: isJsonObject(condition.parameters) ? condition.parameters : {},
  };
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function listOf<T>(value: Json | undefined, read: (item: Json, position: number) => T): readonly T[] | undefined {
  return Array.isArray(value) ? (value as readonly Json[]).map(read) : undefined;
}

function present(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
