import type { Json, JsonObject } from '@flow/kernel';
import type { Branch, Step } from '@flow/operators';
import { Chance } from './chance';
import type { Definition } from './model';

export interface Size {
  readonly steps: number;
  readonly depth: number;
  /** False: one thing after another, no parallel, no graph, no loop with iterations side by side. */
  readonly concurrency: boolean;
}

/** Mostly small ones, which say most when they fail; some large, some without anything side by side. */
export function sizeOf(seed: number): Size {
  const concurrency = seed % 8 !== 7;
  if (seed % 20 === 0) return { steps: 45, depth: 6, concurrency };
  return seed % 4 === 1 ? { steps: 6, depth: 4, concurrency } : { steps: 15, depth: 5, concurrency };
}

export const KINDS = [
  'action',
  'assign',
  'branches',
  'parallel',
  'loop',
  'try',
  'wait',
  'callback',
  'approval',
  'workflow',
  'dataflow',
  'return',
  'break',
  'continue',
] as const;
export type Kind = (typeof KINDS)[number];

const WEIGHTS: Readonly<Record<Kind, number>> = {
  action: 9,
  assign: 2,
  branches: 2.5,
  parallel: 3,
  loop: 3,
  try: 4,
  wait: 1.2,
  callback: 1.2,
  approval: 1.2,
  workflow: 1.2,
  dataflow: 1,
  return: 0.6,
  break: 2,
  continue: 2,
};

/** What may stand at a place, and what can be read there. */
interface Context {
  readonly depth: number;
  readonly inLoop: boolean;
  /** In `finally` and `undo` nothing leaves. */
  readonly mayLeave: boolean;
  /** What undoes a step is not undone itself. */
  readonly inUndo: boolean;
  /** Variables that nothing beside this place assigns. */
  readonly vars: readonly string[];
  readonly names: readonly string[];
}

/** Makes definitions that hold the rules of saving, the same one for the same seed. */
export function aDefinition(seed: number, size: Size): Definition {
  return new Generator(new Chance(seed), size).definition();
}

class Generator {
  private made = 0;

  constructor(
    private readonly chance: Chance,
    private readonly size: Size,
  ) {}

  definition(): Definition {
    const vars = ['a', 'b', 'c'];
    const names = ['trigger.n', '__0.n', ...vars.map((name) => `vars.${name}`)];
    const context = { depth: 1, inLoop: false, mayLeave: true, inUndo: false, vars, names };
    const trigger: Step = { id: '0', operator: '@trigger/manual' };
    const { steps, names: read } = this.body(context, this.chance.int(2, 6), trigger);
    const defaults = Object.fromEntries(vars.map((name) => [name, { default: this.chance.int(0, 3) }]));
    const outputs = { first: this.value(read), second: `{{${this.chance.pick(read)}}}` };
    return { steps, vars: defaults, ...(this.chance.is(0.5) && { outputs }) };
  }

  private get mayMake(): boolean {
    return this.made < this.size.steps;
  }

  private body(context: Context, count: number, first?: Step): { steps: Step[]; names: readonly string[] } {
    const graph = this.size.concurrency && count > 1 && this.chance.is(0.25);
    const steps: Step[] = first ? [first] : [];
    const known: { id: string; names: readonly string[]; needs: readonly string[] }[] = [];
    /** One of the steps side by side may assign. */
    const writer = this.chance.int(0, count - 1);
    for (let i = 0; i < count && (this.mayMake || i === 0); i += 1) {
      const needs = graph
        ? known.filter(() => this.chance.is(0.4)).map(({ id }) => id)
        : known.slice(-1).map((k) => k.id);
      const before = known.filter(({ id }) => !graph || reaches(known, needs, id)).flatMap((each) => each.names);
      const vars = !graph || i === writer ? context.vars : [];
      const { step, names } = this.step({ ...context, vars, names: [...context.names, ...before] });
      known.push({ id: step.id, names, needs });
      const dependsOn = first && this.chance.is(0.7) && needs.length === 0 ? ['0', ...needs] : needs;
      steps.push(graph ? { ...step, dependsOn } : step);
    }
    return { steps, names: [...context.names, ...known.flatMap((each) => each.names)] };
  }

