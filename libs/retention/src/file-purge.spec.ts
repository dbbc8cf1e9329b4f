import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileBlobStore } from '@flow/adapters/embedded';
import { ENTITIES, SqlFileStore, SqliteRelational } from '@flow/adapters/sql';
import { FailpointHit, armFailpoint } from '@flow/platform';
import { EXPIRED_KEPT_MS, FilePurge } from '@flow/retention';
import { aFile } from '@flow/testing/files';
import { FixedClock } from '@flow/testing/kernel';
import { piecesOf } from '@flow/testing/platform';

const MANY = 130;

describe('the purge of uploaded files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flow-files-'));
  const relational = SqliteRelational.open(folder, ENTITIES);
  const files = new SqlFileStore(relational);
  const blobs = new FileBlobStore(folder);
  const { domain } = aFile(1);
  afterEach(() => armFailpoint(undefined));
  afterAll(async () => {
    await relational.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    'blob.release.before',
    'blob.release.after',
    'file.remove.before',
    'file.remove.commit',
    'file.remove.after',
  ])('leaves neither rows nor bytes when it was cut off at %s and goes on', async (point) => {
    const clock = new FixedClock(new Date(aFile(MANY).expiresAt.getTime() + EXPIRED_KEPT_MS).toISOString());
    for (let n = 1; n <= MANY; n += 1) {
      await blobs.put({ domain, owner: aFile(n).id }, piecesOf(`${n}`), 10);
      await files.add(aFile(n), MANY);
    }
    const purge = new FilePurge({ files, blobs, clock, neededSince: () => Promise.resolve(undefined) });
    armFailpoint(`${point}:throw`);
    await expect(purge.run()).rejects.toThrow(FailpointHit);
    armFailpoint(undefined);
    // The last one has not been over for long enough.
    expect(await purge.run()).toBeGreaterThanOrEqual(MANY - 101);
    expect(await blobs.owners(domain, '', MANY)).toEqual([aFile(MANY).id]);
    expect(await files.findMany(domain, 'alice', [aFile(MANY).id, aFile(1).id])).toEqual([aFile(MANY)]);
    await files.remove([aFile(MANY).id]);
    await blobs.release({ domain, owner: aFile(MANY).id });
  });
});
