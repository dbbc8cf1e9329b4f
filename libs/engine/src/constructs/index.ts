import type { Construct } from '../folding';
import type { PlanStep } from '../plan';
import { branches } from './branches';
import { loop } from './loop';
import { parallel } from './parallel';
import { tryStep } from './try';

const CONSTRUCTS: Readonly<Partial<Record<PlanStep['kind'], Construct>>> = { branches, parallel, loop, try: tryStep };

export function constructOf({ kind, id }: PlanStep): Construct {
  const construct = CONSTRUCTS[kind];
  if (!construct) throw new Error(`The step ${id} holds no bodies.`);
  return construct;
}
