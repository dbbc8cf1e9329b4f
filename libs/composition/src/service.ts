import { AuditPurge, AuditTrail } from '@flow/audit';
import { LocalTokens } from '@flow/auth';
import { DagRelay } from '@flow/dags';
import { Deliverer } from '@flow/deliveries';
import { createHttpServer, type HttpServer, type ServerName } from '@flow/http';
import { Debugging, Runs, TaskLogWriter, WorkerLog, type Recovered } from '@flow/instances';
import { Clock } from '@flow/kernel';
import { CalmLog, HealthChecks, Metrics, nestLog } from '@flow/observability';
import { HttpClient, IdempotencyStore, SystemClock } from '@flow/platform';
import { FileSweep, OrphanSweep, PurgeSweep } from '@flow/retention';
import type { Settings } from '@flow/settings';
import { Batches, FiringPurge, Firings, RunEndFirings, Scheduler } from '@flow/triggers';
import { Module, type INestApplicationContext } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { version } from '../../../package.json';
import { openAdapters, sharesStores } from './adapters';
import { AppNeedsSharedStores, type App } from './app';
import { AuditEvents } from './audit.providers';
import { EventReading } from './event-triggers.providers';
import { EventTelling } from './events.providers';
import { FeaturesModule } from './features.module';
import type { Logger } from 'pino';
import { assertFree } from './ports';
import { ProbesModule } from './probes/probes.module';
import { StartWait } from './start-wait';
import type { Stores } from './stores';
import type { Log } from './task-log';

const NOTHING_RECOVERED: Recovered = { logs: 0, replayed: 0, adopted: 0, left: [] };

/** An embedded folder lets in one process at a time, so the name of the holder may stay the same over restarts. */
const HOLDER = 'standalone';
/** Set by scripts/start.mjs. */
const START_MARK = 'start';
const PURGE_EVERY_MS = 10 * 60 * 1_000;
/** How long a stop waits for a store that does not take the last lines of tasks. */
const LOG_DRAIN_MS = 5_000;
/** How long a stop waits for a store that does not take the last audit records; they stand in the journal. */
const AUDIT_STOP_MS = 5_000;
const PURGED_AT_ONCE = 1_000;

export interface Service {
  readonly app: App['name'];
  readonly http: HttpServer;
  /** Of the listeners that this app opens. */
  readonly addresses: Partial<Readonly<Record<ServerName, string>>>;
  readonly places: Stores['places'];
  readonly docs: Settings['docs'];
  readonly console: HttpServer['console'];
  /** Only on the start that made it. */
  readonly adminToken: string | undefined;
  readonly recovered: Recovered;
  /** Milliseconds since the process began, or since `npm start` had installed and built what was missing. */
  readonly readyMs: number;
  /** Refuses new work, lets what is under way end (DRAIN_TIMEOUT), writes everything, closes the stores. */
  stop(): Promise<void>;
}

@Module({})
class ServiceModule {}

/**
 * One process, with what its app is for. While its stores are not there it waits, unless `signal` says that nobody wants it any more.
 * @throws AppNeedsSharedStores, DataFolderTaken, SchemaTooNew, SecretKeysInvalid, PortTaken, StartEnded
 */
