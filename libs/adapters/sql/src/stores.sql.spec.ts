import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tokenStoreContract } from '@flow/testing/auth';
import { ENTITIES, Relational, SqlTokenStore } from '@flow/adapters/sql';

function world<T>(make: (relational: Relational) => T) {
  const folder = mkdtempSync(join(tmpdir(), 'relational-'));
  const relational = Relational.open(folder, ENTITIES);
  return {
    store: make(relational),
    close: async () => {
      await relational.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

tokenStoreContract('SqlTokenStore', async () => world((relational) => new SqlTokenStore(relational)));
