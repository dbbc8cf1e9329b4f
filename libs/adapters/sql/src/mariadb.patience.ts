import type { Clock } from '@flow/kernel';

/** How long is waited for what. */
export interface Patience {
  /** For the server to take a connection in. */
  readonly connectMs: number;
  /** For one of our connections to be free. */
  readonly acquireMs: number;
  /** For the answer to a statement. */
  readonly statementMs: number;
  /** For a lock that another transaction holds, in seconds. */
  readonly lockWaitS: number;
  /** How often a transaction is carried out that the server gives up, and from when on it is not carried out again. */
  readonly attempts: number;
  readonly attemptsMs: number;
}

export const PATIENCE: Patience = {
  connectMs: 5_000,
  acquireMs: 5_000,
  statementMs: 8_000,
  lockWaitS: 3,
  attempts: 8,
  attemptsMs: 10_000,
};

/** What `work` comes to, or `silent()` when that takes too long; `late` is given what it comes to all the same. */
export async function within<T>(
  clock: Clock,
  ms: number,
  work: Promise<T>,
  silent: () => Error,
  late?: (value: T) => void,
): Promise<T> {
  let isOver = false;
  let cancel = () => {};
  const silence = new Promise<never>((_resolve, reject) => {
    cancel = clock.after(ms, () => {
      isOver = true;
      reject(silent());
    });
  });
  work.then(
    (value) => {
      if (isOver) late?.(value);
    },
    () => undefined,
  );
  try {
    return await Promise.race([work, silence]);
  } finally {
    cancel();
  }
}
