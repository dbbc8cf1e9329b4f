import { useSyncExternalStore } from 'react';
import { clockOf } from './clock';

/** The time now, anew so often while `ticks`; the same for all who ask at the same pace. */
export function useNow(ticks: boolean, everyMs = 1_000): number {
  const clock = clockOf(everyMs);
  return useSyncExternalStore(ticks ? clock.listen : listenToNothing, clock.read);
}

const listenToNothing = () => () => undefined;
