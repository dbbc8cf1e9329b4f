import { execFileSync } from 'node:child_process';
import base from './jest.config.mjs';

/** The specs that need a browser, and only they: Debian's Chromium, driven by playwright-core. CHROMIUM names another one. */
process.env.CHROMIUM ??= found('chromium') ?? found('chromium-browser') ?? found('google-chrome') ?? '';
if (process.env.CHROMIUM === '')
  throw new Error(
    'There is no Chromium: apt-get install -y --no-install-recommends chromium, or name one in CHROMIUM.',
  );

function found(name) {
  try {
    return execFileSync('which', [name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}

export default { ...base, testMatch: ['**/*.console.spec.ts'], maxWorkers: 1, testTimeout: 180_000 };
