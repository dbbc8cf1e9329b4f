import type { Clock } from '@flow/kernel';
import { StorageFull, StorageUnavailable } from './storage.errors';

/** What the disk does not take is tried again this often. */
const DISK_PAUSE_MS = 500;

/**
 * What work came to is not lost because the disk is full or fails: keeping it is tried again until it stands, or until `isOver`.
 * @throws what `keep` throws otherwise, and the last refusal of the disk when it is over
 */
export async function persistently<T>(clock: Clock, keep: () => Promise<T>, isOver = () => false): Promise<T> {
  for (;;) {
    try {
      return await keep();
    } catch (error) {
      const passes = error instanceof StorageFull || error instanceof StorageUnavailable;
      if (!passes || isOver()) throw error;
      await new Promise<void>((resolve) => clock.after(DISK_PAUSE_MS, resolve));
    }
  }
}
