import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '@flow/kernel';
import { compileExpression, compileTemplate, type Scope } from '.';
import { FUNCTIONS } from './functions';
import {
  MAX_COST,
  MAX_DATA_DEPTH,
  MAX_EXPRESSION_DEPTH,
  MAX_EXPRESSION_LENGTH,
  MAX_NODES,
  MAX_PATTERN_LENGTH,
  MAX_PATTERN_SIZE,
  MAX_RESULT_SIZE,
  MAX_TEMPLATE_LENGTH,
} from './limits';

const page = readFileSync(join(__dirname, '../../../docs/expressions.md'), 'utf8');
const data = JSON.parse(/```json\n([\s\S]*?)```/.exec(page)?.[1] ?? 'null') as JsonObject;
const scope: Scope = {
  get: (name) => (Object.hasOwn(data, name) ? data[name] : undefined),
  step: (id) => data[`__${id}`],
};

interface Row {
  readonly written: string;
  readonly gives: string;
}

/** The rows of all tables whose first column has this head. */
function rowsOf(head: string): readonly Row[] {
  const tables = page.split(/\n\n+/).filter((block) => block.startsWith(`| ${head} |`));
  return tables.flatMap((table) =>
    table
      .split('\n')
      .slice(2)
      .map((line) => {
        const row = /^\| `(.+?)` \| (.+) \|$/.exec(line);
        if (!row) throw new Error(`Not a row: ${line}`);
        return { written: (row[1] ?? '').replaceAll('\\|', '|'), gives: row[2] ?? '' };
      }),
  );
}

function check(evaluate: () => unknown, gives: string): void {
  const code = /^error `(.+)`$/.exec(gives)?.[1];
  if (code !== undefined) expect(evaluate).toThrow(expect.objectContaining({ code }) as Error);
  else expect(evaluate()).toEqual(JSON.parse(gives.slice(1, -1)));
}

describe('docs/expressions.md', () => {
  it.each(rowsOf('Text'))('says that the text $written gives $gives', ({ written, gives }) => {
    check(() => compileTemplate(written).evaluate(scope), gives);
  });

  it.each(rowsOf('Expression'))('says that $written gives $gives', ({ written, gives }) => {
    check(() => compileExpression(written).evaluate(scope), gives);
    check(() => compileTemplate(`{{ ${written} }}`).evaluate(scope), gives);
  });

  it('shows every function', () => {
    const shown = rowsOf('Expression')
      .map(({ written }) => written)
      .join('\n');
    expect([...FUNCTIONS.keys()].filter((name) => !new RegExp(`\\b${name}\\(`).test(shown))).toEqual([]);
  });

  it('prints the limits that hold', () => {
    const limits = page.slice(page.indexOf('## Limits'), page.indexOf('## Differences'));
    for (const limit of [
      MAX_TEMPLATE_LENGTH,
      MAX_EXPRESSION_LENGTH,
      MAX_NODES,
      MAX_EXPRESSION_DEPTH,
      MAX_COST,
      MAX_RESULT_SIZE,
      MAX_DATA_DEPTH,
      MAX_PATTERN_LENGTH,
      MAX_PATTERN_SIZE,
    ])
      expect(limits).toContain(limit.toLocaleString('en-US'));
  });
});
