export type Priority = 'lowest' | 'low' | 'medium' | 'high' | 'highest';
export const PRIORITIES = ['lowest', 'low', 'medium', 'high', 'highest'] as const satisfies readonly Priority[];

/** What has waited so long is as urgent as what comes now with the next higher priority: nobody waits for ever. */
const AGEING_MS = 10 * 60_000;

/** Those that wait come in the order of this number (ms): by priority, then by arrival, and the longer one waits the more urgent it is. */
export function turnOf({ at, priority }: { readonly at: number; readonly priority: Priority }): number {
  return at - PRIORITIES.indexOf(priority) * AGEING_MS;
}
