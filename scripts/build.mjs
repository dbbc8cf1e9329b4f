// Compiles apps/ and libs/ to dist/ with swc, and builds the console beside them: types are checked by `npm run types`, not here.
// BUILD_CONSOLE=off leaves the console out.
import { transformFile } from '@swc/core';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildConsole } from './build-console.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
/** dist/, or where tests want a build of their own that nobody replaces under them. */
const dist = process.env.BUILD_OUT ?? join(root, 'dist');
/** It is made beside its place and takes it in one step, so that nobody meets half a build. */
const out = `${dist}.new-${process.pid}`;
/** What runs in browsers; swc makes nothing of it. */
const CONSOLE = join(root, 'apps', 'console');
const options = JSON.parse(await readFile(join(root, '.swcrc'), 'utf8'));

/** `@flow/x` as a path relative to the file that asks for it, so that dist/ runs with plain Node. */
function withRelativeImports(code, file) {
  return code.replace(/require\("@flow\/(testing\/)?([\w/-]+)"\)/g, (_whole, testing, lib) => {
    const target = join(out, 'libs', lib, 'src', testing ? 'testing' : 'index.js');
    const path = relative(dirname(file), target);
    return `require("${path.startsWith('.') ? path : `./${path}`}")`;
  });
}

async function* sources(folder) {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (path === CONSOLE) continue;
    if (entry.isDirectory()) {
      if (entry.name !== 'testing' && entry.name !== 'test' && entry.name !== 'node_modules') yield* sources(path);
    } else if (!/\.spec\.ts$/.test(entry.name)) yield path;
  }
}

const startedAt = performance.now();
let count = 0;
for (const folder of ['libs', 'apps']) {
  if (!existsSync(join(root, folder))) continue;
  for await (const source of sources(join(root, folder))) {
    const target = join(out, relative(root, source));
    await mkdir(dirname(target), { recursive: true });
    if (!source.endsWith('.ts')) {
      if (!source.endsWith('.md')) await copyFile(source, target);
      continue;
    }
    const file = target.replace(/\.ts$/, '.js');
    const { code, map } = await transformFile(source, { ...options, swcrc: false, configFile: false });
    await writeFile(file, `${withRelativeImports(code, file)}\n//# sourceMappingURL=${file.split('/').pop()}.map\n`);
    if (map) await writeFile(`${file}.map`, map);
    count += 1;
  }
}
const withConsole = process.env.BUILD_CONSOLE !== 'off' && existsSync(CONSOLE);
const isNew = withConsole && (await buildConsole(join(out, 'apps', 'console')));
const { name, version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
await writeFile(join(out, 'package.json'), `${JSON.stringify({ name, version, type: 'commonjs' })}\n`);
const old = `${out}.old`;
if (existsSync(dist)) await rename(dist, old);
await rename(out, dist);
await rm(old, { recursive: true, force: true });
const told = withConsole ? ` and the console${isNew ? '' : ' (as it was built before)'}` : '';
console.log(`Built ${count} files${told} in ${Math.round(performance.now() - startedAt)} ms.`);
