import { openRelational } from '@flow/adapters/sql';
import { SqlTokenStore } from '../token-store.sql';

const loaded = () =>
  ['typeorm', 'mysql2'].filter((name) =>
    Object.keys(require.cache).some((file) => file.includes(`/node_modules/${name}/`)),
  );

// Prints which packages stand in memory when the embedded database in the named folder is open, and when it was read.
async function main(): Promise<void> {
  const dataDir = process.argv[2] ?? '';
  const relational = await openRelational({ dataDir, mariadbUrl: null, mariadbPool: 1, mariadbTls: 'off' });
  const opened = loaded();
  await new SqlTokenStore(relational).find('none' as never);
  process.stdout.write(JSON.stringify({ opened, used: loaded() }));
  await relational.close();
}

void main();
