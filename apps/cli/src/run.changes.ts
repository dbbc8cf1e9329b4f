import { setTimeout as pause } from 'node:timers/promises';
import { readDag } from './dag.lookup';
import { hasEnded, readInstance, TaskPages, type Instance } from './instance.reader';
import { Patience, type Bearing } from './patience';
import { RunFold, operatorsIn, type SeenTask } from './run.fold';
import type { ServiceClient } from './service.client';
import { ServiceRefused } from './service.errors';

const FIRST_PAUSE_MS = 30;
const LONGEST_PAUSE_MS = 1_000;
/** How old status and progress are at most while events come. */
const HEADER_MS = 500;

/** A run and its steps as they were at one moment. */
export interface Snapshot {
  readonly instance: Instance;
  readonly tasks: readonly SeenTask[];
}

export interface Watch extends Bearing {
  /** Whether somebody looks at the progress meanwhile. */
  readonly live: boolean;
}

/**
 * How a run goes on, from its start to its end: a snapshot whenever something has changed, the last one when it has ended. Fed by the
 * stream of its events; where the service has too many streams open already, by asking again and again.
 */
export async function* changesOf(client: ServiceClient, id: string, watch: Watch): AsyncGenerator<Snapshot> {
  try {
    yield* changesByEvents(client, id, watch);
  } catch (error) {
    if (!(error instanceof ServiceRefused) || error.code !== 'stream.too_many') throw error;
    yield* changesByAsking(client, id, watch);
  }
}

async function* changesByEvents(client: ServiceClient, id: string, watch: Watch): AsyncGenerator<Snapshot> {
  const { signal, live } = watch;
  const patience = new Patience(watch);
  let fold: RunFold | undefined;
  let after: string | undefined;
  for (;;) {
    try {
      let instance = await readInstance(client, id, signal);
      let readMs = Date.now();
      fold ??= new RunFold(await operatorsOf(client, instance));
      const stream = client.stream('GET /instances/{id}/events', { path: { id } }, { signal, after });
      for (;;) {
        const { done, value } = await stream.next();
        patience.renew();
        if (done === true) {
          // A stream that is cut is taken up where it was; the last that is told of a run is the run as it ended.
          if (!value) break;
          yield { instance: await readInstance(client, id, signal), tasks: fold.tasks };
          return;
        }
        for (const event of value) fold.take(event);
        after = value.at(-1)?.id ?? after;
        if (live && Date.now() - readMs > HEADER_MS) {
          instance = await readInstance(client, id, signal);
          readMs = Date.now();
        }
        yield { instance, tasks: fold.tasks };
      }
      await pause(FIRST_PAUSE_MS, undefined, { signal });
    } catch (error) {
      await patience.endure(error);
    }
  }
}

async function* changesByAsking(client: ServiceClient, id: string, watch: Watch): AsyncGenerator<Snapshot> {
  const { signal } = watch;
  const patience = new Patience(watch);
  const pages = new TaskPages(client, id);
  let before = '';
  let pauseMs = FIRST_PAUSE_MS;
  for (;;) {
    try {
      const instance = await readInstance(client, id, signal);
      const tasks = await pages.read(signal);
      patience.renew();
      const { status, progress } = instance;
      const now = JSON.stringify([status, progress, tasks.map((task) => [task.path, task.status, task.attempt])]);
      if (now !== before) yield { instance, tasks };
      if (hasEnded(instance)) return;
      pauseMs = now === before ? Math.min(LONGEST_PAUSE_MS, pauseMs * 1.5) : FIRST_PAUSE_MS;
      before = now;
      await pause(pauseMs, undefined, { signal });
    } catch (error) {
      await patience.endure(error);
    }
  }
}

/** Who may see a run but not its DAG sees no operators. */
async function operatorsOf(client: ServiceClient, { dagId, version }: Instance): Promise<ReadonlyMap<string, string>> {
  try {
    return operatorsIn((await readDag(client, dagId, version)).steps);
  } catch (error) {
    if (error instanceof ServiceRefused && [403, 404].includes(error.status)) return new Map();
    throw error;
  }
}
