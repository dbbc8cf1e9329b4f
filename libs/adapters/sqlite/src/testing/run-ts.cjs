// Runs a TypeScript file in a process of its own, for tests that need a real second one: `node run-ts.cjs <file.ts> [arguments]`.
// What it compiles is kept in .cache, so that the second process starts at once.
const { createHash } = require('node:crypto');
const { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const Module = require('node:module');
const { join, resolve } = require('node:path');

const root = resolve(__dirname, '../../../../..');
const cache = join(root, '.cache', 'run-ts');
const options = JSON.parse(readFileSync(join(root, '.swcrc'), 'utf8'));
delete options.$schema;
const VERSION = createHash('sha1').update(readFileSync(__filename)).digest('hex');
mkdirSync(cache, { recursive: true });

require.extensions['.ts'] = (module, file) => {
  const source = readFileSync(file, 'utf8');
  const kept = join(cache, `${createHash('sha1').update(VERSION).update(file).update(source).digest('hex')}.js`);
  if (!existsSync(kept)) {
    // Each import is loaded when it is first used: a front door then costs what is taken through it.
    const lazy = Array.from(source.matchAll(/from '([^']+)'/g), ([, path]) => path);
    const { code } = require('@swc/core').transformSync(source, {
      ...options,
      module: { ...options.module, lazy },
      swcrc: false,
      filename: file,
      sourceMaps: 'inline',
    });
    writeFileSync(`${kept}.${process.pid}`, code);
    renameSync(`${kept}.${process.pid}`, kept);
  }
  module._compile(readFileSync(kept, 'utf8'), file);
};

const plain = Module._resolveFilename;
Module._resolveFilename = function (request, ...rest) {
  const own = /^@flow\/(testing\/)?(.+)$/.exec(request);
  const path = own ? join(root, 'libs', own[2], 'src', own[1] ? 'testing' : 'index.ts') : request;
  return plain.call(this, path, ...rest);
};

const [script, ...args] = process.argv.slice(2);
process.argv = [process.argv[0], resolve(script), ...args];
require(resolve(script));
