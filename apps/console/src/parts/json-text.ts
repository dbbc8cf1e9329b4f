export type ReadJson = { readonly value: unknown } | { readonly fault: string };

/** What was typed as JSON; nothing typed is nothing. */
export function readJson(text: string): ReadJson {
  if (text.trim() === '') return { value: undefined };
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}

export const writeJson = (value: unknown): string => (value === undefined ? '' : JSON.stringify(value, null, 2));
