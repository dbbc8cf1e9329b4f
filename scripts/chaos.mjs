// `npm run chaos`: faults on real processes, and a checker beside them (test/chaos). `npm run chaos -- --help` tells the options.
import { spawn } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const runner = join(root, 'libs/adapters/sqlite/src/testing/run-ts.cjs');
const [first, ...others] = process.argv.slice(2);
// Several processes on servers; one that reads Kafka; or one on a data folder.
const mains = { across: 'test/across/main.ts', events: 'test/events/main.ts' };
const main = first in mains ? [mains[first], others] : ['test/chaos/main.ts', process.argv.slice(2)];
const child = spawn(process.execPath, [runner, join(root, main[0]), ...main[1]], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.once('exit', (code) => (process.exitCode = code ?? 1));
