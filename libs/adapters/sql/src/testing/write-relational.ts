import { writeSync } from 'node:fs';
import { ENTITIES } from '../entities';
import { Relational } from '../relational';
import { relationalSteps } from './relational-steps';

// Takes every step in the folder that is named on the command line; a dot acknowledges each.
async function main(): Promise<void> {
  const relational = Relational.open(process.argv[2] ?? '', ENTITIES);
  for (const takeStep of relationalSteps(relational)) {
    await takeStep();
    writeSync(1, '.');
  }
  await relational.close();
}

void main();
