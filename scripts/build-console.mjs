// Builds apps/console with Vite and compresses what it made. What was built of the same sources before is taken from .cache.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, extname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const SOURCES = [
  'apps/console',
  'libs/client/src',
  'package-lock.json',
  'tsconfig.json',
  'scripts/build-console.mjs',
].map((path) => join(root, path));
const KEPT = join(root, '.cache', 'console');
const KEPT_MS = 24 * 60 * 60 * 1_000;
/** What is text; pictures and fonts are compressed already. */
const COMPRESSED = new Set(['.css', '.js', '.json', '.svg']);
const BROTLI = {
  params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT },
};
const encodings = [
  ['.br', (bytes) => promisify(brotliCompress)(bytes, BROTLI)],
  ['.gz', (bytes) => promisify(gzip)(bytes, { level: 9 })],
];

async function filesIn(path) {
  if (!existsSync(path)) return [];
  if (!(await stat(path)).isDirectory()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** What tells one state of the sources from another. */
async function stateOf(sources) {
  const files = (await Promise.all(sources.map(filesIn))).flat().filter((file) => !/\.(md|spec\.tsx?)$/.test(file));
  const hash = createHash('sha256');
  for (const file of files.sort()) {
    const bytes = await readFile(file);
    hash.update(`${relative(root, file)}\n${bytes.length}\n`).update(bytes);
  }
  return hash.digest('hex').slice(0, 32);
}

async function compress(file) {
  const bytes = await readFile(file);
  for (const [ending, encode] of encodings) {
    const encoded = await encode(bytes);
    if (encoded.length < bytes.length) await writeFile(`${file}${ending}`, encoded);
  }
}

async function make(outDir) {
  const { build } = await import('vite');
  await build({
    configFile: join(root, 'apps', 'console', 'vite.config.ts'),
    logLevel: 'warn',
    build: { outDir, emptyOutDir: true },
  });
  const assets = (await filesIn(join(outDir, 'assets'))).filter((file) => COMPRESSED.has(extname(file)));
  await Promise.all(assets.map(compress));
}

async function forgetOthers(kept) {
  for (const name of await readdir(KEPT)) {
    const path = join(KEPT, name);
    const isOld = async () => (await stat(path)).mtimeMs < Date.now() - KEPT_MS;
    if (path !== kept && (await isOld().catch(() => false))) await rm(path, { recursive: true, force: true });
  }
}

/** Puts index.html and assets/ into a folder; says whether anything had to be built. */
export async function buildConsole(into) {
  const kept = join(KEPT, await stateOf(SOURCES));
  const isNew = !existsSync(kept);
  if (isNew) {
    await mkdir(KEPT, { recursive: true });
    const made = `${kept}.new-${process.pid}`;
    await make(made);
    // Another build was as fast.
    await rename(made, kept).catch(() => rm(made, { recursive: true }));
    await forgetOthers(kept);
  }
  await cp(kept, into, { recursive: true });
  return isNew;
}
