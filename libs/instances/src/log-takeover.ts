import type { InstanceId, WorkerId } from '@flow/kernel';
import { advance, newRun } from '@flow/engine';
import type { Inbox } from './inbox.store';
import type { InstanceStore } from './instance.store';
import { LiveRun } from './live-run';
import { sealLog } from './log-seal';
import type { PlanCache } from './plan-cache';
import { Gathering } from './projector';
import { rebuiltRun } from './rebuilt-run';
import { decodeTransitions, type Transition } from './transition';
import type { LogRecord, WorkerLog } from './worker-log';

const RECORDS_A_READ = 50;

export interface Finished {
  /** Transitions that were put into rows. */
  readonly replayed: number;
  /** Instances that it had let go of, by a park or their end: whoever puts that into rows reads their inboxes. */
  readonly left: readonly InstanceId[];
}

/**
 * Ends the log of a worker that is dead: seals it, and puts into rows what stands in it alone. Any number of processes may do so at once, and
 * the worker itself, if it lives after all, may still write rows: all of them write the same.
 */
export class LogTakeover {
  constructor(
    private readonly log: WorkerLog,
    private readonly store: InstanceStore,
    private readonly plans: PlanCache,
    private readonly inbox: Inbox | undefined,
  ) {}

  /** Resolves when all of it is in rows: before that nobody may claim what the worker held. */
  async finish(worker: WorkerId): Promise<Finished> {
    const sealedAt = await sealLog(this.log, worker);
    let replayed = 0;
    const left = new Set<InstanceId>();
    for (let stuckAt: number | undefined; ;) {
      const mark = await this.log.mark(worker);
      if (mark >= sealedAt - 1) return { replayed, left: [...left] };
      const read = await this.log.read(worker, mark, RECORDS_A_READ);
      const records = unbroken(read, mark, sealedAt);
      const last = records.at(-1);
      // Others have put the next one into rows meanwhile: the mark says how far.
      if (!last) {
        if (stuckAt === mark)
          throw new Error(`The log of worker ${worker} has nothing between ${mark} and ${sealedAt}.`);
        stuckAt = mark;
        continue;
      }
      const transitions = records.flatMap(({ body }) => decodeTransitions(body));
      const rows = await this.replay(worker, transitions);
      await this.write(rows);
      for (const id of rows.unowned()) left.add(id);
      await this.log.raiseMark(worker, last.n);
      replayed += transitions.length;
    }
  }

  private async write(rows: Gathering): Promise<void> {
    if (rows.consumed.length > 0) await this.inbox?.settle(rows.consumed, 'acted');
    for (const turn of rows.turns()) await this.store.project(turn);
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
      const { parked = false, outbox = [], told = [], consumed = [] } = transition;
      rows.add(known.run.takeTransition({ park: parked, outbox, told, consumed }).rows);
      known.seq += 1;
    }
    return rows;
  }

  private async open(worker: WorkerId, transition: Transition): Promise<{ run: LiveRun; seq: number; epoch: number }> {
    const stored = await this.store.load(transition.id);
    if (stored) {
      const { seq, epoch } = stored.header;
      return { run: await rebuiltRun(this.plans, stored, worker, epoch), seq, epoch };
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
}

/** The records that follow the mark one by one, up to the seal. */
function unbroken(records: readonly LogRecord[], mark: number, sealedAt: number): readonly LogRecord[] {
  const end = records.findIndex(({ n }, i) => n !== mark + 1 + i || n >= sealedAt);
  return end < 0 ? records : records.slice(0, end);
}
