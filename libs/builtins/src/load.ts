import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Operator } from '@flow/operators';
import type { Builtin, BuiltinDeps } from './define';

const FOLDER = join(__dirname, 'operators');

/**
 * Every operator that ships: each file of the folder operators/ exports one as `operator`, sorted by file name. Called
 * once at start; what an operator needs only when it runs is loaded then.
 */
export function loadBuiltins(deps: BuiltinDeps): readonly Operator[] {
  const load = createRequire(__filename);
  return readdirSync(FOLDER)
    .filter((file) => /\.(js|ts)$/.test(file) && !/\.(spec|d)\.(js|ts)$/.test(file))
    .sort()
    .map((file) => {
      const { operator } = load(join(FOLDER, file)) as { operator?: Builtin };
      if (!operator) throw new Error(`${file} under operators/ exports no "operator".`);
      return typeof operator === 'function' ? operator(deps) : operator;
    });
}
