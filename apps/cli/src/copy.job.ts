import type { BackupManifest } from '@flow/adapters/embedded';

/** What the process that copies is told, as its first message. */
export type CopyJob =
  | { readonly kind: 'backup'; readonly dataDir: string; readonly target: string; readonly version: string }
  | { readonly kind: 'restore'; readonly dataDir: string; readonly source: string };

/** A file that will be copied. Of `copies` the first that exists is the copy as far as it is. */
export interface PlannedFile {
  readonly name: string;
  readonly bytes: number;
  readonly copies: readonly string[];
}

/** What it says: first its plan, and whether the folder that it will fill is empty, then how it ended. `refused` is a sentence for people, `bug` a stack. */
export type CopyMessage =
  | { readonly plan: readonly PlannedFile[]; readonly intoEmpty: boolean }
  | { readonly manifest: BackupManifest }
  | { readonly refused: string }
  | { readonly bug: string };
