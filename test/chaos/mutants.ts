import { randomUUID } from 'node:crypto';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, builtMain } from '../build';
import { SHAPES } from '../shapes';
import { jumpingClocks } from './clocks';
import { failingFlushes } from './disks';
import { inHouse, type Findings, type HouseOptions } from './house';
import { killsAtRandom, killsAtWrites } from './kills';
import { endsUnderLoad } from './signals';
import { failpoints } from './writes';

/** What is done to a build that is broken on purpose; little, so that it is soon found out. */
type Trial = (options: HouseOptions) => Promise<Findings>;

/** A build of the service that breaks a promise, in one place. */
export interface Change {
  readonly name: string;
  /** Below the build's folder. */
  readonly file: string;
  /** Stands there exactly once. */
  readonly find: string;
  readonly replace: string;
}

export interface Mutant extends Change {
  readonly trial: Trial;
}

const INSTANCES = 'libs/instances/src';
const ONLY = {
  chains: { shapes: [SHAPES.chain] },
  timers: { shapes: [SHAPES.timer, SHAPES.retries] },
  callbacks: { shapes: [SHAPES.callback] },
  families: { shapes: [SHAPES.parent] },
};
const SETTLE_MS = 8_000;

/** Nothing strikes: what it does by itself is wrong. */
const calm =
  (shapes: Partial<HouseOptions>): Trial =>
  (options) =>
    inHouse({ ...options, ...shapes }, async (house) => {
      const { over } = await house.busy(30);
      house.load.hush();
      await over;
    });

const killedAt =
  (names: readonly string[], { nth, ...more }: Partial<HouseOptions> & { readonly nth?: number } = {}): Trial =>
  (options) =>
    killsAtWrites(
      { ...options, ...more },
      names.map((name) => {
        const point = failpoints().find((one) => one.name === name);
        if (!point) throw new Error(`There is no failpoint ${name} any more.`);
        return nth === undefined ? point : { ...point, reach: { at: 'work', nth } };
      }),
    );

