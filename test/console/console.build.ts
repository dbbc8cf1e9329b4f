import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../build';

const BUILDS = join(ROOT, '.cache', 'builds');

function newest(folder: string): number {
  return Math.max(
    0,
    ...readdirSync(folder, { withFileTypes: true }).map((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return ['test', 'testing'].includes(entry.name) ? 0 : newest(path);
      return /\.spec\.ts$/.test(entry.name) ? 0 : statSync(path).mtimeMs;
    }),
  );
}

/** The entry point of the service in a build of the sources as they stand, with the console beside it. */
export function builtWithConsole(): string {
  const made = Math.max(newest(join(ROOT, 'apps')), newest(join(ROOT, 'libs')));
  const folder = join(BUILDS, `${made}.console`);
  if (!existsSync(folder)) {
    mkdirSync(BUILDS, { recursive: true });
    for (const old of readdirSync(BUILDS)) if (old.endsWith('.console')) rmSync(join(BUILDS, old), { recursive: true });
    const fresh = `${folder}.${process.pid}`;
    const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'scripts', 'build.mjs')], {
      env: { ...process.env, BUILD_OUT: fresh },
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`The build failed:\n${stderr}`);
    renameSync(fresh, folder);
  }
  return join(folder, 'apps', 'standalone', 'src', 'main.js');
}
