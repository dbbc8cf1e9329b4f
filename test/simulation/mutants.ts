import {
  Slots,
  WorkerFenced,
  type InstanceStore,
  type LogRecord,
  type Runs,
  type SlotStore,
  type WorkerLog,
} from '@flow/instances';
import type { WorkerId } from '@flow/kernel';
import type { Stores } from './process';

/** A service that is broken on purpose, in one place. */
export interface Mutant {
  readonly name: string;
  /** A seed shortly before one that shows it; others follow. */
  readonly from: number;
  /** What all processes share. */
  ground(log: WorkerLog): WorkerLog;
  /** What one process is given. */
  parts(parts: Stores): Stores;
  /** Changes within one process. */
  graft(runs: Runs): void;
}

/** The service as it is. */
export const SOUND: Mutant = {
  name: 'is sound',
  from: 1,
  ground: (log) => log,
  parts: (parts) => parts,
  graft: () => undefined,
};

/** One method in the place of another's. */
export function instead<T extends object, K extends keyof T>(whole: T, key: K, method: T[K]): T {
  return new Proxy(whole, { get: (target, asked): unknown => (asked === key ? method : Reflect.get(target, asked)) });
}

const mutant = (name: string, change: Partial<Omit<Mutant, 'name'>>): Mutant => ({ ...SOUND, name, ...change });

const withLog = (name: string, append: (log: WorkerLog, worker: WorkerId, record: LogRecord) => Promise<void>) =>
  mutant(name, {
    parts: ({ log, ...others }) => ({
      log: instead(log, 'append', (worker, record) => append(log, worker, record)),
      ...others,
    }),
  });

const withStore = <K extends keyof InstanceStore>(
  name: string,
  key: K,
  change: (store: InstanceStore) => InstanceStore[K],
) => mutant(name, { parts: ({ store, ...others }) => ({ store: instead(store, key, change(store)), ...others }) });

const withSlots = <K extends keyof SlotStore>(name: string, key: K, method: SlotStore[K]) =>
  mutant(name, { parts: ({ slots, ...others }) => ({ slots: instead(slots, key, method), ...others }) });

let nonces = 0;

export const MUTANTS: readonly Mutant[] = [
  mutant('acknowledges, projects and goes on before the append', {
    graft: ({ runner }) => {
      const writer = runner['writer'];
      const append = writer.append.bind(writer);
      writer.append = (text, done) => {
        queueMicrotask(done);
        append(text, () => undefined);
      };
    },
  }),
  withLog('takes a failed append for done', (log, worker, record) =>
    log.append(worker, record).catch((error: unknown) => {
      if (error instanceof WorkerFenced) throw error;
    }),
  ),
  withLog('repeats an append under another nonce', (log, worker, record) => {
    nonces += 1;
    return log.append(worker, { ...record, nonce: `${record.nonce} ${nonces}` });
  }),
  withLog('raises the mark before the rows stand', async (log, worker, record) => {
    await log.append(worker, record);
    void log.raiseMark(worker, record.n).catch(() => undefined);
  }),
  mutant('lets an earlier worker append behind its seal', {
    from: 310,
    ground: (log) =>
      instead(log, 'append', (worker, record) =>
        log.append(worker, record).catch((error: unknown) => {
          if (!(error instanceof WorkerFenced)) throw error;
        }),
      ),
  }),
  withStore(
    'writes no row of the outbox',
    'project',
    (store) => (rows) => store.project(rows.map((row) => ({ ...row, outbox: [] }))),
  ),
  withStore(
    'writes no row of a task',
    'project',
    (store) => (rows) => store.project(rows.map((row) => ({ ...row, tasks: [] }))),
  ),
  withStore('never settles a message', 'settleOutbox', () => () => Promise.resolve()),
  withStore('leaves the messages of earlier workers', 'outbox', () => () => Promise.resolve([])),
  mutant('calls before the mark is durable', {
    graft: ({ runner }) => {
      const carryOut = runner['carryOut'].bind(runner);
      runner['carryOut'] = (held, command) => {
        carryOut(held, command);
        if (command.kind === 'invoke') runner['calls'].enqueue(held, command);
      };
    },
  }),
  mutant('takes an outcome twice', {
    graft: ({ runner }) => {
      const news = runner['news'].bind(runner);
      runner['news'] = (held, event) => {
        news(held, event);
        news(held, event);
      };
    },
  }),
  mutant('starts a reserved id under a new one', {
    graft: ({ instances }) => {
      const start = instances.start.bind(instances);
      instances.start = (caller, dagId, request) => start(caller, dagId, request);
    },
  }),
  mutant('delivers messages before all runs are here', {
    from: 161,
    graft: (runs) => (runs['relay']['early'] = undefined),
  }),
  mutant('starts children that nobody waits for', { graft: ({ runner }) => (runner['isWaitedFor'] = () => true) }),
  mutant('gives a task that dies no other attempt', {
    graft: ({ runner }) => {
      const adopt = runner.adopt.bind(runner);
      runner.adopt = (run, died) => {
        for (const task of run.state.tasks.values())
          if (died && task.phase === 'running') run.state.inFlight.delete(task.path);
        return adopt(run, died);
      };
    },
  }),
  mutant('takes up a parked run before its rows stand', {
    graft: ({ runner }) => {
      const parked = runner['parked'];
      const leave = parked.leave.bind(parked);
      parked.leave = (id, wakeAt) => {
        const away = leave(id, wakeAt);
        parked['leaving'].delete(id);
        return away;
      };
    },
  }),
  mutant('goes on with a run that it has parked', {
    graft: ({ runner }) => {
      runner['park'] = ({ run }, { header }) => runner['parked'].leave(run.id, header.wakeAt);
    },
  }),
  withSlots('counts in memory alone who has a slot', 'holders', () => Promise.resolve([])),
  withSlots('forgets at its end who waits for a slot', 'waited', () => Promise.resolve([])),
  mutant('gives a free slot to all who ask at the same moment', {
    graft: ({ slots }) => {
      if (slots instanceof Slots) slots['hold'] = () => undefined;
    },
  }),
  mutant('wakes nobody', { graft: ({ runner }) => (runner['parked']['wakeDue'] = () => Promise.resolve()) }),
  mutant('forgets a claim that got no answer', {
    graft: ({ runner }) => {
      runner['parked']['repairSoon'] = () => undefined;
      runner['parked']['claimAgain'] = () => Promise.resolve();
    },
  }),
];
