import type { BackupManifest } from '@flow/adapters/embedded';

/** What the process that copies is told, as its first message. */
export type CopyJob =
  | { readonly kind: 'backup'; readonly dataDir: string; readonly target: string; readonly version: string }
  | { readonly kind: 'restore'; readonly dataDir: string; readonly source: string };

/** What it says at the end. `refused` is a sentence for people, `bug` a stack. */
export type CopyAnswer =
  { readonly manifest: BackupManifest } | { readonly refused: string } | { readonly bug: string };
