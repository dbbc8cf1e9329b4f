import { contentsOf, type Json } from '@flow/kernel';
import { ExpressionFailed, type Compiled, type Scope } from '@flow/expressions';
import type { PlanBranch } from './plan';

/** The branches that run, in their order: those that hold (when exclusive the first, and none is read after it), else the default one. */
export function chooseBranches(branches: readonly PlanBranch[], exclusive: boolean, scope: Scope): number[] {
  const chosen: number[] = [];
  branches.forEach((branch, i) => {
    if (branch.isDefault || (exclusive && chosen.length > 0)) return;
    if (holds(branch, scope)) chosen.push(i);
  });
  return chosen.length > 0 ? chosen : branches.flatMap(({ isDefault }, i) => (isDefault ? [i] : []));
}

function holds({ holds: rule }: PlanBranch, scope: Scope): boolean {
  if (rule === undefined) return true;
  if ('evaluate' in rule) return isTrue(rule, scope);
  const any = rule.some((all) => all.every(({ compare, a, b }) => compare(side(a, scope), side(b, scope))));
  return rule.length === 0 || any;
}

function side(compiled: Compiled, scope: Scope): Json {
  return contentsOf(compiled.evaluate(scope));
}

/** null counts as false, as everywhere in expressions; any other value that is no boolean is the author's mistake. */
export function isTrue(condition: Compiled | undefined, scope: Scope): boolean {
  const value = condition?.evaluate(scope) ?? null;
  if (typeof value === 'boolean' || value === null) return value === true;
  throw new ExpressionFailed('A condition gives true or false; this one gave something else');
}
