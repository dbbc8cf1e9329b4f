import { stringify } from 'yaml';
import { compare, type Comparison, type Under } from './compare';
import type { Definition } from './model';
import { shrink } from './shrink';

/** How many sequences of happenings are tried on each smaller definition. */
const TRIES = 30;

/** A small definition that shows a difference too, as YAML, with the happenings that show it. */
export function reportOf(dag: Definition, first: Comparison, under: Under = {}, budgetMs = 15_000): string {
  const kind = kindOf(first);
  const shown = (each: Definition, seeds = TRIES) =>
    filtered(comparisons(each, under, seeds), (found) => found.difference !== undefined && kindOf(found) === kind);
  const small = shrink(dag, (each) => !shown(each).next().done, budgetMs);
  let found = first;
  for (const each of shown(small, 10 * TRIES))
    if (found === first || each.happenings.length < found.happenings.length) found = each;
  const definition = found === first ? dag : small;
  const happenings = found.happenings.map((each, i) => `${i + 1}. ${JSON.stringify(each)}`);
  return [stringify(definition), 'What happened:', ...happenings, 'Then:', found.difference].join('\n');
}

function* filtered<T>(items: Iterable<T>, keep: (item: T) => boolean): Generator<T> {
  for (const item of items) if (keep(item)) yield item;
}

function* comparisons(dag: Definition, under: Under, seeds: number): Generator<Comparison> {
  for (let seed = 0; seed < seeds; seed += 1) yield compare(dag, seed, under);
}

/** Differences of one kind have one cause, mostly; a smaller definition must not show another one. */
export function kindOf({ difference = '' }: Comparison): string {
  const [, what = difference, field = ''] = /^([^:]+):(?: at "(?:[^"]*\/)?([^/"]*)")?/.exec(difference) ?? [];
  return `${what} ${field}`;
}
