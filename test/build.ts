import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const ROOT = resolve(__dirname, '..');
const BUILDS = join(ROOT, '.cache', 'builds');
const HOUR_MS = 60 * 60 * 1_000;

export type AppName = 'standalone' | 'public-api' | 'private-api' | 'worker';

const CONSOLE = join(ROOT, 'apps', 'console');

function newest(folder: string): number {
  return Math.max(
    0,
    ...readdirSync(folder, { withFileTypes: true }).map((entry) => {
      const path = join(folder, entry.name);
      if (!entry.isDirectory()) return /\.spec\.ts$/.test(entry.name) ? 0 : statSync(path).mtimeMs;
      return ['test', 'testing'].includes(entry.name) || path === CONSOLE ? 0 : newest(path);
    }),
  );
}

/**
 * The entry point of a build of the sources as they stand, made by the same script as dist/ but in a folder of its own: nobody replaces it
 * while processes of the tests run from it. Made once, whichever spec comes first, and without the console.
 */
export function builtMain(app: AppName = 'standalone'): string {
  const folder = join(BUILDS, String(Math.max(newest(join(ROOT, 'apps')), newest(join(ROOT, 'libs')))));
  if (!existsSync(folder)) {
    mkdirSync(BUILDS, { recursive: true });
    for (const old of readdirSync(BUILDS))
      if (statSync(join(BUILDS, old)).mtimeMs < Date.now() - HOUR_MS) rmSync(join(BUILDS, old), { recursive: true });
    const made = `${folder}.${process.pid}`;
    const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'scripts', 'build.mjs')], {
      env: { ...process.env, BUILD_OUT: made, BUILD_CONSOLE: 'off' },
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`The build failed:\n${stderr}`);
    try {
      renameSync(made, folder);
    } catch {
      // Another spec was faster.
      rmSync(made, { recursive: true });
    }
  }
  return join(folder, 'apps', app, 'src', 'main.js');
}
