import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database } from '@flow/adapters/sqlite';
import { Mover, isSame, type PartVerdict } from '@flow/moving';
import { MemoryMoveNotes } from '@flow/testing/moving';
import type { DomainId, PrincipalId, TokenId } from '@flow/kernel';
import { ENTITIES } from './entities';
import { RelationalMoveSource, RelationalMoveTarget } from './relational-move';
import { RELATIONAL_FILE } from './relational.schema';
import { SqliteRelational } from './relational.sqlite';
import { SqlTokenStore } from './token-store.sql';
import { SqlVariableStore } from './variable-store.sql';

const AT = new Date('2026-01-02T03:04:05.678Z');
const BY = 'ada' as PrincipalId;
const VARIABLES = 450;

describe('moving relational rows', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flow-move-'));
  const open = (name: string) => SqliteRelational.open(join(folder, name), ENTITIES);
  const [here, there] = [open('here'), open('there')];
  const route = { source: new RelationalMoveSource(here), target: new RelationalMoveTarget(there) };
  const notes = new MemoryMoveNotes();
  let left = Infinity;
  const asked = { copy: 0, verify: 0 };
  const mover = new Mover([route], notes, {
    onProgress: (step) => (asked[step] += 1),
    isOver: () => (left -= 1) < 0,
  });
  const verdictOf = async (part: string) => {
    const verdicts = (await mover.verify()) ?? [];
    return verdicts.find((one) => one.part === part) as PartVerdict;
  };

  beforeAll(async () => {
    const variables = new SqlVariableStore(here);
    const common = { createdBy: BY, createdAt: AT, modifiedBy: BY, updatedAt: AT };
    for (let i = 0; i < VARIABLES; i += 1) {
      const place = { domain: `d${i % 3}` as DomainId, name: `n${i} ü🙂`, id: `v${i}` };
      await variables.add({ ...place, value: { deep: [i, null, 'ü\u0000'] }, ...common });
    }
    await new SqlTokenStore(here).add({
      ...{ id: 't1' as TokenId, principal: BY, name: 'a token', hash: 'h', permissions: ['dag.view'], domains: '*' },
      ...{ createdBy: BY, createdAt: AT, expiresAt: AT, lastUsedAt: null },
    });
  });
  afterAll(async () => {
    await here.close();
    await there.close();
    rmSync(folder, { recursive: true });
  });

  // The mark of the installation is carried by the move itself.
  it('knows every table and every column of the file', () => {
    const db = Database.open(join(folder, 'here', RELATIONAL_FILE), { readOnly: true });
    const names = db
      .all(`SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'installation'`)
      .map(({ name }) => String(name));
    const columnsOf = (table: string) => db.all(`PRAGMA table_info(${table})`).map((column) => String(column.name));
    const found = Object.fromEntries(names.map((name) => [name, columnsOf(name)]));
    db.close();
    const known = ENTITIES.map(({ tableName, columns }) => [
      tableName,
      Object.entries(columns).map(([property, { name }]) => name ?? property),
    ]);
    expect(Object.fromEntries(known)).toEqual(found);
  });

  it('goes on where it was ended, and comes to the same rows on both sides', async () => {
    expect(await route.target.used()).toEqual([]);
    for (left = 2; !(await mover.copy()); left = 1);
    expect(await notes.progress('variables')).toMatchObject({ count: VARIABLES });
    left = Infinity;
    const verdicts = (await mover.verify()) ?? [];
    expect(verdicts.map(({ part }) => part)).toEqual(ENTITIES.map(({ tableName }) => tableName));
    expect(verdicts.filter((one) => !isSame(one))).toEqual([]);
    expect(verdicts.find(({ part }) => part === 'variables')).toMatchObject({
      inSource: VARIABLES,
      inTarget: VARIABLES,
    });
    expect(await new SqlTokenStore(there).find('t1' as TokenId)).toEqual(
      await new SqlTokenStore(here).find('t1' as TokenId),
    );
    expect(await new SqlVariableStore(there).values('d1' as DomainId)).toEqual(
      await new SqlVariableStore(here).values('d1' as DomainId),
    );
    expect(asked.copy).toBeGreaterThan(3);
  });

  it('writes what stands already once more, and not twice', async () => {
    const page = await route.source.page('variables', null);
    await route.target.put('variables', page);
    expect(await route.target.count('variables')).toBe(VARIABLES);
  });

  it('names what differs, what is missing and what is too much', async () => {
    const store = new SqlVariableStore(there);
    const change = { domain: 'd0' as DomainId, value: 1, modifiedBy: BY, updatedAt: AT };
    await store.replace({ ...change, name: 'n0 ü🙂' });
    const differs = await verdictOf('variables');
    expect(differs).toMatchObject({ differing: ['["d0","n0 ü🙂"]'], inTarget: VARIABLES });
    expect(differs.sourceChecksum).not.toBe(differs.targetChecksum);
    await store.remove('d0' as DomainId, 'n0 ü🙂');
    expect(await verdictOf('variables')).toMatchObject({ differing: ['["d0","n0 ü🙂"]'], inTarget: VARIABLES - 1 });
    const common = { createdBy: BY, createdAt: AT, modifiedBy: BY, updatedAt: AT };
    await store.add({ id: 'x', domain: 'd9' as DomainId, name: 'more', value: 0, ...common });
    const both = await verdictOf('variables');
    expect(both.inTarget).toBe(VARIABLES);
    expect(isSame(both)).toBe(false);
    expect(await route.target.used()).toEqual(['tokens', 'variables']);
  });
});
