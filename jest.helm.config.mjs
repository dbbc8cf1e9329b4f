import { execFileSync } from 'node:child_process';
import base from './jest.config.mjs';

/** The specs that need Helm, and only they; it is built here when it is not there. */
process.env.HELM_TOOLS ??= execFileSync('scripts/helm-tools.sh', {
  cwd: new URL('.', import.meta.url),
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
}).trim();

export default { ...base, testMatch: ['**/*.helm.spec.ts'] };
