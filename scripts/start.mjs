// `npm start`: installs what the lock file names when that is not there yet, builds when a source is newer than the build, and starts the service in this process.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const OLDEST_NODE = [20, 19];
const BUILT = join(root, 'dist', 'package.json');

export function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  console.error(`Flow Automation needs Node ${OLDEST_NODE.join('.')} or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

function run(title, command, args) {
  process.stderr.write(`${title} ...\n`);
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (status !== 0) {
    console.error(`${title} failed (${command} ${args.join(' ')}).`);
    process.exit(status ?? 1);
  }
}

const packagesOf = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;

/** Whether what npm noted down at the last install, whoever asked for it, is what the lock file names. */
function isInstalled() {
  const noted = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(noted)) return false;
  const installed = packagesOf(noted);
  const withoutTools = !('node_modules/@swc/core' in installed);
  if (withoutTools && !existsSync(BUILT)) return false;
  return Object.entries(packagesOf(join(root, 'package-lock.json'))).every(
    ([path, { version, optional, devOptional, dev }]) =>
      path === '' || optional || devOptional || (dev && withoutTools) || installed[path]?.version === version,
  );
}

/** Installs from the lock file when something that it names is not there. */
export function installWhenNeeded() {
  if (!isInstalled()) run('Installing packages from the lock file', 'npm', ['ci', '--no-audit', '--no-fund']);
}

function newestSource(folder) {
  let newest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    newest = Math.max(newest, entry.isDirectory() ? newestSource(path) : statSync(path).mtimeMs);
  }
  return newest;
}

/** Builds unless the build is newer than every source. */
export function buildWhenNeeded() {
  const folders = [join(root, 'apps'), join(root, 'libs')].filter((folder) => existsSync(folder));
  // The console is bundled with packages that the lock file names.
  const newest = () => Math.max(statSync(join(root, 'package-lock.json')).mtimeMs, ...folders.map(newestSource));
  if (existsSync(BUILT) && (folders.length === 0 || statSync(BUILT).mtimeMs > newest())) return;
  run('Building', process.execPath, [join(root, 'scripts', 'build.mjs')]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  checkNode();
  installWhenNeeded();
  buildWhenNeeded();
  process.chdir(root);
  performance.mark('start');
  await import(pathToFileURL(join(root, 'dist', 'apps', 'standalone', 'src', 'main.js')).href);
}
