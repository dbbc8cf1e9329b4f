import { createLog } from '@flow/observability';
import { loadSettings } from '@flow/settings';
import { AppError } from '@flow/kernel';
import { banner } from './banner';
import type { App } from './app';
import { startService } from './service';

/** 128 + the signal's number would tell a shell who ended us; a drained stop is a success all the same. */
const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** What stores say about their files: facts for the operator, not faults of this program. */
const ABOUT_FILES: ReadonlySet<string> = new Set(['SchemaTooNew', 'DatabaseDamaged']);

function fail(error: unknown): never {
  const expected = error instanceof AppError || (error instanceof Error && ABOUT_FILES.has(error.name));
  process.stderr.write(
    `${expected ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exit(1);
}

async function run(app: App): Promise<void> {
  const { settings } = loadSettings();
  const log = createLog({ level: settings.logLevel, format: settings.logFormat });
  let stopping = false;

  /** A second signal does not wait. */
  const stop = async (why: string, code: number): Promise<never> => {
    if (stopping) process.exit(1);
    stopping = true;
    log.info({ why }, 'stopping');
    try {
      await (await started).stop();
    } catch (error) {
      fail(error);
    }
    log.info({}, 'stopped');
    process.exit(code);
  };
  for (const signal of SIGNALS) process.on(signal, () => void stop(signal, 0));

  const started = startService(app, settings, log, (error) => {
    log.error({ err: error }, 'others have taken over what this process held; it stops');
    void stop('fenced', 1);
  });
  process.stdout.write(banner(await started));
}

/** What the main of an app does: one process that serves until it is told to stop. */
export function runService(app: App): void {
  // Nobody reads on (`npm start | head`): no reason to stop serving.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  run(app).catch(fail);
}
