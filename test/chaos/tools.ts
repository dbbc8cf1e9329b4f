import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { notOutlivingUs } from './leftovers';

/** Something of the machine that a fault needs; without it the run fails, it does not skip. */
export class ToolMissing extends Error {
  constructor(what: string) {
    super(`${what} This is needed to make the fault happen; nothing is skipped without it.`);
    this.name = 'ToolMissing';
  }
}

const LIBRARIES = ['/usr/lib', '/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/local/lib'];

function library(name: string, packages: string): string {
  const found = LIBRARIES.map((folder) => join(folder, name)).find(existsSync);
  if (found === undefined)
    throw new ToolMissing(
      `There is no ${name} on this machine. On Debian: apt-get install -y --no-install-recommends ${packages}.`,
    );
  return found;
}

function must(command: string, args: readonly string[], without: string): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new ToolMissing(`${without} (${command}: ${error?.message ?? stderr.trim()}).`);
}

/** A file system of its own in memory, so small that it can be filled; mounting takes root. */
export function smallDisk(megabytes: number): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'flow-disk-'));
  try {
    must('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'flow-chaos', path], 'A tmpfs cannot be mounted here');
  } catch (error) {
    rmSync(path, { recursive: true });
    throw error;
  }
  // What still has files open there ends with us.
  const isGone = notOutlivingUs(() => spawnSync('umount', ['-l', path]));
  return {
    path,
    remove: () => {
      isGone();
      // Whoever has just died may still hold it for a moment.
      must('umount', ['-l', path], 'A tmpfs cannot be unmounted');
      rmSync(path, { recursive: true });
    },
  };
}

/** libfiu under a process: its fsync and fdatasync fail from `fail` to `heal`. */
export function failingFsync(folder: string) {
  const prefix = join(folder, 'fiu');
  const command = (pid: number, text: string) =>
    must('fiu-ctrl', ['-f', prefix, '-c', text, String(pid)], 'fiu-ctrl does not reach the process');
  const names = ['posix/io/sync/fsync', 'posix/io/sync/fdatasync'];
  return {
    environment: {
      LD_PRELOAD: `${library('fiu/fiu_run_preload.so', 'fiu-utils')} ${library('fiu/fiu_posix_preload.so', 'fiu-utils')}`,
      FIU_CTRL_FIFO: prefix,
    },
    /** With EIO, always or by this chance. */
    fail: (pid: number, chance: number) => {
      for (const name of names) command(pid, `enable_random name=${name},failinfo=5,probability=${chance}`);
    },
    heal: (pid: number) => {
      for (const name of names) command(pid, `disable name=${name}`);
    },
  };
}

/** libfaketime under a process: its wall clock is what the file says, its monotonic clock is the machine's. */
export function fakeClock(file: string): Readonly<Record<string, string>> {
  return {
    LD_PRELOAD: library('faketime/libfaketime.so.1', 'libfaketime'),
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  };
}
