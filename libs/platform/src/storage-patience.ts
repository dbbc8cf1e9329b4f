import { AppError, type Clock } from '@flow/kernel';

/** What a store does not take is tried again this often. */
const STORE_PAUSE_MS = 500;

/**
 * What work came to is not lost because the disk is full, or because a store is away: keeping it is tried again until it stands, or until
 * `isOver`. The same goes for reading what work needs.
 * @throws what `keep` throws otherwise, and the last refusal of the store when it is over
 */
export async function persistently<T>(clock: Clock, keep: () => Promise<T>, isOver = () => false): Promise<T> {
  for (;;) {
    try {
      return await keep();
    } catch (error) {
      if (!passes(error) || isOver()) throw error;
      await new Promise<void>((resolve) => clock.after(STORE_PAUSE_MS, resolve));
    }
  }
}

/** Whichever store says so. */
function passes(error: unknown): boolean {
  return error instanceof AppError && (error.kind === 'unavailable' || error.kind === 'storage_full');
}
