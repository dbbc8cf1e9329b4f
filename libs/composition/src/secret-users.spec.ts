import { SqliteDagStore, openDocuments } from '@flow/adapters/embedded';
import { aDag, step } from '@flow/testing/dags';
import { secretUsersContract } from '@flow/testing/secrets';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DagSecretUsers } from './secret-users';

secretUsersContract('DagSecretUsers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'secret-users-'));
  const db = openDocuments(folder);
  const dags = new SqliteDagStore(db);
  return {
    users: new DagSecretUsers(dags),
    save: async (domain, title, secrets) => {
      const value = secrets.map((name) => `{{secrets.${name}}}`).join(' ');
      const { dag } = await dags.create(aDag({ domain, title, steps: [step('0', { parameters: { value } })] }));
      return dag.id;
    },
    remove: (domain, id) => dags.remove(domain, id, { at: '2026-01-02T00:00:00.000Z', by: 'ann' }),
    close: () => {
      db.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
});
