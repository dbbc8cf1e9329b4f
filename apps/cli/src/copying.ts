import type { BackupManifest } from '@flow/adapters/embedded';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync, statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CommandFailed } from './command.errors';
import type { CopyAnswer, CopyJob } from './copy.job';
import type { Cli } from './installation';
import { bar, columns, countText, sizeText } from './layout';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const LOOK_EVERY_MS = 100;
const SAY_EVERY_MS = 2_000;

export type Copied = { readonly manifest: BackupManifest } | { readonly interruptedBy: NodeJS.Signals };

/**
 * Has another process do the job, and shows how far it is. A signal ends that process at once, whatever it was at; what is then
 * left is the caller's to clear. Throws CommandFailed with the reason when the job was refused.
 */
export async function copy(cli: Cli, job: CopyJob, progress: CopyProgress): Promise<Copied> {
  const child = fork(join(__dirname, 'copy.process.js'), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  let interruptedBy: NodeJS.Signals | undefined;
  const interrupt = (signal: NodeJS.Signals) => {
    interruptedBy ??= signal;
    child.kill('SIGKILL');
  };
  for (const signal of SIGNALS) process.on(signal, interrupt);
  const watch = setInterval(() => progress.show(cli), LOOK_EVERY_MS);
  try {
    const answer = await answerOf(child, job);
    cli.terminal.erase();
    if (answer && 'manifest' in answer) return answer;
    if (interruptedBy) return { interruptedBy };
    if (!answer) throw new CommandFailed('The copying process was killed before it was done.');
    if ('refused' in answer) throw new CommandFailed(answer.refused);
    throw new Error(answer.bug);
  } finally {
    clearInterval(watch);
    for (const signal of SIGNALS) process.off(signal, interrupt);
  }
}

/** Its last word, once it has ended; undefined when it was killed first. */
async function answerOf(child: ChildProcess, job: CopyJob): Promise<CopyAnswer | undefined> {
  let answer: CopyAnswer | undefined;
  child.on('message', (message) => (answer = message as CopyAnswer));
  child.on('error', () => undefined);
  const ended = Promise.all([once(child, 'exit'), once(child, 'disconnect')]);
  child.send(job, () => undefined);
  await ended;
  return answer;
}

/** How much of some files is there, by their sizes. */
export class CopyProgress {
  private readonly startedAt = performance.now();
  private saidAt = performance.now();

  /** `names` are tried one after the other; the first that exists counts. */
  constructor(
    private readonly files: readonly {
      readonly title: string;
      readonly bytes: number;
      readonly names: readonly string[];
    }[],
  ) {}

  show({ terminal }: Cli): void {
    const rows = this.files.map(({ title, bytes, names }) => {
      const done = Math.min(bytes, bytesOf(names.find((name) => existsSync(name))));
      return { done, cells: [`  ${title}`, bar(done, bytes), `${sizeText(done)} of ${sizeText(bytes)}`] };
    });
    if (terminal.isLive) {
      terminal.draw(columns(rows.map(({ cells }) => cells)));
      return;
    }
    const now = performance.now();
    if (now - this.saidAt < SAY_EVERY_MS) return;
    this.saidAt = now;
    const total = this.files.reduce((sum, { bytes }) => sum + bytes, 0);
    const done = rows.reduce((sum, row) => sum + row.done, 0);
    terminal.tell(`  ${sizeText(done)} of about ${sizeText(total)}`);
  }

  get tookMs(): number {
    return performance.now() - this.startedAt;
  }
}

export function bytesOf(file: string | undefined): number {
  return (file === undefined ? undefined : statSync(file, { throwIfNoEntry: false }))?.size ?? 0;
}

/** A line for each file of a manifest. */
export function summaryOf({ files }: BackupManifest): string[] {
  return columns(
    files.map(({ name, bytes, schema, rows }) => [
      `  ${name}`,
      sizeText(bytes).padStart(10),
      schema === undefined ? '' : `schema ${schema}`,
      rows
        ? countText(
            Object.values(rows).reduce((sum, count) => sum + count, 0),
            'row',
          )
        : '',
    ]),
  );
}

export const totalOf = ({ files }: BackupManifest): string =>
  `${countText(files.length, 'file')}, ${sizeText(files.reduce((sum, { bytes }) => sum + bytes, 0))}`;

/** @throws CommandFailed when a disk has less room than this. */
export function demandSpace(folder: string, bytes: number): void {
  let standing = folder;
  while (!existsSync(standing) && dirname(standing) !== standing) standing = dirname(standing);
  const { bavail, bsize } = statfsSync(standing);
  const free = bavail * bsize;
  if (free < bytes)
    throw new CommandFailed(`${sizeText(bytes)} are needed at ${folder}, and ${sizeText(free)} are free there.`);
}
