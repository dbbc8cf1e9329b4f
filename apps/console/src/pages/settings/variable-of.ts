/** What was typed as a value: JSON where it is JSON, else the text itself. */
export function variableOf(typed: string): unknown {
  try {
    return JSON.parse(typed);
  } catch {
    return typed;
  }
}

/** As somebody types it for `variableOf` to read the same again. */
export function variableText(value: unknown): string {
  return typeof value === 'string' && variableOf(value) === value ? value : JSON.stringify(value);
}
