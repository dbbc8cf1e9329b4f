import { AppError, type Clock, type Random } from '@flow/kernel';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;

/** One try that has found a store away. */
export interface StoreWait {
  readonly store: string;
  /** The setting that says where it is. */
  readonly setting: string;
  readonly waitedMs: number;
  readonly nextTryMs: number;
  readonly error: AppError;
}

/** Under what a start waits. */
export interface Waiting {
  readonly clock: Clock;
  readonly random: Random;
  /** Nobody wants this process any more. */
  readonly signal: AbortSignal;
  readonly onWait: (wait: StoreWait) => void;
  /** A store that was waited for is there. */
  readonly onThere: (wait: Pick<StoreWait, 'store' | 'waitedMs'>) => void;
}

/** The process was told to end before it had come up: nothing was begun. */
export class StartEnded extends Error {
  constructor() {
    super('The start was ended while it waited for its stores.');
    this.name = 'StartEnded';
  }
}

interface Closing {
  close(): Promise<void>;
}

/** Which store it is, and the setting that says where. */
export type StoreName = Pick<StoreWait, 'store' | 'setting'>;

/**
 * Opens a store that need not be there yet: it is tried again, with longer and longer pauses, for as long as it takes.
 * @throws what no waiting mends (a wrong password, a newer schema), at once; StartEnded
 */
export function openPatiently<T extends Closing>(
  name: StoreName,
  open: () => Promise<T>,
  waiting: Waiting,
): Promise<T> {
  return patiently(
    () => name,
    open,
    waiting,
    (late) => late.close(),
  );
}

/** The same of work that may be done again, with stores of which `nameOf` tells by the error which one is away. */
export async function patiently<T>(
  nameOf: (error: AppError) => StoreName,
  work: () => Promise<T>,
  { clock, random, signal, onWait, onThere }: Waiting,
  giveBack: (late: T) => Promise<void> = () => Promise.resolve(),
): Promise<T> {
  const since = clock.monotonicMs();
  const awaited = new Set<string>();
  for (let tries = 0; ; tries += 1) {
    const working = work();
    try {
      const done = await unlessEnded(working, signal);
      for (const store of awaited) onThere({ store, waitedMs: clock.monotonicMs() - since });
      return done;
    } catch (error) {
      if (error instanceof StartEnded) void working.then(giveBack).catch(() => undefined);
      if (!passes(error)) throw error;
      const { store, setting } = nameOf(error);
      awaited.add(store);
      const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries);
      const nextTryMs = Math.round(longest * (0.5 + random.fraction() / 2));
      onWait({ store, setting, waitedMs: clock.monotonicMs() - since, nextTryMs, error });
      let cancel = (): void => undefined;
      const pause = new Promise<void>((resolve) => (cancel = clock.after(nextTryMs, resolve)));
      await unlessEnded(pause, signal).finally(() => cancel());
    }
  }
}

/** It is away, and says when it may be there again; all else is somebody's to mend. */
function passes(error: unknown): error is AppError {
  return error instanceof AppError && error.kind === 'unavailable' && error.retryAfterMs !== undefined;
}

async function unlessEnded<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let end = (): void => undefined;
  const ended = new Promise<never>((_resolve, reject) => {
    end = () => reject(new StartEnded());
    if (signal.aborted) end();
    else signal.addEventListener('abort', end);
  });
  try {
    return await Promise.race([work, ended]);
  } finally {
    signal.removeEventListener('abort', end);
  }
}
