/** What was typed as a value: JSON where it is JSON, else the text itself. */
export function variableOf(typed: string): unknown {
  try {
    return JSON.parse(typed);
  } catch {
    return typed;
  }
}
