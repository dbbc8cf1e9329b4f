import { SeededRandom } from '@flow/testing/kernel';

/** What becomes of one request that a process sends out. */
export interface Fate {
  readonly kind: 'done' | 'fails' | 'ack lost' | 'crash before' | 'crash after';
  /** Milliseconds until it arrives, and until its answer is back. */
  readonly there: number;
  readonly back: number;
  /** Arrives a second time this much later. */
  readonly againAfter?: number;
  /** Arrives although its sender has died meanwhile. */
  readonly outlives: boolean;
}

/** What has hit a world: a run without these proves nothing. */
export class Evidence {
  instances = 0;
  transitions = 0;
  /** Runs that were let go of while they waited or the process stopped, and those that went on then. */
  parks = 0;
  wakes = 0;
  crashes = 0;
  crashesAtAwait = 0;
  stops = 0;
  failures = 0;
  lostAcks = 0;
  duplicates = 0;
  lateAppends = 0;
  invocations = 0;
  repeatedCalls = 0;
  effects = 0;
  children = 0;
  /** Instances that waited for a slot and began. */
  queued = 0;
  unknownAnswers = 0;
  expectedResults = 0;

  add(other: Evidence): void {
    for (const key of Object.keys(this) as Exclude<keyof Evidence, 'add'>[]) this[key] += other[key];
  }
}

/** Draws fates. Every world has its own weather: some crash a lot, some lose answers, some are only slow. */
export class Faults {
  private readonly weather: {
    readonly crash: number;
    readonly fail: number;
    readonly lose: number;
    readonly slow: number;
  };
  private crashesLeft: number;
  /** Faults have stopped for good. */
  isCalm = false;
  /** The log takes nothing for a while: a full disk, a store that is away. */
  isLogAway = false;

  constructor(
    readonly random: SeededRandom,
    private readonly evidence: Evidence,
  ) {
    const level = (most: number) => most * random.fraction();
    this.weather = { crash: level(0.012), fail: level(0.04), lose: level(0.06), slow: level(0.15) };
    this.crashesLeft = this.int(0, 6);
  }

  is(probability: number): boolean {
    return this.random.fraction() < probability;
  }

  int(least: number, most: number): number {
    return least + Math.floor(this.random.fraction() * (most - least + 1));
  }

  fateOf(isWrite: boolean, what = ''): Fate {
    const { crash, fail, lose, slow } = this.weather;
    const delay = () => (this.is(slow) ? this.int(50, 3_000) : this.int(0, 6));
    const [there, back] = [delay(), delay()];
    const calm = { kind: 'done', there, back, outlives: false } as const;
    if (this.isCalm) return calm;
    const outlives = this.is(0.5);
    if (this.isLogAway && what === 'log.append') return { ...calm, kind: 'fails' };
    if (this.crashesLeft > 0 && this.is(crash)) {
      this.crashesLeft -= 1;
      this.evidence.crashesAtAwait += 1;
      return { ...calm, kind: isWrite && this.is(0.5) ? 'crash after' : 'crash before' };
    }
    if (this.is(isWrite ? fail : fail / 4)) return { ...calm, outlives, kind: 'fails' };
    if (isWrite && this.is(lose)) return { ...calm, outlives, kind: 'ack lost' };
    if (isWrite && this.is(lose / 2)) return { ...calm, outlives, againAfter: delay() };
    return { ...calm, outlives };
  }
}