const killed =
  (times: number, shapes: Partial<HouseOptions> = {}): Trial =>
  (options) =>
    killsAtRandom({ ...options, ...shapes }, times);

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'acknowledges before the append',
    file: `${INSTANCES}/log-writer.js`,
    find: `            done,
            refusal
        });`,
    replace: `            done: () => undefined,
            refusal: undefined
        });
        queueMicrotask(done);`,
    trial: killedAt(['log.append.before'], ONLY.chains),
  },
  {
    name: 'takes a failed append for done',
    file: `${INSTANCES}/log-writer.js`,
    find: 'this.trouble = error instanceof Error ? error : new Error(String(error));',
    replace: 'return true;',
    trial: (options) => failingFlushes(options, 2),
  },
  {
    name: 'raises the mark before the rows stand',
    file: `${INSTANCES}/projector.js`,
    find: 'for (const rows of batch.turns()){',
    replace: `if (batch.mark > 0) await this.persistently(()=>this.log.raiseMark(this.workerId, batch.mark));
        for (const rows of batch.turns()){`,
    trial: killedAt(['instance.project.before'], { ...ONLY.chains, nth: 6 }),
  },
  {
    name: 'does not project the log of a dead worker',
    file: `${INSTANCES}/log-takeover.js`,
    find: 'for (const turn of rows.turns())await this.store.project(turn);',
    replace: '',
    trial: killedAt(['log.append.after', 'log.append.before', 'log.append.after'], { ...ONLY.chains, nth: 40 }),
  },
  {
    name: 'projects what is projected already',
    file: `${INSTANCES}/log-takeover.js`,
    find: 'if (transition.epoch !== known.epoch || transition.seq !== known.seq + 1) continue;',
    replace: '',
    trial: killedAt(['log.mark.before', 'log.mark.before', 'log.mark.before'], { ...ONLY.chains, nth: 5 }),
  },
  {
    name: 'gives what was in flight at a death no other attempt',
    file: 'libs/engine/src/outstanding.js',
    find: "if (phase === 'running' && step?.kind === 'action') return [",
    replace: "if (phase === 'running' && step?.kind === 'action') return task.recoveries ? [] : [",
    trial: killed(2, ONLY.chains),
  },
  {
    name: 'arms no timer again after a death',
    file: 'libs/engine/src/outstanding.js',
    find: 'wakeAt === undefined || task.due ? []',
    replace: 'true ? []',
    trial: killed(2, ONLY.timers),
  },
  {
    name: 'forgets the messages of a dead worker',
    file: `${INSTANCES}/outbox.relay.js`,
    find: 'for await (const items of this.standing())this.send(items);',
    replace: '',
    trial: killedAt(['instance.settle.before', 'instance.settle.commit', 'instance.settle.before'], ONLY.families),
  },
  {
    name: 'forgets Idempotency-Keys',
    file: 'libs/adapters/embedded/src/idempotency-store.sqlite.js',
    find: 'standing(request) {',
    replace: `standing() {
        return undefined;
    }
    standingBefore(request) {`,
    trial: killedAt(['idempotency.finish.before'], ONLY.chains),
  },
  {
    name: 'starts under a new id what is asked for again',
    file: `${INSTANCES}/instances.service.js`,
    find: 'const { id = this.ids.next(), waitMs } = options;',
    replace: 'const { waitMs } = options, id = this.ids.next();',
    trial: killedAt(['idempotency.finish.before'], ONLY.chains),
  },
  {
    name: 'calls before the mark is durable',
    file: `${INSTANCES}/runner.js`,
    find: `this.writer.append(text, done, birth && {
            of: birth,
            refuse
        });`,
    replace: `if (!ends && this.isHeld(held)) begin();
        this.writer.append(text, done);`,
    trial: (options) => failingFlushes({ ...options, ...ONLY.chains }, 2),
  },
  {
    name: 'makes another child when it is asked again',
    file: `${INSTANCES}/creation.js`,
    find: '${attempt}\\n${index}`',
    replace: '${attempt}\\n${index}\\n${process.pid}`',
    trial: killed(4, ONLY.families),
  },
  {
    name: 'rings its timers early',
    file: `${INSTANCES}/run-timers.js`,
    find: 'const delayMs = at - this.clock.now().getTime();',
    replace: 'const delayMs = at - this.clock.now().getTime() - 400;',
    trial: calm(ONLY.timers),
  },
  {
    name: 'measures time by the wall clock',
    file: 'libs/platform/src/system-clock.js',
    find: 'return performance.now();',
    replace: 'return Date.now();',
    trial: (options) => jumpingClocks({ ...options, ...ONLY.timers }, 2),
  },
  {
    name: 'tries again without the pause',
    file: 'libs/engine/src/policy.js',
    find: 'return Math.max(Math.round(spread), error.retryAfterMs ?? 0);',
    replace: 'return 0;',
    trial: calm(ONLY.timers),
  },
  {
    name: 'sends another key with another attempt',
    file: `${INSTANCES}/operator-calls.js`,
    find: 'idempotencyKey: `${instance}:${path}`',
    replace: "idempotencyKey: `${instance}:${path}${attempt > 1 ? `#${attempt}` : ''}`",
    trial: calm(ONLY.timers),
  },
  {
    name: 'takes an answer twice',
    file: `${INSTANCES}/callbacks.service.js`,
    find: 'if (state.outcome || !(isWaiting || isEarly)) throw',
    replace: 'if (state.outcome) throw',
    trial: calm(ONLY.callbacks),
  },
  {
    name: 'does not wait for what is under way when it stops',
    file: `${INSTANCES}/runner.js`,
    find: 'while(this.calls.underWay > 0 && !isLate())await this.pause(20);',
    replace: '',
    trial: (options) => endsUnderLoad({ ...options, ...ONLY.chains }, 2),
  },
];

export class MutantUnfit extends Error {
  constructor({ name, file }: Change, count: number) {
    super(`The mutant that ${name} no longer fits: its text stands ${count} times in ${file}, not once.`);
    this.name = 'MutantUnfit';
  }
}

/** Some are found only when a fault strikes at the right moment, which a busy machine may miss. */
const MOST_TRIALS = 3;

/** Tries a copy of the build with this one change, again with other moments while it is not found out. @throws MutantUnfit */
export function tryMutant(mutant: Mutant, seed: number): Promise<Findings> {
  return withChange(mutant, async (main) => {
    for (let trial = 1; ; trial += 1) {
      const found = await mutant.trial({ seed: seed + 1_000 * (trial - 1), main, settleMs: SETTLE_MS });
      if (found.violations.length > 0 || trial === MOST_TRIALS) return found;
    }
  });
}

/** Works with the entry point of a copy of the build that has this one change. @throws MutantUnfit */
export async function withChange<T>(change: Change, work: (main: string) => Promise<T>): Promise<T> {
  const built = join(builtMain(), '../../../..');
  const copy = join(ROOT, '.cache', 'mutants', randomUUID());
  cpSync(built, copy, { recursive: true });
  try {
    const file = join(copy, change.file);
    const parts = readFileSync(file, 'utf8').split(change.find);
    if (parts.length !== 2) throw new MutantUnfit(change, parts.length - 1);
    writeFileSync(file, parts.join(change.replace));
    return await work(join(copy, 'apps/standalone/src/main.js'));
  } finally {
    rmSync(copy, { recursive: true });
  }
}
