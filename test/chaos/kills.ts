import { errandFor, type Errand } from './errands';
import { CALLERS, after, inHouse, until, type Findings, type House, type HouseOptions } from './house';
import type { Failpoint } from './writes';

/** A step that is in flight at three deaths fails by design; so what this many have left is finished before the next. */
const MOST_DEATHS_IN_A_ROW = 2;
const LONGEST_LIFE_MS = 400;
const DIES_WITHIN_MS = 60_000;
const ENDS_WITHIN_MS = 2_000;

interface Pending {
  readonly point: Failpoint;
  readonly errand: Errand;
  /** It was told that it is done. */
  readonly isDone: boolean;
}

/** A house in which each process is killed, and the next one goes on. */
class Killing {
  private deathsInARow = 0;
  private errands = 0;
  /** What nobody knows of the last errand. */
  private pending: Pending | undefined;

  constructor(private readonly house: House) {}

  /** Killed at any moment, with work under way. */
  async atRandom(): Promise<void> {
    const { house } = this;
    if (!(await this.begin())) return;
    await this.lookAfterErrand();
    const { over } = await house.busy();
    await after(house.random.fraction() * LONGEST_LIFE_MS);
    await house.service.kill();
    await over;
    await this.ended('at random');
  }

  /** Killed by itself at a write. */
  async at(point: Failpoint): Promise<void> {
    if (this.house.service.running) await this.atRandom();
    switch (point.reach.at) {
      case 'start':
        // There must be something to take over.
        if (this.deathsInARow !== 1) await this.atRandom();
        await this.atStart(point);
        break;
      case 'work':
        if (this.deathsInARow >= MOST_DEATHS_IN_A_ROW) await this.atRandom();
        await this.atWork(point, point.reach.nth);
        break;
      case 'errand':
      case 'aside':
        // To look after the last errand may lead to this very write.
        if (this.pending) await this.atRandom();
        await this.atErrand(point);
        break;
      default:
        throw new Error(`No running process comes to ${point.name}.`);
    }
  }

  /** A process in which nothing strikes. */
  async last(): Promise<void> {
    if (await this.begin()) await this.lookAfterErrand();
  }

  private async atStart({ name }: Failpoint): Promise<void> {
    const { house } = this;
    if (!house.isSound) return;
    if (await house.start({ FAILPOINT: name })) house.report('surprise', `${name}: it did not die`);
    await this.ended(name);
  }

  private async atWork({ name }: Failpoint, nth: number): Promise<void> {
    const { house } = this;
    if (!(await this.begin({ FAILPOINT: `${name}@${nth}` }))) return;
    const calls = house.load.call(house.service, CALLERS);
    await this.dies(name);
    await calls;
    await this.ended(name);
  }

  private async atErrand(point: Failpoint): Promise<void> {
    const { house } = this;
    const { name, write } = point;
    if (!(await this.begin({ FAILPOINT: name }))) return;
    this.errands += 1;
    const errand = errandFor(write, `errand_${this.errands}`, house.receiver);
    const isPrepared = await errand.prepare(house.service).then(
      () => true,
      async (error: unknown) => {
        // The connection may be heard to break before the process is heard to end.
        await until(() => !house.service.running, ENDS_WITHIN_MS).catch(() => {
          throw error;
        });
        return false;
      },
    );
    // A run of before may come to this write by itself.
    if (!isPrepared) return this.ended(name);
    const { over } = await house.busy();
    const answer = await errand.ask(house.service).catch(() => undefined);
    const isDone = answer !== undefined && errand.done.includes(answer.status);
    await this.dies(answer === undefined ? name : `${name} (${answer.status} ${answer.text})`);
    await over;
    this.pending = { point, errand, isDone };
    await this.ended(name);
  }

  /** What was acknowledged is there; what was asked for is done exactly when the write was on disk; and asking again does it once. */
  private async lookAfterErrand(): Promise<void> {
    const { house, pending } = this;
    if (!pending) return;
    this.pending = undefined;
    const { point, errand, isDone } = pending;
    const { name } = point;
    const holds = await errand.holds(house.service);
    if (isDone && !holds && !errand.isUnpromised)
      house.report('lost', `${name}: it was acknowledged, and is not there`);
    if (holds !== name.endsWith('.after') && !errand.isUnseen)
      house.report('wrong', `${name}: it is ${holds ? '' : 'not '}done`);
    const again = await errand.ask(house.service);
    if (!errand.done.includes(again.status)) house.report('surprise', `${name}, again: ${again.status} ${again.text}`);
    await until(() => errand.holds(house.service), 5_000).catch(() =>
      house.report('lost', `${name}: asked again, it is not done once`),
    );
  }

  /**
   * The next process, where none runs; what two deaths have left is finished first, by one in which nothing strikes: it could come to that very write
   * while it finishes.
   */
  private async begin(environment: Readonly<Record<string, string>> = {}): Promise<boolean> {
    const { house } = this;
    if (!house.isSound) return false;
    if (this.deathsInARow >= MOST_DEATHS_IN_A_ROW) {
      if (!house.service.running && !(await house.mustStart())) return false;
      if (!(await house.settle())) return false;
      this.deathsInARow = 0;
      if (Object.keys(environment).length > 0) await house.service.stop();
    }
    return house.service.running || house.mustStart(environment);
  }

  private async dies(name: string): Promise<void> {
    const { house } = this;
    await until(() => !house.service.running, DIES_WITHIN_MS).catch(() =>
      house.report('surprise', `${name}: no process came to it`),
    );
    if (house.service.running) await house.service.kill();
  }

  private async ended(name: string): Promise<void> {
    const { house } = this;
    const exit = await house.service.kill();
    if (exit.signal !== 'SIGKILL')
      house.report('surprise', `${name}: it ended by itself, ${JSON.stringify(exit)} ${house.service.errors}`);
    house.died();
    this.deathsInARow += 1;
  }
}

/** Kills at random moments. */
export function killsAtRandom(options: HouseOptions, times: number): Promise<Findings> {
  return inHouse(options, async (house) => {
    const killing = new Killing(house);
    for (let kill = 0; kill < times; kill += 1) await killing.atRandom();
    await killing.last();
  });
}

/** Kills at each of these failpoints, and as many at random as it takes to have something in flight there. */
export function killsAtWrites(options: HouseOptions, points: readonly Failpoint[]): Promise<Findings> {
  // An errand's process also finishes what two deaths have left.
  const isErrand = ({ reach }: Failpoint) => reach.at === 'errand' || reach.at === 'aside';
  const errands = points.filter(isErrand);
  const others = points.filter((point) => !isErrand(point));
  const order = Array.from({ length: Math.max(errands.length, others.length) }, (_, i) =>
    [others[i], errands[i]].filter((point) => point !== undefined),
  ).flat();
  return inHouse(options, async (house) => {
    const killing = new Killing(house);
    for (const point of order) await killing.at(point);
    await killing.last();
  });
}

/** A process that dies while it makes its folder leaves one that the next can use. */
export function killsAtFirstStart(options: HouseOptions, point: Failpoint): Promise<Findings> {
  return inHouse({ ...options, firstStart: { FAILPOINT: point.name } }, async (house) => {
    const { over } = await house.busy();
    house.load.hush();
    await over;
  });
}
