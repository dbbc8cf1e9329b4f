import { ExpressionInvalid, compileTemplate } from '@flow/expressions';
import { isJsonObject, type Json } from '@flow/kernel';
import { walkSteps } from '@flow/operators';
import type { DagContent } from './dag';

/**
 * The names behind `{{secrets.name}}` in the parameters of all steps, each once, sorted. Expressions can make no such name: a secret
 * stands alone between its braces. A text that does not compile names none.
 */
export function secretNamesOf({ steps }: Pick<DagContent, 'steps'>): readonly string[] {
  const names = new Set<string>();
  for (const { step } of walkSteps(steps)) collect(step.parameters ?? {}, names);
  return [...names].sort();
}

function collect(value: Json, names: Set<string>): void {
  if (typeof value === 'string') {
    if (value.includes('{{') && value.includes('secrets')) for (const name of namesIn(value)) names.add(name);
  } else if (Array.isArray(value)) for (const item of value as readonly Json[]) collect(item, names);
  else if (isJsonObject(value)) for (const item of Object.values(value)) collect(item, names);
}

function namesIn(text: string): string[] {
  try {
    return compileTemplate(text).references.flatMap(({ name, path: [first] }) =>
      name === 'secrets' && first !== undefined ? [String(first)] : [],
    );
  } catch (error) {
    if (error instanceof ExpressionInvalid) return [];
    throw error;
  }
}
