import { SeededRandom } from '@flow/testing/kernel';
import { builtMain } from '../build';
import type { Violation } from '../checker';
import { Load } from '../load';
import { Service, aFolder, type Exit } from '../service';
import { SHAPES, type Shape } from '../shapes';
import { SinkProcess } from '../sink-process';
import { notOutlivingUs } from './leftovers';
import { Proxy } from './proxy';
import { Receiver } from './receiver';

export const CALLERS = 8;
const MOST_STARTS = 4;
/** Until a new process can have called anybody: what arrives before came from the one that died. */
const BIRTH_MS = 50;
const ENVIRONMENT = {
  OUTBOUND_ALLOW: '127.0.0.1',
  LOG_LEVEL: 'error',
  STEP_OUTPUT_LIMIT: '16KiB',
  DRAIN_TIMEOUT: 'PT1M',
};

/** What a scenario came to. */
export interface Findings {
  /** How often it struck, and how often there was work in flight then. */
  readonly faults: number;
  readonly hits: number;
  /** Runs that were acknowledged. */
  readonly runs: number;
  readonly violations: readonly Violation[];
}

export interface HouseOptions {
  readonly seed: number;
  readonly shapes?: readonly Shape[];
  readonly environment?: Readonly<Record<string, string>>;
  /** The build that is tried; the sources as they stand unless said. */
  readonly main?: string;
  /** A folder of the caller's. */
  readonly folder?: string;
  readonly clockJumps?: boolean;
  /** Callers and steps reach each other over wires that can be made bad. */
  readonly hasNetwork?: boolean;
  /** The environment of a process before the first, which dies while it makes the folder. */
  readonly firstStart?: Readonly<Record<string, string>>;
  /** What breaks things for us may itself hang a process that starts: one that was not ready after so long is started once more, a few times. */
  readonly toolHangsAfterMs?: number;
  /** Told of each fault. */
  readonly progress?: () => void;
  /** How long what is left may take to end when no fault strikes any more. */
  readonly settleMs?: number;
}

interface Network {
  /** From the callers to the service. */
  readonly callers: Proxy;
  /** From the steps to what they call. */
  readonly steps: Proxy;
}

/** One process after another on one data folder, with all that is asked of them. */
export class House {
  readonly random: SeededRandom;
  service!: Service;
  faults = 0;
  hits = 0;
  private readonly violations: Violation[] = [];
  /** Deaths since a process was last ready: when the next one says that it goes on with something, they have hit work. */
  private unjudged = 0;
  private readonly isGone: () => void;

  private constructor(
    readonly folder: { readonly path: string; remove(): void },
    readonly sink: SinkProcess,
    readonly load: Load,
    readonly network: Network | undefined,
    readonly receiver: Receiver,
    private readonly options: HouseOptions,
  ) {
    this.random = new SeededRandom(options.seed);
    this.isGone = notOutlivingUs(() => this.service.child.kill('SIGKILL'));
  }

  static async open(options: HouseOptions): Promise<House> {
    const folder = options.folder === undefined ? aFolder() : { path: options.folder, remove: () => undefined };
    const sink = await SinkProcess.open(options.seed);
    const { seed, shapes = Object.values(SHAPES), clockJumps = false } = options;
    const network = options.hasNetwork ? await openNetwork(seed, sink) : undefined;
    const stepsCall = network ? `http://127.0.0.1:${network.steps.port}/` : sink.url;
    const load = new Load(sink, { seed, shapes, clockJumps, stepsCall });
    const house = new House(folder, sink, load, network, await Receiver.open(), options);
    try {
      if (options.firstStart) {
        if (await house.start(options.firstStart)) house.report('surprise', 'the first process did not die');
        await house.kill();
      }
      if (!(await house.start()))
        throw new Error(`The service does not start:\n${house.service.output}${house.service.errors}`);
      await house.load.prepare(house.service);
      return house;
    } catch (error) {
      await house.close();
      throw error;
    }
  }

  /** The next process on the folder; whether it came so far as to be ready. */
  async start(environment: Readonly<Record<string, string>> = {}): Promise<boolean> {
    const { environment: fixed = {}, main = builtMain(), toolHangsAfterMs } = this.options;
    for (let tries = 1; ; tries += 1) {
      this.service = Service.spawn(this.folder.path, { ...ENVIRONMENT, ...fixed, ...environment }, main);
      const isReady = await this.service.ready(toolHangsAfterMs).then(
        () => true,
        () => false,
      );
      if (isReady) break;
      if (!this.service.hung || toolHangsAfterMs === undefined || tries === MOST_STARTS) return false;
    }
    if (this.network) {
      this.network.callers.target = Number(new URL(this.service.address).port);
      this.service.via = `http://127.0.0.1:${this.network.callers.port}`;
    }
    if (/Going on with \d+ instance/.test(this.service.output)) this.hits += this.unjudged;
    this.unjudged = 0;
    return true;
  }

