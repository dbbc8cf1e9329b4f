import type { AuditJournal, JournalEntry } from './audit-journal.store';

const MOST_AT_ONCE = 500;

interface Waiting {
  readonly entry: JournalEntry;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** One write is under way at a time, and what comes meanwhile goes into the next: one caller waits for one write, and fifty share one. */
export class JournalWriter {
  private waiting: Waiting[] = [];
  private isWriting = false;

  constructor(private readonly journal: AuditJournal) {}

  /** Resolves when it stands. */
  add(entry: JournalEntry): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ entry, resolve, reject });
      if (!this.isWriting) void this.write();
    });
  }

  private async write(): Promise<void> {
    this.isWriting = true;
    // Those that come within the same turn of the event loop go together.
    await new Promise((resolve) => setImmediate(resolve));
    for (let some = this.take(); some.length > 0; some = this.take()) {
      try {
        await this.journal.add(some.map(({ entry }) => entry));
        for (const { resolve } of some) resolve();
      } catch (error) {
        for (const { reject } of some) reject(error);
      }
    }
    this.isWriting = false;
  }

  private take(): Waiting[] {
    return this.waiting.splice(0, MOST_AT_ONCE);
  }
}
