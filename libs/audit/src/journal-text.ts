import type { JournalEntry } from './audit-journal.store';

/** What a column holds of an entry: its command and its result, as JSON. */
export function journalText({ command, result }: Pick<JournalEntry, 'command' | 'result'>): string {
  return JSON.stringify({ command, result });
}

export function journalEntryFrom(text: string): Pick<JournalEntry, 'command' | 'result'> {
  const { command, result } = JSON.parse(text) as Pick<JournalEntry, 'command' | 'result'>;
  return {
    command: { ...command, at: new Date(command.at) },
    result: result && { ...result, endedAt: new Date(result.endedAt) },
  };
}