  private inner(context: Context, change: Partial<Context> = {}) {
    return this.body({ ...context, depth: context.depth + 1, ...change }, this.chance.int(1, 3));
  }

  private step(context: Context): { step: Step; names: readonly string[] } {
    this.made += 1;
    const id = `s${this.made}`;
    const kind = this.kind(context);
    const { step, names } = this.ofKind(kind, id, context);
    const full: Step = { ...step, ...this.around(kind, context) };
    const inOnError = typeof full.onError === 'object' ? [`__${id}.error.code`] : [];
    return { step: full, names: [...names, ...(full.onError === 'continue' ? [`__${id}.error.code`] : inOnError)] };
  }

  private kind({ depth, inLoop, mayLeave, vars }: Context): Kind {
    const nests = depth < this.size.depth && this.mayMake;
    const fits: Partial<Record<Kind, boolean>> = {
      branches: nests,
      parallel: nests && this.size.concurrency,
      loop: nests,
      try: nests,
      return: mayLeave,
      break: mayLeave && inLoop,
      continue: mayLeave && inLoop,
      assign: vars.length > 0,
    };
    const kinds = KINDS.filter((kind) => fits[kind] !== false);
    const weights: Partial<Record<Kind, number>> = Object.fromEntries(kinds.map((kind) => [kind, WEIGHTS[kind]]));
    return this.chance.weighted(weights);
  }

  /** `when`, `onError` and `undo`. */
  private around(kind: Kind, context: Context): Partial<Step> {
    const { chance } = this;
    const leaves = kind === 'return' || kind === 'break' || kind === 'continue';
    const onError = chance.is(0.5)
      ? ('continue' as const)
      : () => ({ steps: this.inner(context, { names: [...context.names, 'error.code', 'error.path'] }).steps });
    const nests = context.depth < this.size.depth;
    const takes = chance.is(0.22) && (onError === 'continue' || nests);
    const undoes = !leaves && !context.inUndo && chance.is(0.25) && nests;
    return {
      ...(chance.is(leaves ? 0.5 : 0.1) && { when: this.condition(context.names) }),
      ...(takes && { onError: onError === 'continue' ? onError : onError() }),
      ...(undoes && { undo: this.undo(context) }),
    };
  }

  private undo(context: Context): Step {
    const names = context.names.filter((name) => !name.startsWith('error.'));
    const read = [...names, 'completed.parameters.v', 'completed.output.v'];
    const change = { depth: context.depth + 1, mayLeave: false, inLoop: false, inUndo: true, names: read };
    const { onError: _, ...step } = this.step({ ...context, ...change }).step;
    return step;
  }

