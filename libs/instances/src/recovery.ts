import { AppError, type InstanceId, type WorkerId } from '@flow/kernel';
import { advance, newRun, restore, type Plan, type RunState } from '@flow/engine';
import type { InstanceHeader, InstanceStore, StoredRun } from './instance.store';
import { LiveRun } from './live-run';
import type { PlanCache } from './plan-cache';
import { Gathering } from './projector';
import type { Runner } from './runner';
import type { Creation } from './creation';
import { debugRunOf } from './debug-run';
import { decodeChunk, decodeTransitions, type Transition } from './transition';
import type { WorkerLog, WorkerRow } from './worker-log';

const RECORDS_A_READ = 50;
const HEADERS_A_READ = 200;

export interface Recovered {
  /** Logs of earlier workers that were sealed, projected and closed. */
  readonly logs: number;
  /** Transitions that stood in those logs only. */
  readonly replayed: number;
  /** Runs that go on here. */
  readonly adopted: number;
  /** Runs that this build cannot go on with; they are left as they are. */
  readonly left: readonly { readonly id: InstanceId; readonly error: unknown }[];
}

/**
 * Takes over what earlier workers left (engine.md B4, B5): seals each log, projects its tail, claims every live instance and
 * goes on with it. The caller holds the proof that those workers are dead: under the data folder's lock every other worker is.
 */
export class Recovery {
  constructor(
    private readonly log: WorkerLog,
    private readonly store: InstanceStore,
    private readonly plans: PlanCache,
    private readonly runner: Runner,
  ) {}

  async run(): Promise<Recovered> {
    const dead = (await this.log.unclosed()).filter(({ id }) => id !== this.runner.workerId);
    let replayed = 0;
    for (const worker of dead) replayed += await this.projectTail(worker);
    const { adopted, left } = await this.claimAll();
    for (const { id } of dead) if (!(await this.store.names(id))) await this.log.close(id);
    return { logs: dead.length, replayed, adopted, left };
  }

  private async projectTail({ id, projected }: WorkerRow): Promise<number> {
    const sealedAt = await this.log.seal(id);
    let replayed = 0;
    for (let after = projected; after < sealedAt - 1;) {
      const records = await this.log.read(id, after, RECORDS_A_READ);
      const last = records.at(-1);
      if (!last) break;
      const transitions = records.flatMap(({ kind, body }) => (kind === 'transitions' ? decodeTransitions(body) : []));
      for (const rows of (await this.replay(id, transitions)).turns()) await this.store.project(rows);
      after = Math.min(last.n, sealedAt - 1);
      await this.log.raiseMark(id, after);
      replayed += transitions.length;
    }
    return replayed;
  }

  private async replay(worker: WorkerId, transitions: readonly Transition[]): Promise<Gathering> {
    const runs = new Map<InstanceId, { readonly run: LiveRun; seq: number; readonly epoch: number }>();
    const rows = new Gathering();
    for (const transition of transitions) {
      const known = runs.get(transition.id) ?? (await this.open(worker, transition));
      runs.set(transition.id, known);
      if (transition.epoch !== known.epoch || transition.seq !== known.seq + 1) continue;
      for (const event of transition.events) {
        known.run.note(event);
        if (event.type === 'succeeded') known.run.weigh(event.output);
        advance(known.run.plan, known.run.state, event, known.run.touch);
      }
      rows.add(known.run.takeTransition({ park: transition.parked === true, outbox: transition.outbox ?? [] }).rows);
      known.seq += 1;
    }
    return rows;
  }

  private async open(worker: WorkerId, transition: Transition): Promise<{ run: LiveRun; seq: number; epoch: number }> {
    const stored = await this.store.load(transition.id);
    if (stored) {
      const { seq, epoch } = stored.header;
      return { run: await this.rebuild(stored, worker, epoch), seq, epoch };
    }
    const { create, events, id, epoch } = transition;
    const [first] = events;
    if (!create || first?.type !== 'started')
      throw new Error(
        `The log of worker ${worker} names instance ${id}, which it did not create and which no row has.`,
      );
    const plan = await this.plans.of(create);
    return { run: new LiveRun(id, create, plan, newRun(plan, first), worker, epoch, 0), seq: 0, epoch };
  }

  private async claimAll(): Promise<{ adopted: number; left: { id: InstanceId; error: unknown }[] }> {
    const left: { id: InstanceId; error: unknown }[] = [];
    const adoptions: Promise<void>[] = [];
    let after: InstanceId | null = null;
    for (;;) {
      const headers: readonly InstanceHeader[] = await this.store.unfinished(after, HEADERS_A_READ);
      for (const header of headers) {
        const { id } = header.instance;
        // What this worker has made meanwhile is its own: held, or ended and not projected yet.
        if (this.runner.holds(id) || header.owner === this.runner.workerId) continue;
        // Compiled before the claim: a run that this build cannot carry out stays untouched.
        const unusable = await this.unusable(header);
        // A store that does not answer ends the start: the next one takes over all, also what was claimed without an answer.
        const stored = unusable === undefined && (await this.store.claim(id, header, this.runner.workerId));
        if (unusable !== undefined) left.push({ id, error: unusable });
        if (!stored) continue;
        try {
          const run = await this.rebuild(stored, this.runner.workerId, stored.header.epoch);
          adoptions.push(this.runner.adopt(run, header.owner !== null));
        } catch (error) {
          left.push({ id, error });
        }
      }
      const last = headers.at(-1);
      if (!last) {
        await Promise.all(adoptions);
        return { adopted: adoptions.length, left };
      }
      after = last.instance.id;
    }
  }

  private async unusable({ instance }: InstanceHeader): Promise<AppError | undefined> {
    try {
      await this.plans.of(instance);
      return undefined;
    } catch (error) {
      if (error instanceof AppError) return error;
      throw error;
    }
  }

  private async rebuild(stored: StoredRun, owner: WorkerId, epoch: number): Promise<LiveRun> {
    const { instance, seq } = stored.header;
    const plan = await this.plans.of(instance);
    const state = foldStored(plan, stored);
    return new LiveRun(instance.id, creationOf(stored.header), plan, state, owner, epoch, seq);
  }
}

/** The state that a stored run's cursor and history come to. */
export function foldStored(plan: Plan, { header, cursor, history }: StoredRun): RunState {
  let run = cursor ? restore(plan, cursor.state, cursor.schema) : undefined;
  let seq = cursor?.seq ?? 0;
  for (const chunk of history) {
    decodeChunk(chunk.events).forEach((events, i) => {
      if (chunk.fromSeq + i <= seq) return;
      seq = chunk.fromSeq + i;
      for (const event of events) {
        if (event.type === 'started') run ??= newRun(plan, event);
        if (run) advance(plan, run, event);
      }
    });
  }
  if (!run || seq !== header.seq)
    throw new Error(
      `The history of instance ${header.instance.id} ends at ${seq}, but its header is at ${header.seq}.`,
    );
  return run;
}

function creationOf({ instance }: InstanceHeader): Creation {
  const { domain, dagId, version, priority, labels, trigger, createdBy, attempt, retryOf, rootId } = instance;
  const { parent = null, depth = 0, callbackUrl, debug } = instance;
  const fixed = { domain, dagId, version, priority, labels, trigger, createdBy, attempt, retryOf, rootId };
  return {
    ...fixed,
    parent,
    depth,
    ...(callbackUrl !== undefined && { callbackUrl }),
    ...(debug && { debug: debugRunOf(debug) }),
  };
}
