import { backup, restore } from '@flow/adapters/embedded';
import type { CopyAnswer, CopyJob } from './copy.job';
import { DATABASES } from './databases';
import { expectedMessage } from './expected';

// A process of its own, because SQLite copies without a pause: the command stays free to show progress and to end it at once.
// Ctrl-C reaches both; only the command may decide what is to become of a half-made copy.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

function answerTo(job: CopyJob): CopyAnswer {
  try {
    return {
      manifest:
        job.kind === 'backup'
          ? backup(job.dataDir, job.target, { databases: DATABASES, version: job.version, now: new Date() })
          : restore(job.source, job.dataDir, DATABASES),
    };
  } catch (error) {
    const refused = expectedMessage(error);
    return refused === undefined ? { bug: String((error as Error).stack) } : { refused };
  }
}

process.once('message', (job: CopyJob) => {
  process.send?.(answerTo(job), () => process.disconnect());
});
