import { VIOLATIONS } from '../checker';
import type { Findings } from './house';
import { SCENARIOS, type Scenario } from './plan';

const HEAD = ['fault', 'struck', 'hit work', 'runs', ...VIOLATIONS];

/** A table for people, aligned, and Markdown all the same. */
export function tableOf(findings: ReadonlyMap<Scenario, Findings>): string {
  const rows = [...findings].map(([scenario, { faults, hits, runs, violations }]) => [
    SCENARIOS[scenario],
    String(faults),
    String(hits),
    String(runs),
    ...VIOLATIONS.map((kind) => String(violations.filter((one) => one.kind === kind).length)),
  ]);
  const widths = HEAD.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(' | ')} |`;
  const rule = `| ${widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(HEAD), rule, ...rows.map(line)].join('\n');
}

/** By which promises a broken build was found out. */
export function caughtBy({ violations }: Findings): string {
  const kinds = VIOLATIONS.filter((kind) => violations.some((one) => one.kind === kind));
  return kinds.length === 0 ? 'NOT CAUGHT' : kinds.join(', ');
}
