interface Armed {
  readonly name: string;
  readonly throws: boolean;
  hitsLeft: number;
}

/** What a failpoint throws in its `:throw` form; stands for a store that fails at that very moment. */
export class FailpointHit extends Error {
  constructor(name: string) {
    super(`The failpoint ${name} was told to fail.`);
    this.name = 'FailpointHit';
  }
}

function parse(text: string | undefined): Armed | undefined {
  if (!text) return undefined;
  const match = /^([\w.-]+)(?:@(\d+))?(:throw)?$/.exec(text);
  if (!match) throw new Error(`FAILPOINT is not of the form name, name@count, name:throw or name@count:throw: ${text}`);
  return { name: match[1] ?? '', hitsLeft: Number(match[2] ?? 1), throws: match[3] !== undefined };
}

let armed = parse(process.env.FAILPOINT);

/**
 * A named moment at a store's border where tests stop the process: with `FAILPOINT=<name>` in the environment it dies there as
 * by kill -9, with `<name>@3` at the third time, with `<name>:throw` it throws instead. Without, it does nothing.
 */
export function failpoint(name: string): void {
  if (armed === undefined || armed.name !== name) return;
  armed.hitsLeft -= 1;
  if (armed.hitsLeft > 0) return;
  const { throws } = armed;
  armed = undefined;
  if (throws) throw new FailpointHit(name);
  process.kill(process.pid, 'SIGKILL');
  // The signal is on its way: nothing more may happen in this thread.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

/** Sets the failpoint of this process, in the form that FAILPOINT has; undefined takes it back. For tests. */
export function armFailpoint(text: string | undefined): void {
  armed = parse(text);
}
