import { writeSync } from 'node:fs';
import { openDocuments } from '../documents.schema';
import { documentSteps } from './document-steps';

// Takes every step in the folder that is named on the command line; a dot acknowledges each.
async function main(): Promise<void> {
  const db = openDocuments(process.argv[2] ?? '');
  for (const takeStep of documentSteps(db)) {
    await takeStep();
    writeSync(1, '.');
  }
  db.close();
}

void main();
