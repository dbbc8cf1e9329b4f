import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database } from '@flow/adapters/sqlite';
import { ENTITIES, RELATIONAL_FILE, SqliteRelational } from '@flow/adapters/sql';
import { FailpointHit, armFailpoint } from '@flow/platform';
import { runScript } from '@flow/testing/adapters/sqlite';
import { relationalSteps, transactionNames } from './testing/relational-steps';

const SCRIPT = join(__dirname, 'testing', 'write-relational.ts');
const STEPS = 45;

const names = transactionNames();
const points = names.flatMap((name) => [`${name}.before`, `${name}.commit`, `${name}.after`]);
const ofSchema = ['schema.migrate.before', 'schema.migrate.commit', 'schema.migrate.after'];

function dump(folder: string): unknown {
  const db = Database.open(join(folder, RELATIONAL_FILE), { readOnly: true });
  const tables = db
    .all("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    .map(({ name }) => String(name));
  const rows = Object.fromEntries(tables.map((table) => [table, db.all(`SELECT * FROM ${table}`)]));
  expect(Object.keys(rows)).toEqual(expect.arrayContaining(['secrets', 'tokens', 'variables']));
  expect(db.integrityFaults()).toEqual([]);
  db.close();
  return rows;
}

describe('writes to relational.db', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'failpoints-'));
  });
  afterEach(() => {
    armFailpoint(undefined);
    rmSync(root, { recursive: true, force: true });
  });

  async function taken(folder: string, most = Infinity): Promise<number> {
    const relational = SqliteRelational.open(join(root, folder), ENTITIES);
    let count = 0;
    try {
      for (const takeStep of relationalSteps(relational).slice(0, most)) {
        await takeStep();
        count += 1;
      }
    } catch (error) {
      if (!(error instanceof FailpointHit)) throw error;
    }
    await relational.close();
    return count;
  }

  it('each have a name of their own, noun.verb', () => {
    expect(names.length).toBeGreaterThan(8);
    expect(names.filter((name) => !/^[a-z]+\.[a-z]+$/.test(name))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(points)('leave what was acknowledged when one fails at %s', async (point) => {
    armFailpoint(`${point}:throw`);
    const acknowledged = await taken('failed');
    expect(acknowledged).toBeLessThan(STEPS);
    await taken('wanted', acknowledged + (point.endsWith('.after') ? 1 : 0));
    expect(dump(join(root, 'failed'))).toEqual(dump(join(root, 'wanted')));
  });

  it.each([...ofSchema, ...points])(
    'leave exactly what was acknowledged when the process is killed at %s',
    async (point) => {
      const child = runScript(SCRIPT, [join(root, 'killed')], point);
      expect({ signal: child.signal, stderr: child.stderr }).toEqual({ signal: 'SIGKILL', stderr: '' });
      // Behind `after` the write that was under way is on disk, though nobody was told.
      const unanswered = point.endsWith('.after') && points.includes(point) ? 1 : 0;
      await taken('wanted', child.stdout.length + unanswered);
      // The next process opens what is there, as after every death.
      await taken('killed', 0);
      expect(dump(join(root, 'killed'))).toEqual(dump(join(root, 'wanted')));
    },
  );

  it('are all taken when nothing happens', () => {
    expect(runScript(SCRIPT, [join(root, 'whole')])).toMatchObject({
      stdout: '.'.repeat(STEPS),
      stderr: '',
      status: 0,
    });
  });
});
