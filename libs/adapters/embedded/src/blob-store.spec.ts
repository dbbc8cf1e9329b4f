import { createHash } from 'node:crypto';
import { appendFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DomainId } from '@flow/kernel';
import { BlobDamaged } from '@flow/platform';
import { runScript } from '@flow/testing/adapters/sqlite';
import { blobStoreContract, piecesOf, textIn } from '@flow/testing/platform';
import { BLOBS_FOLDER, FileBlobStore, INCOMING } from './blob-store.files';
import { OWNERS, blobSteps, type BlobsLeft } from './testing/blob-steps';

const freshFolder = () => mkdtempSync(join(tmpdir(), 'flow-blobs-'));

blobStoreContract('FileBlobStore', async () => {
  const folder = freshFolder();
  return { store: new FileBlobStore(folder), close: () => rmSync(folder, { recursive: true, force: true }) };
});

const domain = 'north' as DomainId;
const SCRIPT = join(__dirname, 'testing', 'write-blobs.ts');
const source = readFileSync(join(__dirname, 'blob-store.files.ts'), 'utf8');
const failpoints = Array.from(source.matchAll(/failpoint\('([^']+)'\)/g), ([, name = '']) => name);

/** Every blob that is found under its name, its bytes checked. */
async function found(store: FileBlobStore, folder: string): Promise<BlobsLeft> {
  const texts = async (owner: string) => {
    const names = readdirSync(join(folder, BLOBS_FOLDER), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.includes(`/${owner}/`))
      .map((name) => name.split('/').at(-1) ?? '');
    return (await Promise.all(names.map((name) => textIn(store.get({ domain, owner }, name))))).sort();
  };
  return { one: await texts(OWNERS[0]), two: await texts(OWNERS[1]) };
}

describe('blobs in files', () => {
  let folder: string;
  beforeEach(() => {
    folder = freshFolder();
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('have a failpoint at every write', () => {
    expect(failpoints.length).toBeGreaterThan(9);
    expect(new Set(failpoints).size).toBe(failpoints.length);
  });

  it.each(failpoints)('are whole and complete when the process is killed at %s', async (point) => {
    const child = runScript(SCRIPT, [folder], point);
    expect({ signal: child.signal, stderr: child.stderr }).toEqual({ signal: 'SIGKILL', stderr: '' });
    const store = new FileBlobStore(folder);
    const steps = blobSteps(store);
    const taken = child.stdout.length;
    const before = steps[taken - 1]?.leaves ?? { one: [], two: [] };
    const allowed = [before, steps[taken]?.leaves];
    expect(allowed).toContainEqual(await found(store, folder));
    expect(readdirSync(join(folder, BLOBS_FOLDER, INCOMING))).toEqual([]);
    // The service does again what it was not told to be done.
    for (const step of steps) await step.run();
    expect(await found(store, folder)).toEqual(steps.at(-1)?.leaves);
  });

  it('lie in folders that do not tell the domain', async () => {
    const store = new FileBlobStore(folder);
    const { sha256 } = await store.put({ domain, owner: 'one' }, piecesOf('x'), 10);
    expect(sha256).toBe(createHash('sha256').update('x').digest('hex'));
    expect(JSON.stringify(readdirSync(join(folder, BLOBS_FOLDER)))).not.toContain('north');
  });

  it('are young again when they are kept or shared once more, also while a sweep is about to take them', async () => {
    const store = new FileBlobStore(folder);
    const { sha256 } = await store.put({ domain, owner: 'one' }, piecesOf('x'), 10);
    await store.share({ domain, owner: 'one' }, sha256, 'two');
    const old = new Date('2026-01-01T00:00:00Z');
    const [north = ''] = readdirSync(join(folder, BLOBS_FOLDER)).filter((name) => name !== INCOMING);
    const age = () => OWNERS.forEach((owner) => utimesSync(join(folder, BLOBS_FOLDER, north, owner), old, old));
    const sweep = async () => {
      const released: string[] = [];
      for await (const one of store.everyOwner())
        if (await one.releaseIfOlder(new Date('2026-01-02T00:00:00Z'))) released.push(one.owner);
      return released;
    };
    age();
    await store.put({ domain, owner: 'one' }, piecesOf('x'), 10);
    await store.share({ domain, owner: 'one' }, sha256, 'two');
    expect(await sweep()).toEqual([]);
    for (let i = 0; i < 50; i += 1) {
      age();
      await Promise.all([store.share({ domain, owner: 'one' }, sha256, 'two').catch(() => undefined), sweep()]);
      await store.put({ domain, owner: 'one' }, piecesOf('x'), 10);
      await store.share({ domain, owner: 'one' }, sha256, 'two');
      age();
      const [shared] = await Promise.all([store.put({ domain, owner: 'two' }, piecesOf('y'), 10), sweep()]);
      expect(await textIn(store.get({ domain, owner: 'two' }, shared.sha256))).toBe('y');
      await store.put({ domain, owner: 'one' }, piecesOf('x'), 10);
    }
    age();
    expect((await sweep()).sort()).toEqual(['one', 'two']);
  });

  it('that were changed on the disk are told from sound ones', async () => {
    const store = new FileBlobStore(folder);
    const { sha256 } = await store.put({ domain, owner: 'one' }, piecesOf('sound'), 10);
    const [file] = readdirSync(join(folder, BLOBS_FOLDER), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith(sha256),
    );
    appendFileSync(join(folder, BLOBS_FOLDER, file ?? ''), '!');
    await expect(textIn(store.get({ domain, owner: 'one' }, sha256))).rejects.toThrow(BlobDamaged);
  });
});