  private ofKind(kind: Kind, id: string, context: Context): { step: Step; names: readonly string[] } {
    const { chance } = this;
    const { names } = context;
    const simple = (
      operator: string,
      parameters: JsonObject,
      reads: readonly string[] = [],
      more: Partial<Step> = {},
    ) => ({
      step: { id, operator, parameters, ...more },
      names: reads.map((read) => `__${id}.${read}`),
    });
    switch (kind) {
      case 'action': {
        const retry = { max: chance.int(1, 2), delay: 1, backoff: 'fixed' as const, jitter: false };
        const more = chance.is(0.3) ? { settings: { retry } } : {};
        const parameters = { v: this.value(names), w: chance.is(0.5) ? `{{${chance.pick(names)}}}` : 'text' };
        return simple(`@test/${chance.pick(['pure', 'read', 'write'])}`, parameters, ['v', 'v'], more);
      }
      case 'assign':
        return simple('@internal/assign', {
          target: `{{vars.${chance.pick(context.vars)}}}`,
          value: this.value(names),
        });
      case 'return':
        return simple('@internal/return', { v: this.value(names), ...(chance.is(0.4) && { result: 'failed' }) });
      case 'break':
      case 'continue':
        return simple(`@control/flow/${kind}`, {});
      case 'wait':
        return simple('@control/wait', this.waitParameters(), ['until']);
      case 'callback':
        return simple('@control/callback', chance.is(0.4) ? { heartbeat: 'PT20S' } : {}, ['body.v', 'receivedAt']);
      case 'approval': {
        const assignees = ['ann', 'bob', 'cyd'].slice(0, chance.int(1, 3));
        const parameters = {
          assignees,
          ...(chance.is(0.5) && { quorum: chance.int(1, assignees.length) }),
          ...(chance.is(0.3) && { onReject: 'continue' }),
          ...(chance.is(0.3) && { onExpiry: 'continue' }),
          ...(chance.is(0.3) && { expiresIn: 'PT1H' }),
        };
        return simple('@control/approval', parameters, ['decision']);
      }
      case 'workflow': {
        const parameters = { dagId: 'child', data: { v: this.value(names) }, ...(chance.is(0.25) && { wait: false }) };
        return simple('@subflow/call/workflow', parameters, [parameters.wait === false ? 'id' : 'v']);
      }
      case 'dataflow': {
        const data = Array.from({ length: chance.int(0, 3) }, () => ({ v: this.value(names) }));
        return simple('@subflow/call/dataflow', { dagId: 'child', data }, ['succeeded', 'items']);
      }
      case 'branches':
      case 'parallel':
        return this.branches(kind, id, context);
      case 'loop':
        return this.loop(id, context);
      case 'try':
        return this.try(id, context);
    }
  }

  private waitParameters(): JsonObject {
    const { chance } = this;
    if (chance.is(0.08)) return { duration: '{{"soon"}}' };
    if (chance.is(0.15)) return { until: '1969-12-31T00:00:00Z' };
    return { duration: chance.pick(['PT1S', 'PT5S', 'PT1M', 'PT0S']) };
  }

  private branches(kind: 'branches' | 'parallel', id: string, context: Context) {
    const { chance } = this;
    const count = chance.int(1, 3);
    const owner = chance.int(0, count - 1);
    const reads: string[] = [];
    const withDefault = kind === 'branches' && chance.is(0.3);
    const branches = Array.from({ length: count }, (_, i): Branch => {
      // Branches side by side assign nothing in common.
      const vars = kind === 'branches' || i === owner ? context.vars : [];
      const { steps, names } = this.inner(context, { vars });
      reads.push(...names.slice(context.names.length));
      const isDefault = withDefault && i === count - 1;
      const holds = isDefault ? { default: true } : chance.is(0.5) ? {} : this.holds(context.names);
      return { id: `${id}${'xyz'[i]!}`, ...holds, steps };
    });
    const join = chance.pick<Json>(['all', 'any', { n: chance.int(1, count) }]);
    const parameters: JsonObject =
      kind === 'branches'
        ? { ...(chance.is(0.4) && { exclusive: true }) }
        : { ...(chance.is(0.8) && { join }), ...(chance.is(0.4) && { failFast: true }) };
    const own = `__${id}.${kind === 'branches' ? 'branches' : 'winners'}`;
    return { step: { id, operator: `@control/flow/${kind}`, parameters, branches }, names: [own, ...reads] };
  }

  private holds(names: readonly string[]): Partial<Branch> {
    const { chance } = this;
    if (chance.is(0.6)) return { expression: this.condition(names) };
    const condition = () => ({
      operator: `@internal/cmp/${chance.pick(['number-gt', 'number-eq', 'string-eq'])}`,
      parameters: { a: `{{${chance.pick(names)}}}`, b: chance.pick<Json>([0, 1, 2, 'text']) },
    });
    return {
      conditions: Array.from({ length: chance.int(1, 2) }, () => Array.from({ length: chance.int(1, 2) }, condition)),
    };
  }

