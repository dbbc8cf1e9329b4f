import {
  SharedSlots,
  WorkerFenced,
  type InstanceStore,
  type Runs,
  type SharedParts,
  type WorkerLog,
} from '@flow/instances';
import type { Ask, MemoryGround } from '@flow/testing/instances';
import { instead } from '../simulation/mutants';
import type { Stores } from '../simulation/process';

/** Workers that are broken on purpose, in one place. */
export interface Mutant {
  readonly name: string;
  /** A seed shortly before one that shows it. */
  readonly from: number;
  /** The stores as one process sees them. */
  ground(stores: Stores, ground: MemoryGround, ask: Ask): Stores;
  /** Changes within one process. */
  graft(runs: Runs): void;
}

export const SOUND: Mutant = { name: 'are sound', from: 1, ground: (stores) => stores, graft: () => undefined };

const mutant = (name: string, change: Partial<Omit<Mutant, 'name'>>): Mutant => ({ ...SOUND, name, ...change });
const graft = (name: string, change: Mutant['graft'], from = 1): Mutant => mutant(name, { graft: change, from });

type Change<T> = (whole: T, ground: MemoryGround, ask: Ask) => T;

const withLog = (name: string, change: Change<WorkerLog>, from = 1) =>
  mutant(name, { from, ground: (stores, ground, ask) => ({ ...stores, log: change(stores.log, ground, ask) }) });
const withStore = (name: string, change: Change<InstanceStore>, from = 1) =>
  mutant(name, { from, ground: (stores, ground, ask) => ({ ...stores, store: change(stores.store, ground, ask) }) });
const withShared = (name: string, change: Change<SharedParts>, from = 1) =>
  mutant(name, {
    from,
    ground: (stores, ground, ask) => ({ ...stores, shared: change(stores.shared!, ground, ask) }),
  });

let nonces = 0;

const othersOf = (runs: Runs) => runs['others']!;
const heartbeatOf = (runs: Runs) => othersOf(runs)['heartbeat'];
const watcherOf = (runs: Runs) => othersOf(runs)['watcher'];
const parkedOf = ({ runner }: Runs) => runner['parked'];

/** Nobody looks into inboxes but whoever is rung: no sweep, and nobody who lets go of a run or takes one up. */
function neverLooks(runs: Runs): void {
  const { inbox } = othersOf(runs);
  inbox.sweep = () => Promise.resolve([]);
  inbox.look = () => undefined;
}

