import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ROOT } from './build';
import type { Effect, Effects } from './sink';

const RUNNER = join(ROOT, 'libs/adapters/sqlite/src/testing/run-ts.cjs');

/** What the process says: its address, then each effect as it comes and as it is answered. */
export type SinkWord =
  { readonly url: string } | { readonly index: number; readonly effect: Effect } | { readonly flushed: true };

/** The sink as a process of its own: neither the faults nor a busy harness reach it. */
export class SinkProcess implements Effects {
  readonly effects: Effect[] = [];

  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {
    child.on('message', (word: SinkWord) => {
      if ('effect' in word) this.effects[word.index] = word.effect;
    });
  }

  static async open(seed: number): Promise<SinkProcess> {
    const child = fork(RUNNER, [join(__dirname, 'sink-main.ts'), String(seed)]);
    const [word] = (await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(([code]) => {
        throw new Error(`The sink ended with ${String(code)}.`);
      }),
    ])) as [{ readonly url: string }];
    return new SinkProcess(child, word.url);
  }

  /** Resolves when everything that had happened at this moment stands in `effects`. */
  async flush(): Promise<void> {
    const told = new Promise<void>((resolve) => {
      const hear = (word: SinkWord) => {
        if (!('flushed' in word)) return;
        this.child.off('message', hear);
        resolve();
      };
      this.child.on('message', hear);
    });
    this.child.send('flush');
    await told;
  }

  async close(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.disconnect();
    await ended;
  }
}