  private loop(id: string, context: Context) {
    const { chance } = this;
    const mode = chance.pick(['limit', 'array', 'while'] as const);
    const concurrency = this.size.concurrency && mode !== 'while' && chance.is(0.6) ? chance.int(2, 3) : 1;
    const { steps, names } = this.inner(context, {
      inLoop: context.mayLeave,
      vars: concurrency > 1 ? [] : context.vars,
      names: [...context.names, `__${id}.index`, ...(mode === 'array' ? [`__${id}.value`] : [])],
    });
    const inner = names.slice(context.names.length + (mode === 'array' ? 2 : 1));
    const failures = chance.pick<Json>(['stop', 'continue', { maxPercent: chance.pick([0, 40, 60, 100]) }]);
    const outputs = [{ key: 'k', value: this.value([...inner, `__${id}.index`]) }];
    const readsOfAll = [...context.names, ...inner];
    const most = mode === 'while' || chance.is(0.15) ? chance.int(1, 3) : undefined;
    const parameters: JsonObject = {
      mode,
      ...(mode === 'limit' && { limit: this.limit(context.names, most) }),
      ...(mode === 'array' && { array: this.array(most) }),
      ...(mode === 'while' && { while: chance.is(0.2) ? 'true' : this.condition(readsOfAll) }),
      ...(most !== undefined && { maxIterations: most }),
      ...(concurrency > 1 && { concurrency }),
      ...(chance.is(0.6) && { failures }),
      ...(chance.is(0.6) && { outputs }),
    };
    const own = [`__${id}.iterations`, `__${id}.failed`, `__${id}.outputs.k`];
    return { step: { id, operator: '@control/flow/loop', parameters, steps }, names: [...own, ...inner] };
  }

  /** What is too much, or none, is written as an expression: literals are checked at save. */
  private limit(names: readonly string[], most = 3): Json {
    const { chance } = this;
    if (chance.is(0.05)) return '{{0 - 1}}';
    if (chance.is(0.2)) return `{{${chance.pick(names)}}}`;
    return chance.is(0.1) ? `{{${chance.int(0, 4)}}}` : chance.int(0, most);
  }

  private array(most = 3): Json {
    const { chance } = this;
    if (chance.is(0.05)) return '{{trigger.n}}';
    if (chance.is(0.15)) return '{{trigger.list}}';
    const list = Array.from({ length: chance.int(0, chance.is(0.1) ? 4 : most) }, (_, i) => i * 2);
    return list.length > most || chance.is(0.1) ? `{{${JSON.stringify(list)}}}` : list;
  }

  private try(id: string, context: Context) {
    const { chance } = this;
    const steps = this.inner(context);
    const own = steps.names.slice(context.names.length);
    const inCatch = { names: [...context.names, ...own, 'error.code', 'error.stepId'] };
    const caught = chance.is(0.65) ? this.inner(context, inCatch) : undefined;
    const inFinally = { mayLeave: false, inLoop: false, names: [...context.names, ...own] };
    const last = !caught || chance.is(0.5) ? this.inner(context, inFinally) : undefined;
    const step: Step = {
      id,
      operator: '@control/flow/try',
      steps: steps.steps,
      ...(caught && { catch: caught.steps }),
      ...(last && { finally: last.steps }),
    };
    return { step, names: [`__${id}.caught`, `__${id}.error.code`, ...own] };
  }

  private value(names: readonly string[]): Json {
    const { chance } = this;
    if (chance.is(0.02)) return '{{1 - "a"}}';
    if (chance.is(0.5)) return `{{${chance.pick(names)}}}`;
    return chance.int(0, 3);
  }

  private condition(names: readonly string[]): string {
    const { chance } = this;
    const name = chance.pick(names);
    if (chance.is(0.04)) return '1 - "a" == 0';
    return chance.pick([
      `${name} == ${chance.int(0, 3)}`,
      `${name} != ${chance.int(0, 3)}`,
      'true',
      'false',
      `${name} == null`,
    ]);
  }
}

/** Whether a step is among what these need, directly or further up. */
function reaches(
  known: readonly { id: string; needs: readonly string[] }[],
  needs: readonly string[],
  id: string,
): boolean {
  return needs.some((need) => need === id || reaches(known, known.find((each) => each.id === need)?.needs ?? [], id));
}