/** Every rule of the protocol that is marked, and workers that leave it out. */
export const RULES: Readonly<Record<string, readonly Mutant[]>> = {
  'B1: an append of unknown outcome is repeated as it was; another record in its place fences': [
    withLog('repeat an append under another nonce', (log) =>
      instead(log, 'append', (worker, record) => {
        nonces += 1;
        return log.append(worker, { ...record, nonce: `${record.nonce} ${nonces}` });
      }),
    ),
    withLog('take a seal in the place of their record for success', (log) =>
      instead(log, 'append', (worker, record) =>
        log.append(worker, record).catch((error: unknown) => {
          if (!(error instanceof WorkerFenced)) throw error;
        }),
      ),
    ),
    withLog('take an append that got no answer for done', (log) =>
      instead(log, 'append', (worker, record) =>
        log.append(worker, record).catch((error: unknown) => {
          if (error instanceof WorkerFenced) throw error;
        }),
      ),
    ),
  ],
  'B3: the mark only rises; records go when it is durable, a seal never': [
    withLog('let a mark that comes again and late lower it', (log, ground, ask) =>
      instead(log, 'raiseMark', async (worker, n) => {
        const put = () => {
          ground.workers.get(worker)!.mark = n;
        };
        await log.raiseMark(worker, n);
        ask('log.again', true, put).catch(() => undefined);
      }),
    ),
    withLog(
      'delete records before the mark is durable',
      (log, ground, ask) =>
        instead(log, 'raiseMark', async (worker, n) => {
          await ask('log.delete', true, () => {
            const records = ground.records.get(worker)!;
            for (const record of [...records.values()])
              if (record.n <= n && record.kind === 'transitions') records.delete(record.n);
          });
          await log.raiseMark(worker, n);
        }),
      30,
    ),
    withLog('raise the mark before the rows stand', (log) =>
      instead(log, 'append', async (worker, record) => {
        await log.append(worker, record);
        void log.raiseMark(worker, record.n).catch(() => undefined);
      }),
    ),
    withLog('delete a seal with its log', (log, ground, ask) =>
      instead(log, 'close', async (worker) => {
        await log.close(worker);
        await ask('log.delete', true, () => ground.records.get(worker)!.clear());
      }),
    ),
  ],
  'B3: creation is one insert, and a duplicate reads what stands': [
    mutant('put a new header over one that stands', {
      ground: (stores, ground, ask) => ({
        ...stores,
        shared: {
          ...stores.shared!,
          births: instead(stores.shared!.births, 'create', ({ header: { instance, ...header }, cursor }) =>
            ask('header.create', true, () => {
              ground.instances.set(instance.id, { text: JSON.stringify(instance), header, cursor });
              return instance;
            }),
          ),
        },
      }),
      graft: ({ finder }) => (finder.standing = () => Promise.resolve(undefined)),
    }),
    graft('create by a log record', ({ runner }) => {
      const { start } = Object.getPrototypeOf(runner) as typeof runner;
      runner.start = function alone(...given) {
        const others = this['others'];
        Object.assign(this, { others: undefined });
        try {
          return start.apply(this, given);
        } finally {
          Object.assign(this, { others });
        }
      };
    }),
  ],
  'B4: a seal that the mark has reached is void': [
    withLog(
      'take a seal for good without reading the mark again',
      (log) => {
        let sealed: number | undefined;
        const trySeal = async (...[worker, n]: Parameters<WorkerLog['trySeal']>) => {
          const isSealed = await log.trySeal(worker, n);
          sealed = isSealed ? n : undefined;
          return isSealed;
        };
        const mark = async (...[worker]: Parameters<WorkerLog['mark']>) => {
          const n = sealed;
          sealed = undefined;
          const is = await log.mark(worker);
          return n === undefined ? is : Math.min(is, n - 1);
        };
        return instead(instead(log, 'trySeal', trySeal), 'mark', mark);
      },
      265,
    ),
  ],
  'B4: nobody claims before the mark is right behind the seal': [
    graft('claim what a dead worker held before its log is in the rows', (runs) => {
      const others = othersOf(runs);
      const takeover = others['takeover'];
      const finish = takeover.finish.bind(takeover);
      takeover.finish = async (worker) => {
        for (const holding of await others['store'].heldBy(worker)) await runs.runner.takeOver(holding, worker);
        return finish(worker);
      };
    }),
    graft('claim without a seal', (runs) => {
      const takeover = othersOf(runs)['takeover'];
      takeover.finish = () => Promise.resolve({ replayed: 0, left: [] });
    }),
    graft('close a log before it is in the rows', (runs) => {
      const others = othersOf(runs);
      const takeover = others['takeover'];
      const finish = takeover.finish.bind(takeover);
      takeover.finish = async (worker) => {
        await others['log'].close(worker);
        return finish(worker);
      };
    }),
  ],
  'B4: a claim is one update under the condition of owner and epoch': [
    withStore('claim whatever the epoch and the owner are by now', (store) =>
      instead(store, 'claim', async (id, from, to) => {
        const header = await store.header(id);
        return header && store.claim(id, header, to);
      }),
    ),
    withStore('let a park be claimed by two', (store, ground, ask) =>
      instead(store, 'claimParked', async (from, to) => {
        for (const { id, epoch } of from)
          await ask('header.wake', true, () => {
            const doc = ground.instances.get(id)!;
            if (doc.header.epoch <= epoch + 1) doc.header = { ...doc.header, owner: null, epoch };
          });
        return store.claimParked(from, to);
      }),
    ),
  ],
  'B4: what names a worker that does not hold it, or one that is closed, is claimed again; what it holds never is': [
    withStore('forget claims that got no answer', (store) => instead(store, 'owners', () => Promise.resolve([]))),
    graft('claim again what they hold', (runs) => {
      const parked = parkedOf(runs);
      parked['isFree'] = (id) => !parked['claiming'].has(id);
    }),
    graft('claim again what they have not written yet', (runs) => {
      const parked = parkedOf(runs);
      parked['isFree'] = (id) => !runs.runner.holds(id) && !parked['claiming'].has(id);
    }),
    graft('claim a run twice at the same time', (runs) => {
      const parked = parkedOf(runs);
      parked['alone'] = (_id, work) => work();
    }),
    graft('leave what a closed worker has claimed late', (runs) => {
      const { reconciler } = runs;
      const takeOver = reconciler['takeOver'].bind(reconciler);
      reconciler['takeOver'] = async (holding, owner) =>
        owner === runs.runner.workerId ? takeOver(holding, owner) : false;
    }),
  ],
  'B5: a beat is refused when the row is closing': [
    withShared('put a beat whatever the row says', (shared, ground, ask) => ({
      ...shared,
      workers: instead(shared.workers, 'beat', (worker, beat) =>
        ask('workers.beat', true, () => {
          ground.workers.get(worker)!.beat = beat;
          return 'taken' as const;
        }),
      ),
    })),
  ],
  'B5: a beat stands still from the receipt of its first reading to the sending of the last; then the row is closing, if the beat is still that one; then the seal':
    [
      graft('hold a worker dead that they have watched for long, and that beats', (runs) => {
        const watcher = watcherOf(runs);
        const { seen } = watcher as unknown as { readonly seen: Map<string, { beat: number; readonly at: number }> };
        const look = watcher['look'].bind(watcher);
        watcher['look'] = (sign, sentAt, receivedAt) => {
          const known = seen.get(sign.id);
          if (known) known.beat = sign.beat;
          look(sign, sentAt, receivedAt);
        };
      }),
      withShared('seal without holding the worker dead first', (shared) => ({
        ...shared,
        workers: instead(shared.workers, 'markClosing', () => Promise.resolve(true)),
      })),
    ],
  'B5: nothing is called unless the last beat was sent a short while ago': [
    graft('call without a look at their beat', (runs) => {
      Object.defineProperty(heartbeatOf(runs), 'isFresh', { get: () => true });
    }),
  ],
  'B6: an item stands until its instance is purged, and is acted on once': [
    withShared('delete items that are settled', (shared, ground, ask) => ({
      ...shared,
      inbox: instead(shared.inbox, 'settle', (ids) =>
        ask('inbox.settle', true, () => {
          for (const id of ids) ground.inbox.delete(id);
        }),
      ),
    })),
    graft('act on an item as often as they read it', ({ runner }) => {
      const consume = runner.consume.bind(runner);
      runner.consume = (held, items) => {
        held.consumed.clear();
        return consume(held, items);
      };
    }),
    graft('act on what they read before they held the run', (runs) => {
      const { inbox } = othersOf(runs);
      inbox.pass = async (id) => {
        const items = await inbox['inbox'].unsettled(id);
        if (items.length > 0 && (await runs.runner.reach(id)))
          await runs.runner.consume(runs.runner.holding(id)!, items);
      };
    }),
    withShared('settle items as acted on before they are', (shared) => ({
      ...shared,
      inbox: instead(shared.inbox, 'unsettled', async (id) => {
        const items = await shared.inbox.unsettled(id);
        await shared.inbox.settle(
          items.map((item) => item.id),
          'acted',
        );
        return items;
      }),
    })),
  ],
  'B6: no wake-up is lost': [
    graft('look into no inbox when they let go of a run or take one up, and never sweep', neverLooks),
    graft('ring before the item stands, and never sweep', (runs) => {
      neverLooks(runs);
      const { inbox } = othersOf(runs);
      const insert = inbox['inbox'];
      inbox.send = async (id, event, wish) => {
        await inbox.pass(id);
        await insert.insert({ id: wish?.key ?? inbox['ids'].next<string>(), instance: id, event });
        return (await inbox['store'].header(id))?.instance;
      };
    }),
  ],
  'B7: a park is the last transition of its epoch': [
    graft(
      'take up a parked run before its rows stand',
      (runs) => {
        const parked = parkedOf(runs);
        const leave = parked.leave.bind(parked);
        parked.leave = (id, wakeAt) => {
          const away = leave(id, wakeAt);
          parked['leaving'].delete(id);
          return away;
        };
      },
      77,
    ),
    graft('go on with a run that they have parked', ({ runner }) => {
      runner['park'] = ({ run }, { header }) => runner['parked'].leave(run.id, header.wakeAt);
    }),
  ],
};

function slotsOf({ slots }: Runs): SharedSlots {
  if (!(slots instanceof SharedSlots)) throw new Error('These workers share no slots.');
  return slots;
}

/** What sharing slots takes, and workers that leave it out. */
export const SLOT_RULES: readonly Mutant[] = [
  graft('begin without a ticket', (runs) => {
    slotsOf(runs)['take'] = () => Promise.resolve(true);
  }),
  graft('give a ticket back that may be in use', (runs) => {
    const slots = slotsOf(runs);
    slots['begun'] = async (id, begin) => {
      try {
        return await begin(false);
      } catch (error) {
        await slots['tickets'].giveBack(id);
        throw error;
      }
    };
  }),
  graft('leave tickets of those who have ended', (runs) => {
    slotsOf(runs)['sweepTickets'] = () => Promise.resolve();
  }),
  graft('look after those who wait at no other time than at an end', (runs) => {
    slotsOf(runs)['sweep'] = () => Promise.resolve();
  }),
];
