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

/**
 * The checks behind /health/*. Its own few lines rather than @nestjs/terminus, whose answers carry each indicator's details and errors
 * (probes answer without a token) and whose checks have no common time limit.
 */
export class HealthChecks {
  private readonly checks = new Map<Probe, Map<string, Check>>();
  private readonly hints = new Set<string>();

  constructor(
    private readonly clock: Clock,
    private readonly onDown: (name: string, error: unknown) => void = () => undefined,
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

  private async wordOf(name: string, check: Check, isHint: boolean): Promise<Word> {
    let cancel = (): void => undefined;
    const tooSlow = new Promise<never>((_resolve, reject) => {
      cancel = this.clock.after(SLOWEST_MS, () => reject(new Error(`took longer than ${SLOWEST_MS} ms`)));
    });
    try {
      await Promise.race([Promise.resolve().then(check), tooSlow]);
      return 'up';
    } catch (error) {
      if (!isHint) this.onDown(name, error);
      return 'down';
    } finally {
      cancel();
    }
  }
}
