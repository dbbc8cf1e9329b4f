import type { Evidence, Faults } from './faults';
import type { VirtualTime } from './virtual-time';

/** A store that did not do it, or whose answer was lost: nobody knows. */
export class StoreTrouble extends Error {
  constructor(what: string) {
    super(`The store did not answer: ${what}.`);
    this.name = 'StoreTrouble';
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** The one way from a simulated process to what outlives it. Behind a closed door nothing comes through any more, in either direction. */
export class Door {
  isOpen = true;
  /** What waits for its process to go on; undefined while that runs. */
  private halted: (() => void)[] | undefined;

  constructor(
    private readonly time: VirtualTime,
    private readonly faults: Faults,
    private readonly evidence: Evidence,
    private readonly crash: (where: string) => void,
    private readonly trace: (line: string) => void,
    /** Requests that may arrive although their sender has died. */
    private readonly mayOutlive: (what: string, isWrite: boolean) => boolean = (what) => what === 'log.append',
  ) {}

  /** Nothing happens in the process until `goOn`; what it has sent is on its way all the same. */
  halt(): void {
    this.halted ??= [];
  }

  goOn(): void {
    const waiting = this.halted ?? [];
    this.halted = undefined;
    for (const work of waiting) this.pass(work);
  }

  get isHalted(): boolean {
    return this.halted !== undefined;
  }

  /** Something happens in the process, as soon as it runs; never when it is dead. */
  pass(work: () => void): void {
    if (!this.isOpen) return;
    if (this.halted) this.halted.push(work);
    else work();
  }

  ask<T>(what: string, isWrite: boolean, perform: () => Promise<T>): Promise<T> {
    if (!this.isOpen) return new Promise<T>(() => undefined);
    const fate = this.faults.fateOf(isWrite, what);
    return new Promise<T>((resolve, reject) => {
      this.time.after(fate.there, () => {
        if (!this.isOpen) {
          if (fate.outlives && this.mayOutlive(what, isWrite)) this.arriveLate(perform);
          return;
        }
        if (fate.kind === 'crash before') this.crash(`before ${what}`);
        else if (fate.kind === 'fails') {
          this.evidence.failures += 1;
          this.trace(`${what} fails`);
          this.back(fate.back, () => reject(new StoreTrouble(what)));
        } else
          perform().then(
            (value) => {
              if (fate.kind === 'crash after') this.crash(`after ${what}`);
              else if (fate.kind === 'ack lost') {
                this.evidence.lostAcks += 1;
                this.trace(`the answer to ${what} is lost`);
                this.back(fate.back, () => reject(new StoreTrouble(what)));
              } else this.back(fate.back, () => resolve(value));
              if (fate.againAfter !== undefined) this.again(fate.againAfter, perform);
            },
            (error: unknown) => this.back(fate.back, () => reject(asError(error))),
          );
      });
    });
  }

  /** Every asynchronous method of a store goes through this door. */
  before<T extends object>(name: string, store: T, writes: ReadonlySet<string>): T {
    return new Proxy(store, {
      get: (target, key) => {
        const method = Reflect.get(target, key) as unknown;
        if (typeof method !== 'function' || typeof key !== 'string') return method;
        const call = method as (...given: unknown[]) => Promise<unknown>;
        return (...given: unknown[]) => this.ask(`${name}.${key}`, writes.has(key), () => call.apply(target, given));
      },
    });
  }

  private back(delayMs: number, answer: () => void): void {
    this.time.after(delayMs, () => this.pass(answer));
  }

  private again(delayMs: number, perform: () => Promise<unknown>): void {
    this.time.after(delayMs, () => {
      if (!this.isOpen) return;
      this.evidence.duplicates += 1;
      perform().catch(() => undefined);
    });
  }

  private arriveLate(perform: () => Promise<unknown>): void {
    this.evidence.lateAppends += 1;
    perform().catch(() => undefined);
  }
}
