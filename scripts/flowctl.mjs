#!/usr/bin/env node
// `npx flowctl`: installs and builds like `npm start` when that is needed, then runs the command in the folder where it was called.
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildWhenNeeded, checkNode, installWhenNeeded } from './start.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

checkNode();
installWhenNeeded();
buildWhenNeeded();
await import(pathToFileURL(join(root, 'dist', 'apps', 'cli', 'src', 'main.js')).href);
