import { WHOLE, type Field } from './fields';

export type FieldFault = 'missing' | 'number' | 'json' | 'time';

export interface Filled {
  /** Undefined where all of it is one field that was left empty. */
  readonly data: unknown;
  /** By the key of the field; what the service checks beyond this it says itself. */
  readonly faults: Readonly<Record<string, FieldFault>>;
}

/** What was typed as data. What was left empty is left out, so that the service puts its default there. */
export function filled(fields: readonly Field[], typed: Readonly<Record<string, string>>): Filled {
  const data: Record<string, unknown> = {};
  const faults: Record<string, FieldFault> = {};
  for (const field of fields) {
    const text = typed[field.key] ?? '';
    if (text.trim() === '') {
      if (field.required) faults[field.key] = 'missing';
      continue;
    }
    const value = valueOf(field, text);
    if (value instanceof Unreadable) faults[field.key] = value.fault;
    else data[field.key] = value;
  }
  return { data: fields[0]?.key === WHOLE ? data[WHOLE] : data, faults };
}

class Unreadable {
  constructor(readonly fault: FieldFault) {}
}

function valueOf({ kind, choices }: Field, text: string): unknown {
  switch (kind) {
    case 'number':
    case 'integer':
      return Number.isFinite(Number(text)) ? Number(text) : new Unreadable('number');
    case 'boolean':
    case 'maybe':
      return text === 'true';
    case 'dateTime':
      return Number.isNaN(Date.parse(text)) ? new Unreadable('time') : new Date(text).toISOString();
    case 'choice':
      return choices.get(text);
    case 'json':
    case 'files':
      return jsonOf(text);
    case 'text':
    case 'longText':
    case 'date':
    case 'file':
      return text;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return new Unreadable('json');
  }
}
