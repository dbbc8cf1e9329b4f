import type { SeededRandom } from '@flow/testing/kernel';
import { Evidence, Faults, type Fate } from '../simulation/faults';

/** What has hit a cluster besides. */
export class ClusterEvidence extends Evidence {
  /** Logs that were sealed, and seals that were put where a record had been. */
  seals = 0;
  voidSeals = 0;
  /** Workers that stood still and went on when others held them dead. */
  pauses = 0;
  zombies = 0;
  /** Workers that heard that they are held dead, by a beat or by an append. */
  refusedBeats = 0;
  fencedAppends = 0;
  /** Runs that were claimed from a worker that had not let go of them. */
  takeovers = 0;
  /** What was asked of another's run, and what of it came too late. */
  wishes = 0;
  lateWishes = 0;
  lateWrites = 0;
  /** Runs that were passed on by those who had no room, and what of that reached somebody. */
  offered = 0;
  brought = 0;
  /** Ends that somebody hung on, and those that were told more than once. */
  endsTold = 0;
  endsRepeated = 0;
}

/** What decides between a worker and its successor is often a little late. */
const DAWDLES = /^(log\.(seal|again)|workers\.close)/;
/** What is slow by seconds now and then: signs of life and those who look at them, and what makes a fence. */
const DRAWLS = /^(workers\.|log\.(seal|mark|head)|header\.claim)/;

/** The weather of a cluster: as that of one process, and here and there a request that takes very long. */
export class ClusterFaults extends Faults {
  private readonly drawl: number;
  /** Workers whose beats do not arrive for a while, though all else does. */
  readonly muted = new Set<unknown>();

  constructor(
    random: SeededRandom,
    evidence: ClusterEvidence,
    /** Signs of life come very late very often, while much is called. */
    readonly isStorm: boolean,
  ) {
    super(random, evidence);
    this.drawl = isStorm ? 0.1 + 0.3 * this.random.fraction() : 0.03 * this.random.fraction();
  }

  override fateOf(isWrite: boolean, what = ''): Fate {
    const fate = super.fateOf(isWrite, what);
    if (this.isCalm) return fate;
    if (DAWDLES.test(what) && this.is(0.5)) return { ...fate, there: fate.there + this.int(200, 4_000) };
    if (!DRAWLS.test(what) || !this.is(this.drawl)) return fate;
    const more = this.int(2_000, 14_000);
    return this.is(0.5) ? { ...fate, there: fate.there + more } : { ...fate, back: fate.back + more };
  }
}
