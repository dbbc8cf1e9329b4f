import type { AuditJournal, JournalEntry } from '@flow/audit';
import { anEntry, later } from './examples';

interface Opened {
  readonly journal: AuditJournal;
  close(): Promise<void>;
}

/** What every AuditJournal keeps. */
export function auditJournalContract(name: string, open: () => Promise<Opened>): void {
  describe(`${name} as an AuditJournal`, () => {
    let journal: AuditJournal;
    let close: Opened['close'];
    const left = (seconds: number): Promise<readonly JournalEntry[]> => journal.abandoned('me', later(seconds), 100);
    const ids = (entries: readonly JournalEntry[]) => entries.map(({ command }) => command.id);

    beforeEach(async () => {
      ({ journal, close } = await open());
    });
    afterEach(() => close());

    it('gives back what was added, as it was, when its time is over', async () => {
      const result = { outcome: 'refused', endedAt: later(2), status: 404, code: 'dag.not_found' } as const;
      await journal.add([anEntry(2, { result }), anEntry(1)]);
      expect(await left(59)).toEqual([]);
      expect(await left(1_000)).toEqual([anEntry(1), anEntry(2, { result })]);
    });

    it('forgets what was removed, and nothing else', async () => {
      await journal.add([anEntry(1), anEntry(2), anEntry(3)]);
      await journal.remove([anEntry(1).command.id, anEntry(3).command.id, 'nobody']);
      expect(ids(await left(1_000))).toEqual([anEntry(2).command.id]);
    });

    it('gives the oldest first, so many at a time', async () => {
      await journal.add(Array.from({ length: 120 }, (_, n) => anEntry(120 - n)));
      const found = await journal.abandoned('me', later(1_000), 100);
      expect(ids(found)).toEqual(Array.from({ length: 100 }, (_, n) => anEntry(n + 1).command.id));
    });

    it('takes hundreds at once', async () => {
      const all = Array.from({ length: 500 }, (_, n) => anEntry(n));
      await journal.add(all);
      await journal.remove(ids(all));
      expect(await left(10_000)).toEqual([]);
    });
  });
}