export async function startService(
  app: App,
  settings: Settings,
  own: Logger,
  onFenced: (error: Error) => void,
  signal = new AbortController().signal,
): Promise<Service> {
  if (app.name !== 'standalone' && !(sharesStores(settings) && settings.redisUrl !== null))
    throw new AppNeedsSharedStores(app.name);
  const ports = portsOf(app, settings);
  const metrics = new Metrics();
  const unavailable = metrics.counter(
    'unavailable_total',
    'What could not be done because a store was away or full, or because there was no room: requests, and work behind them.',
    ['code'],
  );
  const log = new CalmLog(own, new SystemClock(), ({ code }) => unavailable.inc({ code }));
  const waitingRoom = new StartWait(settings, ports, log);
  const stores = await waitingRoom.during(signal, (waiting) =>
    openAdapters(
      settings,
      {
        onThreadLost: (error) =>
          log.warn(
            { err: error },
            'The storage thread is lost: documents.db is written by the main thread from now on.',
          ),
        onFault: (error) => log.error({ err: error }, 'a server that this service uses is away, or badly set'),
        onClientLine: (line) => log.debug(line, 'the client of Kafka'),
      },
      waiting,
    ),
  );
  try {
    for (const port of Object.values(ports)) await assertFree(settings, port);
  } catch (error) {
    await stores.close();
    throw error;
  }
  /** Everything is known when a worker first beats. */
  let drain: () => Promise<void> = () => Promise.resolve();
  const onDrain = () => {
    log.warn({}, 'this process was asked to let go of what it holds; it takes nothing new from now on');
    drain().then(
      () => log.info({}, 'this process holds nothing any more; it can be stopped'),
      (error: unknown) => log.error({ err: error }, 'this process could not let go of all that it holds'),
    );
  };
  const features = FeaturesModule.of({ app, settings, stores, log, metrics, events: { onFenced, onDrain } });
  const http = await createHttpServer({
    module: { module: ServiceModule, imports: [features, ProbesModule, ...app.apis] },
    host: settings.apiServerHost,
    ports,
    bodyLimit: settings.bodyLimit,
    requestTimeoutMs: settings.requestTimeout,
    docs: settings.docs,
    ...(settings.console === 'on' && app.console !== undefined && { console: app.console }),
    version,
    holder: stores.shared ? randomUUID() : HOLDER,
    log,
    nestLogger: nestLog(own.child({}, { level: 'warn' })),
    onAnswered: metrics.observeRequest,
  });
  const runs = http.app.get(Runs, { strict: false });
  const taskLog = http.app.get(TaskLogWriter, { strict: false });
  const outbound = http.app.get(HttpClient, { strict: false });
  const work = app.works ? await beginWork(http.app, runs, stores) : undefined;
  const dagRelay = http.app.get(DagRelay, { strict: false });
  dagRelay.start();
  const trail = http.app.get(AuditTrail, { strict: false });
  const { telling } = http.app.get(AuditEvents, { strict: false });
  await trail.start();
  telling?.start();
  const firings = http.app.get(Firings, { strict: false });
  drain = async () => {
    await work?.stopReading(settings.drainTimeout);
    await firings.stop(settings.drainTimeout);
    await Promise.all([runs.drain(settings.drainTimeout), work?.stop(settings.drainTimeout)]);
  };
  const adminToken = await http.app.get(LocalTokens, { strict: false }).ensureAdmin();
  const addresses = await http.listen();
  const endWatch = stores.shared ? http.app.get(HealthChecks, { strict: false }).watch() : undefined;
  const endPurges = purgeKeys(
    http.app.get(IdempotencyStore, { strict: false }),
    http.app.get(Clock, { strict: false }),
    log,
  );

  return {
    app: app.name,
    http,
    addresses,
    places: stores.places,
    docs: settings.docs,
    console: http.console,
    adminToken,
    recovered: work?.recovered ?? NOTHING_RECOVERED,
    readyMs: performance.now() - (performance.getEntriesByName(START_MARK)[0]?.startTime ?? 0),
    async stop() {
      endPurges();
      endWatch?.();
      await Promise.all([http.close(settings.drainTimeout), drain()]);
      const unwritten = await taskLog.drain(LOG_DRAIN_MS);
      if (unwritten > 0) log.error({ lines: unwritten }, 'lines of tasks could not be written and are lost');
      await dagRelay.stop();
      await trail.stop(AUDIT_STOP_MS);
      await telling?.stop();
      await outbound.close();
      await stores.close();
    },
  };
}

function portsOf({ servers }: App, settings: Settings): Partial<Record<ServerName, number>> {
  const ports = { public: settings.apiServerPort, private: settings.apiServerPrivatePort };
  return Object.fromEntries(servers.map((name) => [name, ports[name]]));
}

/** Takes over what is left, and begins what has to be done beside the runs. */
async function beginWork(app: INestApplicationContext, runs: Runs, { shared }: Stores) {
  const of = <T>(token: abstract new (...args: never[]) => T): T => app.get<T>(token, { strict: false });
  await of(WorkerLog).open(runs.runner.workerId);
  const ends = of(RunEndFirings);
  await ends.start();
  const recovered = await runs.recover();
  const deliverer = of(Deliverer);
  await deliverer.start();
  const { relay } = of(EventTelling);
  relay?.start();
  const debugSweep = of(Debugging).sweep;
  debugSweep.arm();
  const [firings, scheduler, batches] = [of(Firings), of(Scheduler), of(Batches)];
  await firings.start();
  scheduler.start();
  batches.start();
  const { readers } = of(EventReading);
  readers?.start();
  const sweeps = [of(PurgeSweep), of(OrphanSweep), of(FileSweep), of(FiringPurge), of(AuditPurge)];
  for (const sweep of sweeps) sweep.start();
  // Among other workers it has begun with the recovery.
  if (!shared) runs.reconciler.start();
  return {
    recovered,
    /** Before what carries out firings ends: what was read goes on there. */
    async stopReading(withinMs: number) {
      await readers?.stop(withinMs);
      await batches.stop();
    },
    stop: (withinMs: number) =>
      Promise.all([
        scheduler.stop(),
        ends.stop(),
        deliverer.stop(withinMs),
        relay?.stop(withinMs),
        debugSweep.stop(),
        ...sweeps.map((sweep) => sweep.stop()),
      ]),
  };
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
