import type { BackupManifest } from '@flow/adapters/embedded';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CommandFailed } from './command.errors';
import type { CopyJob, CopyMessage, PlannedFile } from './copy.job';
import { bar, columns, countText, sizeText } from './layout';
import type { Terminal } from './terminal';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const LOOK_EVERY_MS = 100;
const SAY_EVERY_MS = 2_000;

export type Copied =
  | { readonly manifest: BackupManifest; readonly tookMs: number }
  | { readonly interruptedBy: NodeJS.Signals; readonly intoEmpty: boolean };

/**
 * Has another process do the job, and shows how far it is. A signal ends that process at once, whatever it was at; what is then
 * left is the caller's to clear; `intoEmpty` says that the folder was empty before. Throws CommandFailed with the reason when the job was refused.
 */
export async function copy(terminal: Terminal, job: CopyJob): Promise<Copied> {
  const startedAt = performance.now();
  const child = fork(join(__dirname, 'copy.process.js'), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  let interruptedBy: NodeJS.Signals | undefined;
  const interrupt = (signal: NodeJS.Signals) => {
    interruptedBy ??= signal;
    child.kill('SIGKILL');
  };
  for (const signal of SIGNALS) process.on(signal, interrupt);
  const progress = new Progress(terminal);
  const watch = setInterval(() => progress.show(), LOOK_EVERY_MS);
  let last: CopyMessage | undefined;
  let intoEmpty = false;
  child.on('error', () => undefined);
  child.on('message', (message: CopyMessage) => {
    last = message;
    if (!('plan' in message)) return;
    progress.plan = message.plan;
    ({ intoEmpty } = message);
  });
  try {
    const ended = Promise.all([once(child, 'exit'), once(child, 'disconnect')]);
    child.send(job, () => undefined);
    await ended;
  } finally {
    clearInterval(watch);
    terminal.erase();
    for (const signal of SIGNALS) process.off(signal, interrupt);
  }
  if (last && 'manifest' in last) return { manifest: last.manifest, tookMs: performance.now() - startedAt };
  if (interruptedBy) return { interruptedBy, intoEmpty };
  if (last && 'refused' in last) throw new CommandFailed(last.refused);
  if (last && 'bug' in last) throw new Error(last.bug);
  throw new CommandFailed('The process that copies was killed before it was done.');
}

/** How much of each file is there, by its size. */
class Progress {
  plan: readonly PlannedFile[] = [];
  private saidAt = performance.now();

  constructor(private readonly terminal: Terminal) {}

  show(): void {
    const files = this.plan.map(({ name, bytes, copies }) => ({ name, bytes, done: Math.min(bytes, grown(copies)) }));
    if (this.terminal.isLive) {
      const rows = files.map(({ name, bytes, done }) => [
        `  ${name}`,
        bar(done, bytes),
        `${sizeText(done)} of ${sizeText(bytes)}`,
      ]);
      this.terminal.draw(columns(rows));
    } else if (performance.now() - this.saidAt >= SAY_EVERY_MS) {
      this.saidAt = performance.now();
      const [done, bytes] = [total(files.map((file) => file.done)), total(this.plan.map((file) => file.bytes))];
      this.terminal.tell(`  ${sizeText(done)} of about ${sizeText(bytes)}`);
    }
  }
}

function grown(copies: readonly string[]): number {
  const copy = copies.find((name) => existsSync(name));
  return (copy === undefined ? undefined : statSync(copy, { throwIfNoEntry: false }))?.size ?? 0;
}

const total = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);

/** A line for each file of a manifest. */
export function summaryOf({ files }: BackupManifest): string[] {
  return columns(
    files.map(({ name, bytes, schema, rows }) => [
      `  ${name}`,
      sizeText(bytes).padStart(10),
      schema === undefined ? '' : `schema ${schema}`,
      rows ? countText(total(Object.values(rows)), 'row') : '',
    ]),
  );
}

export const totalOf = ({ files }: BackupManifest): string =>
  `${countText(files.length, 'file')}, ${sizeText(total(files.map(({ bytes }) => bytes)))}`;
