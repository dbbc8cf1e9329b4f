import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database } from '@flow/adapters/sqlite';
import {
  ENTITIES,
  RELATIONAL_FILE,
  Relational,
  SqlSecretStore,
  SqlTokenStore,
  SqlVariableStore,
} from '@flow/adapters/sql';
import { FailpointHit, armFailpoint } from '@flow/platform';
import { aStoredToken } from '@flow/testing/auth';
import { aStoredSecret, aVariable } from '@flow/testing/secrets';

/** Every transaction of the stores in this folder by its name, found in their sources. */
const names = readdirSync(__dirname)
  .filter((file) => file.endsWith('-store.sql.ts'))
  .flatMap((file) => {
    const calls = readFileSync(join(__dirname, file), 'utf8').matchAll(/relational\.run\(\s*(?:'([^']*)')?/g);
    return Array.from(calls, ([, name = '']) => name);
  });

/** Every kind of write that `relational.db` knows; the same at each run. */
function steps(relational: Relational): readonly (() => Promise<unknown>)[] {
  const tokens = new SqlTokenStore(relational);
  const secrets = new SqlSecretStore(relational);
  const variables = new SqlVariableStore(relational);
  const token = aStoredToken();
  const other = aStoredToken({ id: 'other' as never, expiresAt: new Date(1) });
  const secret = aStoredSecret();
  const variable = aVariable();
  return [
    () => tokens.add(token),
    () => tokens.markUsed(token.id, new Date(5)),
    () => tokens.add(other),
    () => tokens.purge(new Date(2), 10),
    () => secrets.add(secret),
    () => secrets.replace({ ...secret, envelope: 'next' }),
    () => variables.add(variable),
    () => variables.replace({ ...variable, value: 'next' }),
    () => tokens.remove(token.principal, token.id),
    () => secrets.remove(secret.domain, secret.name),
    () => variables.remove(variable.domain, variable.name),
  ];
}

function dump(folder: string): unknown {
  const db = Database.open(join(folder, RELATIONAL_FILE), { readOnly: true });
  const rows = ['tokens', 'secrets', 'variables'].map((table) => db.all(`SELECT * FROM ${table}`));
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
    const relational = Relational.open(join(root, folder), ENTITIES);
    let count = 0;
    try {
      for (const takeStep of steps(relational).slice(0, most)) {
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

  it.each(names.flatMap((name) => [`${name}.before`, `${name}.commit`, `${name}.after`]))(
    'leave what was acknowledged when one fails at %s',
    async (point) => {
      armFailpoint(`${point}:throw`);
      const acknowledged = await taken('failed');
      expect(acknowledged).toBeLessThan(11);
      await taken('wanted', acknowledged + (point.endsWith('.after') ? 1 : 0));
      expect(dump(join(root, 'failed'))).toEqual(dump(join(root, 'wanted')));
    },
  );
});