  /** As `start`, where a process that is not ready is a fault. */
  async mustStart(environment: Readonly<Record<string, string>> = {}): Promise<boolean> {
    if (await this.start(environment)) return true;
    const { FAILPOINT: at } = environment;
    this.report(
      'stuck',
      `it does not start again${at === undefined ? '' : ` with ${at}`}: ${(this.service.errors || this.service.output).slice(0, 500)}`,
    );
    return false;
  }

  /** Work under way, however slow the machine is: what a fault can hit. */
  async busy(least = 3): Promise<{ readonly over: Promise<void> }> {
    const before = this.load.acknowledged.length;
    const over = this.load.call(this.service, CALLERS);
    await until(() => this.load.acknowledged.length >= before + least || !this.service.running);
    return { over };
  }

  /** A fault has struck this process: its next one says whether it hit work. */
  struck(): void {
    this.faults += 1;
    this.options.progress?.();
    this.unjudged += 1;
  }

  /** A fault that the process survives; whether there was work in flight is seen at once. */
  struckNow(): void {
    this.struckIf(this.load.inFlight > 0);
  }

  /** A fault that the process survives, and whether it hit work. */
  struckIf(hasHit: boolean): void {
    this.faults += 1;
    if (hasHit) this.hits += 1;
    this.options.progress?.();
  }

  /** The process ended in the midst of what it did. */
  died(): void {
    this.struck();
    this.load.died(Date.now() + BIRTH_MS);
  }

  async kill(): Promise<Exit> {
    const exit = await this.service.kill();
    this.died();
    return exit;
  }

  report(kind: Violation['kind'], what: string): void {
    this.violations.push({ kind, what });
  }

  get isSound(): boolean {
    return this.violations.length === 0;
  }

  /** Everything that was begun comes to its end; false when it does not. */
  async settle(): Promise<boolean> {
    try {
      await this.load.settle(this.service, this.options.settleMs);
      return true;
    } catch (error) {
      this.report('stuck', error instanceof Error ? error.message : String(error));
      return false;
    }
  }

  /** No fault strikes any more: all comes to its end, and is compared with what was asked. */
  async findings(): Promise<Findings> {
    if (this.service.running) {
      await this.settle();
      await this.sink.flush();
      try {
        this.violations.push(...(await this.load.violations(this.service)));
      } catch (error) {
        this.report(
          'surprise',
          `it does not tell what it has done: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    } else this.report('stuck', 'there is no process any more');
    const { faults, hits, violations } = this;
    return { faults, hits, runs: this.load.acknowledged.length, violations };
  }

  async close(): Promise<void> {
    await this.load.close();
    await this.service.kill();
    this.isGone();
    await this.receiver.close();
    await this.network?.callers.close();
    await this.network?.steps.close();
    await this.sink.close();
    this.folder.remove();
  }
}

async function openNetwork(seed: number, sink: SinkProcess): Promise<Network> {
  const random = new SeededRandom(seed);
  const open = () => Proxy.open(() => random.fraction());
  const network = { callers: await open(), steps: await open() };
  network.steps.target = Number(new URL(sink.url).port);
  return network;
}

/** Runs in a house of its own, which is gone afterwards. */
export async function inHouse(options: HouseOptions, work: (house: House) => Promise<void>): Promise<Findings> {
  const house = await House.open(options);
  try {
    await work(house);
    return await house.findings();
  } finally {
    await house.close();
  }
}

/** What several houses came to, as one. */
export function sumOf(all: readonly Findings[]): Findings {
  const sum = (of: (one: Findings) => number) => all.reduce((total, one) => total + of(one), 0);
  return {
    faults: sum(({ faults }) => faults),
    hits: sum(({ hits }) => hits),
    runs: sum(({ runs }) => runs),
    violations: all.flatMap(({ violations }) => violations),
  };
}

/** A fault comes at a moment that nothing announces: here real time is what it is about. */
export function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export async function until(holds: () => boolean | Promise<boolean>, withinMs = 30_000): Promise<void> {
  for (const endMs = Date.now() + withinMs; !(await holds());) {
    if (Date.now() > endMs) throw new Error(`It did not come about within ${withinMs} ms.`);
    await after(5);
  }
}
