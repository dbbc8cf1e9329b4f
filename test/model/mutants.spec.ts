import { advance } from '@flow/engine';
import { isJsonObject } from '@flow/kernel';
import type { Step } from '@flow/operators';
import { compare, type Under } from './compare';
import { aDefinition, sizeOf } from './dag-generator';
import type { Definition } from './model';
import { reportOf } from './report';

/** Engines with one fault each: a check that cannot fail proves nothing. */
const MUTANTS: Readonly<Record<string, Under>> = {
  'drops a finally': { definition: withoutFinally },
  'lets a loser of a join count as a winner': {
    advance: (plan, run, event) => {
      const commands = advance(plan, run, event);
      for (const task of run.tasks.values()) {
        const branches = plan.steps[task.step];
        if (task.phase !== 'succeeded' || branches?.kind !== 'parallel' || !isJsonObject(task.output)) continue;
        const winners = task.output.winners as string[];
        const loser = branches.branches.find(({ id }) => !winners.includes(id));
        if (loser && branches.join !== undefined && winners.length === branches.join) winners.push(loser.id);
      }
      return commands;
    },
  },
  'takes two events in the wrong order': {
    happenings: (next, past) => {
      const [before] = past.slice(-2);
      if (past.length === 2) return [];
      return past.length === 3 && before ? [next, before] : [next];
    },
  },
  'forgets that a failure was handled': {
    advance: (plan, run, event) => {
      const commands = advance(plan, run, event);
      for (const task of run.tasks.values()) delete task.handled;
      return commands;
    },
  },
  'tells no call to stop': {
    advance: (plan, run, event) => advance(plan, run, event).filter(({ kind }) => kind !== 'abort'),
  },
  'undoes in the order of the steps': {
    advance: (plan, run, event) => {
      if (!run.compensation && run.undoable.length > 1) run.undoable.sort((a, b) => b.order - a.order);
      return advance(plan, run, event);
    },
  },
};

const WITHIN = 1_000;

describe('the check of random definitions', () => {
  it.each(Object.keys(MUTANTS))(
    'catches an engine that %s',
    (name) => {
      const under = MUTANTS[name] ?? {};
      for (let seed = 1; seed <= WITHIN; seed += 1) {
        const dag = aDefinition(seed, sizeOf(seed));
        const comparison = compare(dag, seed, under);
        if (comparison.difference === undefined || compare(dag, seed).difference !== undefined) continue;
        process.stdout.write(`an engine that ${name}: caught by definition ${seed}\n`);
        return;
      }
      throw new Error(`${WITHIN} definitions did not catch it.`);
    },
    60_000,
  );

  it('shrinks what it caught to a few steps, and tells them with what happened', () => {
    const under = MUTANTS['drops a finally'] ?? {};
    for (let seed = 1; seed <= WITHIN; seed += 1) {
      const dag = aDefinition(seed, { steps: 8, depth: 4, concurrency: true });
      const comparison = compare(dag, seed, under);
      if (comparison.difference === undefined) continue;
      const report = reportOf(dag, comparison, under);
      expect(report).toContain('finally:');
      expect(report).toContain('What happened:');
      expect(report.match(/operator:/g)?.length).toBeLessThanOrEqual(6);
      return;
    }
    throw new Error(`${WITHIN} definitions did not catch it.`);
  }, 60_000);
});

function withoutFinally(dag: Definition): Definition {
  return JSON.parse(JSON.stringify(dag), (key: string, value: unknown) =>
    key === 'steps' && Array.isArray(value) ? (value as Step[]).map(({ finally: _, ...step }) => step) : value,
  ) as Definition;
}
