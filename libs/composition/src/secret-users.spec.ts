import { SqliteDagStore, openDocuments } from '@flow/adapters/embedded';
import { ENTITIES, SqlTriggerStore, SqliteRelational } from '@flow/adapters/sql';
import { aDag, step } from '@flow/testing/dags';
import type { DomainId, TriggerId } from '@flow/kernel';
import type { Trigger } from '@flow/triggers';
import { aTrigger } from '@flow/testing/triggers';
import { secretUsersContract } from '@flow/testing/secrets';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DagSecretUsers } from './secret-users';

secretUsersContract('DagSecretUsers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'secret-users-'));
  const db = openDocuments(folder);
  const relational = SqliteRelational.open(folder, ENTITIES);
  const dags = new SqliteDagStore(db);
  return {
    users: new DagSecretUsers(dags, new SqlTriggerStore(relational)),
    save: async (domain, title, secrets) => {
      const value = secrets.map((name) => `{{secrets.${name}}}`).join(' ');
      const { dag } = await dags.create(aDag({ domain, title, steps: [step('0', { parameters: { value } })] }));
      return dag.id;
    },
    remove: (domain, id) => dags.remove(domain, id, { at: '2026-01-02T00:00:00.000Z', by: 'ann' }),
    close: () => {
      void relational.close();
      db.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
});

it('are webhooks too, whose calls are verified by it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'secret-users-'));
  const db = openDocuments(folder);
  const relational = SqliteRelational.open(folder, ENTITIES);
  const triggers = new SqlTriggerStore(relational);
  const users = new DagSecretUsers(new SqliteDagStore(db), triggers);
  const hook = (n: number, change: Partial<Trigger> = {}) =>
    aTrigger({
      id: `t${String(n).padStart(4, '0')}` as TriggerId,
      kind: 'webhook',
      config: { signature: { preset: 'github', secrets: ['old', 'new'] } },
      ...change,
    });
  for (let n = 0; n < 230; n += 1) await triggers.add(hook(n, n < 225 ? { config: {} } : {}));
  await triggers.add(hook(300, { domain: 'other' as DomainId }));
  await triggers.add(hook(301, { disabled: { code: 'dag_deleted', message: 'gone' }, enabled: false }));
  const uses = await users.of(hook(1).domain, ['old', 'none'], 2);
  expect([...uses.keys()]).toEqual(['old']);
  expect(uses.get('old')).toMatchObject({ total: 5, dags: [], triggers: [{ id: 't0229' }, { id: 't0228' }] });
  await relational.close();
  db.close();
  rmSync(folder, { recursive: true, force: true });
});
