import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anEntry, auditJournalContract, later } from '@flow/testing/audit';
import { SqliteAuditJournal } from './audit-journal.sqlite';
import { openDocuments } from './documents.schema';
import { HotWritesHere } from './hot-writes';

async function open() {
  const folder = mkdtempSync(join(tmpdir(), 'journal-'));
  const db = openDocuments(folder);
  return {
    journal: new SqliteAuditJournal(db, new HotWritesHere(db)),
    close: async () => {
      db.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

auditJournalContract('SqliteAuditJournal', open);

describe('The journal of a process that has the folder to itself', () => {
  it('gives at once what processes before it have left', async () => {
    const { journal, close } = await open();
    await journal.add([anEntry(1, { owner: 'dead' }), anEntry(2)]);
    expect(await journal.abandoned('me', later(0), 10)).toEqual([anEntry(1, { owner: 'dead' })]);
    await close();
  });
});
