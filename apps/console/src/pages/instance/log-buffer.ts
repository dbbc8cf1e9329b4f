import type { ItemOf } from '@flow/client';

export type LogLine = ItemOf<'GET /instances/{id}/logs'>;
export type LogLevel = LogLine['level'];
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const satisfies readonly LogLevel[];

export const MOST_LINES = 5_000;
/** Characters of messages; a line may be long. */
export const MOST_CHARACTERS = 4_000_000;

/** The last lines, in bounded memory; of the others their number. */
export class LogBuffer {
  private kept: LogLine[] = [];
  private characters = 0;
  leftOut = 0;
  revision = 0;

  get lines(): readonly LogLine[] {
    return this.kept;
  }

  take(lines: readonly LogLine[]): void {
    for (const line of lines) this.characters += sizeOf(line);
    const all = [...this.kept, ...lines];
    let first = 0;
    while (all.length - first > MOST_LINES || (this.characters > MOST_CHARACTERS && all.length - first > 1)) {
      this.characters -= sizeOf(all[first] as LogLine);
      first += 1;
    }
    this.leftOut += first;
    this.kept = all.slice(first);
    this.revision += 1;
  }

  clear(): void {
    this.kept = [];
    this.characters = this.leftOut = 0;
    this.revision += 1;
  }
}

/** Lines of this level or a graver one that hold the text, in whatever case. */
export function linesThat(lines: readonly LogLine[], least: LogLevel, text: string): readonly LogLine[] {
  const levels = LOG_LEVELS.slice(LOG_LEVELS.indexOf(least));
  const wanted = text.trim().toLowerCase();
  return lines.filter(
    ({ level, message, fields }) =>
      (levels as readonly string[]).includes(level) &&
      (wanted === '' || message.toLowerCase().includes(wanted) || fieldsText(fields).toLowerCase().includes(wanted)),
  );
}

export function fieldsText(fields: LogLine['fields']): string {
  return fields === undefined || Object.keys(fields).length === 0 ? '' : JSON.stringify(fields);
}

function sizeOf({ message, fields }: LogLine): number {
  return message.length + fieldsText(fields).length;
}
