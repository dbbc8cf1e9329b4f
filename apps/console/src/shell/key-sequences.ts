export type Command =
  'overview' | 'dags' | 'instances' | 'approvals' | 'triggers' | 'workers' | 'settings' | 'search' | 'run' | 'help';

/** What is typed for what; two keys are typed one after the other. */
export const SEQUENCES: readonly (readonly [keys: string, command: Command])[] = [
  ['g o', 'overview'],
  ['g d', 'dags'],
  ['g i', 'instances'],
  ['g a', 'approvals'],
  ['g t', 'triggers'],
  ['g w', 'workers'],
  ['g s', 'settings'],
  ['/', 'search'],
  ['r', 'run'],
  ['?', 'help'],
];

const PATIENCE_MS = 1_000;

export interface Typed {
  readonly keys: string;
  readonly atMs: number;
}

export const NOTHING_TYPED: Typed = { keys: '', atMs: 0 };

/** What one more key comes to: a command, or what to go on from. The second of two keys has to come within a second. */
export function press(typed: Typed, key: string, atMs: number): { readonly typed: Typed; readonly command?: Command } {
  const isFresh = typed.keys !== '' && atMs - typed.atMs <= PATIENCE_MS;
  for (const keys of isFresh ? [`${typed.keys} ${key}`, key] : [key]) {
    const command = SEQUENCES.find(([sequence]) => sequence === keys)?.[1];
    if (command !== undefined) return { typed: NOTHING_TYPED, command };
    if (SEQUENCES.some(([sequence]) => sequence.startsWith(`${keys} `))) return { typed: { keys, atMs } };
  }
  return { typed: NOTHING_TYPED };
}
