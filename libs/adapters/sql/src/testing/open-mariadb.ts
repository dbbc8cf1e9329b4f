import { openRelational } from '../open-relational';

// Opens the MariaDB that is named on the command line, says so, and ends.
async function main(): Promise<void> {
  const mariadbUrl = process.argv[2] ?? '';
  const relational = await openRelational({ dataDir: '', mariadbUrl, mariadbPool: 2, mariadbTls: 'off' });
  process.stdout.write('open');
  await relational.close();
}

void main();
