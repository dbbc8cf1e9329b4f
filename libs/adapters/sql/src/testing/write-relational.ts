import { writeSync } from 'node:fs';
import { openRelational } from '../open-relational';
import { relationalSteps } from './relational-steps';

// Takes every step in the folder, or at the address of MariaDB, that is named on the command line; a dot acknowledges each.
async function main(): Promise<void> {
  const place = process.argv[2] ?? '';
  const mariadbUrl = place.startsWith('mysql://') ? place : null;
  const relational = await openRelational({ dataDir: place, mariadbUrl, mariadbPool: 2, mariadbTls: 'off' });
  for (const takeStep of relationalSteps(relational)) {
    await takeStep();
    writeSync(1, '.');
  }
  await relational.close();
}

void main();
