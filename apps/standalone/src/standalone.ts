import { LocalTokens } from '@flow/auth';
import { Deliverer } from '@flow/deliveries';
import { createHttpServer, type HttpServer } from '@flow/http';
import { Debugging, Runs, TaskLogWriter, WorkerLog, type Recovered } from '@flow/instances';
import { AppError, Clock } from '@flow/kernel';
import { Metrics, nestLog } from '@flow/observability';
import { HttpClient, IdempotencyStore } from '@flow/platform';
import { OrphanSweep, PurgeSweep } from '@flow/retention';
import type { Settings } from '@flow/settings';
import { Module } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import { version } from '../../../package.json';
import { PrivateApiModule } from '../../private-api/src/private-api.module';
import { PublicApiModule } from '../../public-api/src/public-api.module';
import { openAdapters } from './adapters';
import { FeaturesModule } from './features.module';
import type { Logger } from 'pino';
import type { Stores } from './stores';
import type { Log } from './task-log';

/** An embedded folder lets in one process at a time, so the name of the holder may stay the same over restarts. */
const HOLDER = 'standalone';
/** Set by scripts/start.mjs. */
const START_MARK = 'start';
const PURGE_EVERY_MS = 10 * 60 * 1_000;
/** How long a stop waits for a store that does not take the last lines of tasks. */
const LOG_DRAIN_MS = 5_000;
const PURGED_AT_ONCE = 1_000;

export class PortTaken extends AppError {
  readonly kind = 'conflict';
  readonly code = 'port.taken';
  constructor(settings: Settings, port: number) {
    const name = port === settings.apiServerPort ? 'API_SERVER_PORT' : 'API_SERVER_PRIVATE_PORT';
    super(
      `${settings.apiServerHost}:${port} is in use by another program. Set ${name} to another port (0 takes a free one).`,
      { port },
    );
  }
}

export interface Standalone {
  readonly http: HttpServer;
  readonly addresses: { readonly public: string; readonly private: string };
  readonly places: Stores['places'];
  readonly docs: Settings['docs'];
  /** Only on the start that made it. */
  readonly adminToken: string | undefined;
  readonly recovered: Recovered;
  /** Milliseconds since the process began, or since `npm start` had installed and built what was missing. */
  readonly readyMs: number;
  /** Refuses new work, lets what is under way end (DRAIN_TIMEOUT), writes everything, closes the stores. */
  stop(): Promise<void>;
}

@Module({ imports: [PublicApiModule, PrivateApiModule] })
class ApisModule {}

/** Everything in one process on embedded stores. @throws DataFolderTaken, SchemaTooNew, SecretKeysInvalid, PortTaken */
export async function startStandalone(
  settings: Settings,
  log: Logger,
  onFenced: (error: Error) => void,
): Promise<Standalone> {
  const adapters = await openAdapters(settings, {
    onThreadLost: (error) =>
      log.warn({ err: error }, 'The storage thread is lost: documents.db is written by the main thread from now on.'),
    onFault: (error) => log.error({ err: error }, 'a server that this service uses is away, or badly set'),
  });
  try {
    for (const port of [settings.apiServerPort, settings.apiServerPrivatePort]) await assertFree(settings, port);
  } catch (error) {
    await adapters.close();
    throw error;
  }
  const metrics = new Metrics();
  const features = FeaturesModule.of(settings, adapters, log, metrics, { onFenced });
  const http = await createHttpServer({
    module: { module: ApisModule, imports: [features] },
    host: settings.apiServerHost,
    ports: { public: settings.apiServerPort, private: settings.apiServerPrivatePort },
    bodyLimit: settings.bodyLimit,
    docs: settings.docs,
    version,
    holder: adapters.shared ? randomUUID() : HOLDER,
    log,
    nestLogger: nestLog(log.child({}, { level: 'warn' })),
    onAnswered: metrics.observeRequest,
  });
  const runs = http.app.get(Runs, { strict: false });
  const taskLog = http.app.get(TaskLogWriter, { strict: false });
  const outbound = http.app.get(HttpClient, { strict: false });
  await http.app.get(WorkerLog, { strict: false }).open(runs.runner.workerId);
  const recovered = await runs.recover();
  const deliverer = http.app.get(Deliverer, { strict: false });
  await deliverer.start();
  const { sweep: debugSweep } = http.app.get(Debugging, { strict: false });
  debugSweep.arm();
  const purgeSweep = http.app.get(PurgeSweep, { strict: false });
  purgeSweep.start();
  const orphanSweep = http.app.get(OrphanSweep, { strict: false });
  orphanSweep.start();
  // Among other workers it has begun with the recovery.
  if (!adapters.shared) runs.reconciler.start();
  const adminToken = await http.app.get(LocalTokens, { strict: false }).ensureAdmin();
  const addresses = await listen(http);
  const endPurges = purgeKeys(
    http.app.get(IdempotencyStore, { strict: false }),
    http.app.get(Clock, { strict: false }),
    log,
  );

  return {
    http,
    addresses,
    places: adapters.places,
    docs: settings.docs,
    adminToken,
    recovered,
    readyMs: performance.now() - (performance.getEntriesByName(START_MARK)[0]?.startTime ?? 0),
    async stop() {
      endPurges();
      await Promise.all([
        http.close(settings.drainTimeout),
        runs.drain(settings.drainTimeout),
        deliverer.stop(settings.drainTimeout),
        debugSweep.stop(),
        purgeSweep.stop(),
        orphanSweep.stop(),
      ]);
      const unwritten = await taskLog.drain(LOG_DRAIN_MS);
      if (unwritten > 0) log.error({ lines: unwritten }, 'lines of tasks could not be written and are lost');
      await outbound.close();
      await adapters.close();
    },
  };
}

async function listen(http: HttpServer): Promise<Standalone['addresses']> {
  const { public: open, private: closed } = await http.listen();
  return { public: open ?? '', private: closed ?? '' };
}

/** Asked before anything is taken over: a start that cannot listen must not have begun to work. @throws PortTaken */
async function assertFree(settings: Settings, port: number): Promise<void> {
  const probe = createServer();
  try {
    await new Promise<void>((resolve, reject) =>
      probe.once('error', reject).listen(port, settings.apiServerHost, resolve),
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') throw new PortTaken(settings, port);
    throw error;
  }
  await new Promise((resolve) => probe.close(resolve));
}

/** Idempotency keys that are too old go every ten minutes, a few at a time. */
function purgeKeys(store: IdempotencyStore, clock: Clock, log: Log): () => void {
  const purge = async () => {
    try {
      while ((await store.purge(clock.now(), PURGED_AT_ONCE)) === PURGED_AT_ONCE)
        await new Promise((resolve) => setImmediate(resolve));
    } catch (error) {
      log.error({ err: error }, 'old idempotency keys could not be removed');
    }
    cancel = clock.after(PURGE_EVERY_MS, () => void purge());
  };
  let cancel = clock.after(PURGE_EVERY_MS, () => void purge());
  return () => cancel();
}
