import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { CliWorld, aFlow, contentOf, until } from './cli-world';

interface Manifest {
  format: number;
  files: { name: string; sha256: string; schema?: number; rows?: Record<string, number> }[];
}

let world: CliWorld;
beforeAll(async () => {
  world = await CliWorld.open();
  await world.fill();
});
afterAll(() => world.close());

let count = 0;
/** A place that nothing stands at yet. */
const place = () => world.path(`place-${(count += 1)}`);
const inFolder = (dataDir: string) => ({ DATA_DIR: dataDir });
const withoutLock = (folder: string) =>
  existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith('lock.db')) : [];

async function aBackup(): Promise<string> {
  const target = place();
  const { code, err } = await world.run(['backup', target]);
  if (code !== 0) throw new Error(err);
  return target;
}

/** Makes a file of that name such that reading it never ends: what copies it can be interrupted at a known point. */
function endless(file: string): void {
  rmSync(file, { force: true });
  expect(spawnSync('mkfifo', [file]).status).toBe(0);
}

describe('flowctl backup and restore', () => {
  it('copy a folder while it is served, refuse to fill it, and give everything back elsewhere', async () => {
    const target = place();
    const again = place();
    await world.serve();
    try {
      await world.call('/dags', aFlow('Kept'));
      const { code, out, err } = await world.run(['backup', target]);
      expect(code).toBe(0);
      expect(err).toBe(`Backing up ${world.dataDir} to ${target} ...\n`);
      expect(out).toMatch(
        /^ {2}documents\.db +[\d.]+ .?i?B +schema \d+ +\d+ rows\n {2}relational\.db .*\n {2}secrets\.key/,
      );
      expect(out).toMatch(/^Backed up in .*: 3 files/m);
      const inUse = await world.run(['restore', target]);
      expect([inUse.code, inUse.err]).toEqual([1, expect.stringContaining(`${world.dataDir} is in use`)]);
      await world.call('/dags', aFlow('Made later'));
    } finally {
      await world.stopService();
    }
    expect(statSync(target).mode & 0o077).toBe(0);
    expect(existsSync(`${target}.unfinished`)).toBe(false);

    const restored = await world.run(['restore', target], inFolder(again));
    expect(restored).toMatchObject({ code: 0, out: expect.stringMatching(/all as its manifest says/) as string });
    await world.serve(inFolder(again));
    try {
      const { items } = (await world.call('/dags')) as { items: { title: string }[] };
      expect(items.map(({ title }) => title)).toEqual(['Kept']);
    } finally {
      await world.stopService();
    }
  });

  it('tell the manifest as JSON', async () => {
    const target = place();
    const made = JSON.parse((await world.run(['backup', target, '--json'])).out) as Manifest & { target: string };
    expect(made).toMatchObject({ ...(JSON.parse(readFileSync(`${target}/manifest.json`, 'utf8')) as object), target });
    expect(made.files.map(({ name }) => name)).toEqual(['documents.db', 'relational.db', 'secrets.key']);
    const restored = JSON.parse((await world.run(['restore', target, '--json'], inFolder(place()))).out) as Manifest;
    expect(restored.files).toEqual(made.files);
  });
});

describe('flowctl backup', () => {
  it('refuses a target that exists, and leaves it as it is', async () => {
    const target = place();
    world.write(`place-${count}/precious`, '1');
    const { code, err } = await world.run(['backup', target]);
    expect([code, err]).toEqual([1, `${target} exists already: name a folder that does not.\n`]);
    expect(contentOf(target)).toEqual({ precious: expect.any(String) as string });
  });

  it('refuses a target within the data folder, and one where a backup was cut off', async () => {
    expect(await world.run(['backup', 'data/copy'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('within') as string,
    });
    const target = place();
    world.write(`place-${count}.unfinished/documents.db`, '');
    const { code, err } = await world.run(['backup', target]);
    expect([code, err]).toEqual([1, expect.stringContaining(`${target}.unfinished is there`)]);
  });

  it('refuses a data folder without data, and makes nothing', async () => {
    const [target, none] = [place(), place()];
    const { code, err } = await world.run(['backup', target], inFolder(none));
    expect([code, err]).toEqual([1, expect.stringContaining(`${none} holds no data of this service.`)]);
    expect([target, none, `${target}.unfinished`].filter((path) => existsSync(path))).toEqual([]);
  });

  it('leaves nothing behind when Ctrl-C ends it', async () => {
    const [target, data] = [place(), place()];
    cpSync(world.dataDir, data, { recursive: true });
    endless(`${data}/secrets.key`);
    const { child, ended } = world.start(['backup', target], inFolder(data));
    await until(() => existsSync(`${target}.unfinished/secrets.key`));
    process.kill(-(child.pid ?? 0), 'SIGINT');
    const { code, err } = await ended;
    expect(code).toBe(130);
    expect(err).toContain('Interrupted: there is no backup, and nothing is left of it.');
    expect([target, `${target}.unfinished`].filter((path) => existsSync(path))).toEqual([]);
  });
});

describe('flowctl restore', () => {
  const rewrite = (backup: string, change: (manifest: Manifest) => unknown) => {
    const file = `${backup}/manifest.json`;
    writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(file, 'utf8')) as Manifest)));
  };
  const flip = (file: string) => {
    const bytes = readFileSync(file);
    const middle = bytes.length >> 1;
    bytes[middle] = (bytes[middle] ?? 0) ^ 1;
    writeFileSync(file, bytes);
  };
  let sound: string;
  beforeAll(async () => (sound = await aBackup()));

  it.each<[string, (backup: string) => void, RegExp]>([
    [
      'has one changed bit in a database',
      (backup) => flip(`${backup}/documents.db`),
      /documents.db is not what the manifest says/,
    ],
    ['has no manifest', (backup) => rmSync(`${backup}/manifest.json`), /holds no manifest.json/],
    ['has a manifest of another form', (backup) => rewrite(backup, (m) => ({ ...m, format: 2 })), /does not know/],
  ])('refuses a backup that %s, and restores nothing', async (_what, spoil, message) => {
    const [backup, target] = [place(), place()];
    cpSync(sound, backup, { recursive: true });
    spoil(backup);
    const { code, out, err } = await world.run(['restore', backup], inFolder(target));
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(message);
    expect(err).not.toMatch(/^\s+at /m);
    expect(withoutLock(target)).toEqual([]);
  });

  it('refuses a folder that holds something, and changes nothing in it', async () => {
    const before = contentOf(world.dataDir);
    const { code, err } = await world.run(['restore', sound]);
    expect([code, err]).toEqual([1, expect.stringContaining('is not empty')]);
    expect(contentOf(world.dataDir)).toEqual(before);
  });

  it('refuses a backup that is not there', async () => {
    const none = place();
    expect(await world.run(['restore', none])).toEqual({ code: 1, out: '', err: `There is no ${none}.\n` });
  });

  it('leaves the folder empty when Ctrl-C ends it', async () => {
    const [backup, target] = [place(), place()];
    cpSync(sound, backup, { recursive: true });
    endless(`${backup}/secrets.key`);
    const { child, ended } = world.start(['restore', backup], inFolder(target));
    await until(() => existsSync(`${target}/secrets.key.restoring`));
    process.kill(-(child.pid ?? 0), 'SIGINT');
    const { code, err } = await ended;
    expect(code).toBe(130);
    expect(err).toContain(`nothing was restored, and ${target} is as empty as before`);
    expect(withoutLock(target)).toEqual([]);
    expect(await world.run(['restore', sound], inFolder(target))).toMatchObject({ code: 0 });
  });
});
