import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ENTITIES, SqliteRelational } from '@flow/adapters/sql';
import { runScript } from '@flow/testing/adapters/sqlite';
import { relationalContract } from './testing/relational.contract';

relationalContract('SqliteRelational', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'relational-'));
  return {
    open: async () => SqliteRelational.open(folder, ENTITIES),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
});

describe('relational.db', () => {
  it('is opened without loading TypeORM, and used without the driver of MariaDB', () => {
    const folder = mkdtempSync(join(tmpdir(), 'relational-'));
    const { stdout, stderr } = runScript(join(__dirname, 'testing', 'loaded-modules.ts'), [folder]);
    rmSync(folder, { recursive: true, force: true });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({ opened: [], used: ['typeorm'] });
  });
});
