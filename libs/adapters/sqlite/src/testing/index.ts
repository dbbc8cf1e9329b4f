import { spawn, spawnSync, type ChildProcessByStdio, type SpawnSyncReturns } from 'node:child_process';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

const RUNNER = join(__dirname, 'run-ts.cjs');

/** Runs a TypeScript file as a process of its own, to its end. */
export function runScript(file: string, args: readonly string[], failpoint = ''): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [RUNNER, file, ...args], {
    env: { ...process.env, FAILPOINT: failpoint },
    encoding: 'utf8',
  });
}

/** Starts a TypeScript file as a process of its own. */
export function startScript(file: string, args: readonly string[]): ChildProcessByStdio<Writable, Readable, null> {
  return spawn(process.execPath, [RUNNER, file, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
}
