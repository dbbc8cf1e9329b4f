import { DagLimits, checkDag } from '@flow/dags';
import { OperatorCatalogue, type Step } from '@flow/operators';
import { theBuiltins } from '@flow/testing/builtins';
import { testOperators } from '@flow/testing/engine';
import { compare } from './compare';
import { aDefinition, sizeOf } from './dag-generator';
import { LargeSide } from './large-side';
import type { Definition } from './model';
import { pairOf, possiblePairs } from './pairs';
import { reportOf } from './report';

/** `MODEL_DAGS=100000 MODEL_SEED=7 npx jest test/model/random-dags` runs more, and others. */
const DAGS = Number(process.env.MODEL_DAGS ?? 5_000);
const SEED = Number(process.env.MODEL_SEED ?? 1);

const byKind = new Map<string, number>();
const byPair = new Map<string, number>();

function count(into: Map<string, number>, key: string): void {
  into.set(key, (into.get(key) ?? 0) + 1);
}

describe('the engine and the model of docs/flow-language.md', () => {
  it(
    `agree on ${DAGS} random definitions from seed ${SEED}: on every call, wait, abort, task and end`,
    () => {
      for (let seed = SEED; seed < SEED + DAGS; seed += 1) {
        const dag = aDefinition(seed, sizeOf(seed));
        const comparison = compare(dag, seed);
        if (comparison.difference !== undefined)
          throw new Error(`They differ at MODEL_SEED=${seed} MODEL_DAGS=1.\n${reportOf(dag, comparison)}`);
        for (const { type } of comparison.happenings) count(byKind, type);
        for (const task of comparison.model.tasks) count(byPair, pairOf(task) ?? 'trigger');
        count(byKind, `end ${comparison.model.outcome?.status ?? ''}`);
      }
    },
    30_000 + DAGS * 50,
  );

  it('met every construct within every other', () => {
    const missing = possiblePairs().filter((pair) => !byPair.has(pair));
    print();
    if (DAGS >= 2_000) expect(missing).toEqual([]);
  });

  it('agree when the order of the text is written down as dependsOn', () => {
    for (let seed = SEED; seed < SEED + 100; seed += 1) {
      const dag = aDefinition(seed, { ...sizeOf(seed), concurrency: false });
      const { difference } = compare(dag, seed, { definition: inWords });
      expect(difference).toBeUndefined();
    }
  });

  it('agree when all that comes in is too large to be held, one thing after another', () => {
    let evaluations = 0;
    for (let seed = SEED; seed < SEED + DAGS / 2; seed += 1) {
      const dag = aDefinition(seed, { ...sizeOf(seed), concurrency: false });
      const large = new LargeSide();
      const comparison = compare(dag, seed, { large });
      if (comparison.difference !== undefined)
        throw new Error(`They differ at MODEL_SEED=${seed} MODEL_DAGS=1.\n${reportOf(dag, comparison)}`);
      evaluations += large.evaluations;
    }
    process.stdout.write(`\n${evaluations} expressions looked into large values\n`);
    expect(evaluations).toBeGreaterThan(DAGS / 20);
  });
});

describe('the generator', () => {
  it('makes definitions that hold the rules of saving', () => {
    const real = theBuiltins();
    const known = new Set(real.map(({ id }) => id));
    const catalogue = new OperatorCatalogue([...real, ...testOperators().filter(({ id }) => !known.has(id))]);
    for (let seed = SEED; seed < SEED + 150; seed += 1) {
      const { vars = {}, ...dag } = aDefinition(seed, sizeOf(seed));
      const declared = Object.fromEntries(Object.entries(vars).map(([name, each]) => [name, { type: 'any', ...each }]));
      const sent = { title: 'Random', ...dag, vars: declared };
      expect(checkDag(sent, { catalogue, limits: new DagLimits() }).faults).toEqual([]);
    }
  });

  it('gives the same definition for the same seed', () => {
    expect(aDefinition(SEED, sizeOf(SEED))).toEqual(aDefinition(SEED, sizeOf(SEED)));
  });
});

/** The default, said: each step needs the one before it. */
function inWords(dag: Definition): Definition {
  const body = (steps: readonly Step[]): Step[] =>
    steps.map((step, i) => ({
      ...step,
      ...(i > 0 && { dependsOn: [steps[i - 1]!.id] }),
      ...(step.steps && { steps: body(step.steps) }),
      ...(step.catch && { catch: body(step.catch) }),
      ...(step.finally && { finally: body(step.finally) }),
      ...(step.branches && { branches: step.branches.map((each) => ({ ...each, steps: body(each.steps) })) }),
      ...(typeof step.onError === 'object' && { onError: { steps: body(step.onError.steps) } }),
    }));
  return { ...dag, steps: body(dag.steps) };
}

function print(): void {
  const line = (counts: Map<string, number>) =>
    [...counts]
      .sort()
      .map(([key, n]) => `${key} ${n}`)
      .join(' · ');
  const tasks = [...byPair.values()].reduce((sum, n) => sum + n, 0);
  process.stdout.write(
    `\n${DAGS} definitions from seed ${SEED}, ${tasks} tasks\n${line(byKind)}\n` +
      `pairs (outer > inner, tasks begun): ${line(byPair)}\n\n`,
  );
}
