import type { Violation } from '../checker';
import { jumpingClocks } from './clocks';
import { failingFlushes, fullDisks } from './disks';
import { sumOf, type Findings, type HouseOptions } from './house';
import { killsAtFirstStart, killsAtRandom, killsAtWrites } from './kills';
import { badNetworks } from './networks';
import { MUTANTS, tryMutant } from './mutants';
import { endsUnderLoad, stopsAndGoesOn } from './signals';
import { failpoints, type Failpoint } from './writes';

/** What can be asked for with --only, in the order of the table. */
export const SCENARIOS = {
  kill: 'kill -9 at any moment',
  write: 'kill -9 at every write',
  aside: 'kill -9 at writes beside runs',
  stop: 'SIGSTOP, then SIGCONT',
  term: 'SIGTERM under load',
  network: 'bad network (proxies)',
  disk: 'disk full (tmpfs)',
  fsync: 'failing fsync (libfiu)',
  clock: 'clock jumps (libfaketime)',
  mutants: 'broken builds',
} as const;
export type Scenario = keyof typeof SCENARIOS;
export const TIERS = ['small', 'large'] as const;
export type Tier = (typeof TIERS)[number];

/** A part of the run that stands alone: jobs go side by side. */
export interface Job {
  readonly scenario: Scenario;
  /** How many faults it makes, about. */
  readonly size: number;
  run(progress: () => void): Promise<Findings>;
}

export interface MutantJob {
  readonly name: string;
  run(): Promise<Findings>;
}

interface Sizes {
  /** Moments of each write that somebody has to ask for: one of them, another with each seed, or all. */
  readonly errandMoments: 'one' | 'all';
  readonly lanes: number;
  readonly stops: readonly [times: number, forMs: number];
  readonly terms: number;
  readonly networks: number;
  readonly disks: number;
  readonly fsyncs: number;
  readonly clocks: number;
}

const SIZES: Readonly<Record<Tier, Sizes>> = {
  small: { errandMoments: 'one', lanes: 2, stops: [2, 1_500], terms: 2, networks: 4, disks: 2, fsyncs: 2, clocks: 3 },
  large: {
    errandMoments: 'all',
    lanes: 4,
    stops: [6, 8_000],
    terms: 10,
    networks: 24,
    disks: 6,
    fsyncs: 6,
    clocks: 12,
  },
};

/** Failpoints that a running process comes to; those at a first start take a folder each. */
function reached({ errandMoments }: Sizes, seed: number): readonly Failpoint[] {
  const all = failpoints().filter(({ reach }) => reach.at !== 'none');
  if (errandMoments === 'all') return all;
  const isAsked = ({ reach }: Failpoint) => reach.at === 'errand' || reach.at === 'aside';
  const asked = [...new Set(all.filter(isAsked).map(({ write }) => write))];
  return all.filter((point) => {
    if (!isAsked(point)) return true;
    const moments = all.filter((one) => one.write === point.write);
    return moments[(seed + asked.indexOf(point.write)) % moments.length]?.name === point.name;
  });
}

/** Everything that faults are made of, in pieces; the same for the same seed. */
export function jobsOf(tier: Tier, seed: number, kills: number): readonly Job[] {
  const sizes = SIZES[tier];
  const { lanes } = sizes;
  let houses = 0;
  const job = (scenario: Scenario, size: number, run: (options: HouseOptions) => Promise<Findings>): Job => {
    houses += 1;
    const own = seed * 1_000 + houses;
    return { scenario, size, run: (progress) => run({ seed: own, progress }) };
  };
  const each = <T>(make: (lane: number) => T) => Array.from({ length: lanes }, (_, lane) => make(lane));
  const points = reached(sizes, seed);
  const atFirst = points.filter(({ reach }) => reach.at === 'first start');
  const aside = points.filter(({ reach }) => reach.at === 'aside');
  const others = points.filter(({ reach }) => reach.at !== 'first start' && reach.at !== 'aside');
  const share = (of: number, lane: number) => Math.floor((of + lanes - 1 - lane) / lanes);
  const atWrites = (scenario: Scenario, all: readonly Failpoint[]) =>
    each((lane) => {
      const own = all.filter((_, i) => i % lanes === lane);
      return job(scenario, own.length * 1.5, (options) => killsAtWrites(options, own));
    });
  return [
    ...each((lane) => job('kill', share(kills, lane), (options) => killsAtRandom(options, share(kills, lane)))),
    ...atWrites('write', others),
    ...atWrites('aside', aside),
    ...atFirst.map((point) => job('write', 1, (options) => killsAtFirstStart(options, point))),
    job('stop', sizes.stops[0], (options) => stopsAndGoesOn(options, ...sizes.stops)),
    job('term', sizes.terms, (options) => endsUnderLoad(options, sizes.terms)),
    job('network', sizes.networks, (options) => badNetworks(options, sizes.networks)),
    job('disk', sizes.disks, (options) => fullDisks(options, sizes.disks)),
    job('fsync', sizes.fsyncs, (options) => failingFlushes(options, sizes.fsyncs)),
    job('clock', sizes.clocks, (options) => jumpingClocks(options, sizes.clocks)),
  ].filter(({ size }) => size > 0);
}

export function mutantJobs(seed: number): readonly MutantJob[] {
  return MUTANTS.map((mutant) => ({ name: mutant.name, run: () => tryMutant(mutant, seed) }));
}

/** All of one scenario, with what is wrong about the run itself: a fault that strikes nothing proves nothing. */
export function judged(scenario: Scenario, all: readonly Findings[]): Findings {
  const sum = sumOf(all);
  const tooFew = sum.faults === 0 || sum.hits < sum.faults * LEAST_HITS;
  const missed: Violation = {
    kind: 'surprise',
    what: `${SCENARIOS[scenario]}: ${sum.hits} of ${sum.faults} hit work, too few to prove anything`,
  };
  return tooFew ? { ...sum, violations: [...sum.violations, missed] } : sum;
}

/** A kill may find that everything had just ended. */
const LEAST_HITS = 0.6;

/** Calls `work` for each, `atOnce` of them at a time; stops at the first that throws. */
export async function sideBySide<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = [...items];
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) {
      try {
        await work(item);
      } catch (error) {
        left.length = 0;
        throw error;
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: atOnce }, worker));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
