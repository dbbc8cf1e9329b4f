import { FileBlobStore } from '../blob-store.files';
import { blobSteps } from './blob-steps';

// Takes every step on the folder that is named on the command line, and says so after each.
async function main(): Promise<void> {
  for (const step of blobSteps(new FileBlobStore(process.argv[2] ?? ''))) {
    await step.run();
    process.stdout.write('.');
  }
}
void main();
