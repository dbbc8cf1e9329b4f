import type { Clock } from '@flow/kernel';

/**
 * What a probe asks. `alive`: should the process be restarted? `startup`: has it come up? `ready`: should it get requests?
 * A store that is away makes a process not ready; restarting it would not help, so that never makes it not alive.
 */
export type Probe = 'alive' | 'ready' | 'startup';
export type Word = 'up' | 'down';

/** Words only: who may ask without a token learns nothing but this. */
export interface Health {
  readonly status: Word;
  readonly checks: Readonly<Record<string, Word>>;
}

type Check = () => Promise<void> | void;

const SLOWEST_MS = 2_000;
const LOOK_MS = 5_000;

/** Told when a check begins to fail and when it holds again, not in between, whoever asks. */
export interface CheckEvents {
  onDown(name: string, error: unknown): void;
  onBack(name: string, downMs: number): void;
}

/**
 * The checks behind /health/*. Its own few lines rather than @nestjs/terminus, whose answers carry each indicator's details and errors
 * (probes answer without a token) and whose checks have no common time limit.
 */
export class HealthChecks {
  private readonly checks = new Map<Probe, Map<string, Check>>();
  /** Since when a check fails. */
  private readonly down = new Map<string, number>();
  private readonly hints = new Set<string>();

  constructor(
    private readonly clock: Clock,
    private readonly events?: CheckEvents,
  ) {}

  /** A check that throws, or takes longer than two seconds, is down. */
  add(probe: Probe, name: string, check: Check): void {
    const named = this.checks.get(probe) ?? new Map<string, Check>();
    if (named.has(name)) throw new Error(`The probe ${probe} has a check ${name} already.`);
    this.checks.set(probe, named.set(name, check));
  }

  /** Shown beside the checks, and of no weight: what is down there keeps nothing from being served. Nobody is told. */
  addHint(probe: Probe, name: string, check: Check): void {
    this.add(probe, name, check);
    this.hints.add(`${probe} ${name}`);
  }

  async ask(probe: Probe): Promise<Health> {
    const named = [...(this.checks.get(probe) ?? [])];
    const words = await Promise.all(
      named.map(async ([name, check]) => {
        const isHint = this.hints.has(`${probe} ${name}`);
        return { name, isHint, word: await this.wordOf(name, check, isHint) };
      }),
    );
    return {
      status: words.every(({ word, isHint }) => word === 'up' || isHint) ? 'up' : 'down',
      checks: Object.fromEntries(words.map(({ name, word }) => [name, word])),
    };
  }

  /** Looks by itself every few seconds, so that a log tells of a store that is away also where nobody asks; until what it returns is called. */
  watch(): () => void {
    let isOver = false;
    let cancel = (): void => undefined;
    const look = () => {
      cancel = this.clock.after(LOOK_MS, () => {
        void this.ask('ready').then(() => {
          if (!isOver) look();
        });
      });
    };
    look();
    return () => {
      isOver = true;
      cancel();
    };
  }

  private async wordOf(name: string, check: Check, isHint: boolean): Promise<Word> {
    let cancel = (): void => undefined;
    const tooSlow = new Promise<never>((_resolve, reject) => {
      cancel = this.clock.after(SLOWEST_MS, () => reject(new Error(`took longer than ${SLOWEST_MS} ms`)));
    });
    try {
      await Promise.race([Promise.resolve().then(check), tooSlow]);
      this.isUp(name);
      return 'up';
    } catch (error) {
      if (!isHint) this.isDown(name, error);
      return 'down';
    } finally {
      cancel();
    }
  }

  private isDown(name: string, error: unknown): void {
    if (this.down.has(name)) return;
    this.down.set(name, this.clock.monotonicMs());
    this.events?.onDown(name, error);
  }

  private isUp(name: string): void {
    const since = this.down.get(name);
    if (since === undefined) return;
    this.down.delete(name);
    this.events?.onBack(name, this.clock.monotonicMs() - since);
  }
}
