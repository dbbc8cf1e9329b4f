import { StartChecks, subflowCallsOf, triggerOf, type DagStore, type StartingDag } from '@flow/dags';
import type { DagId, DomainId, Fault } from '@flow/kernel';
import { listenedDag } from './kinds/dag';
import { derivedIdOf } from './trigger-registrar';
import type { TriggerStore } from './trigger.store';

/** Far more than people overlook. */
const MOST_DAGS = 1_000;

/** What a DAG's end and its sub-flows lead to. */
interface Reached {
  readonly dagId: DagId;
  /** Whether an end has led here; sub-flows alone never go round, they are refused by themselves. */
  readonly byEnd: boolean;
  readonly before: Reached | undefined;
}

/**
 * Enabled triggers that hang on ends of runs must not go round: not by the DAGs that they start, nor by sub-flows of those. Two saves at the same
 * moment may pass each other; LONGEST_CHAIN ends what comes of that.
 */
export class TriggerLoops extends StartChecks {
  constructor(
    private readonly triggers: TriggerStore,
    private readonly dags: DagStore,
  ) {
    super();
  }

  /** What is wrong with a trigger of `dagId` that listens to another. */
  async ofTrigger(domain: DomainId, dagId: DagId, listened: DagId, pointer: string): Promise<readonly Fault[]> {
    if (!(await this.dags.find(domain, listened))) return [unknown(pointer, listened)];
    const way = await this.search(
      domain,
      { dagId, byEnd: true, before: undefined },
      ({ dagId: at }) => at === listened,
    );
    return way ? [await this.loop(domain, pointer, [listened, ...way])] : [];
  }

  /** What is wrong with what a definition that is about to be saved listens to, and calls. */
  override async faults(domain: DomainId, saved: StartingDag): Promise<readonly Fault[]> {
    const { id, steps } = saved;
    const listened = triggerOf(saved) === 'dag' ? (listenedDag(steps[0]?.parameters ?? {}) as DagId) : undefined;
    const pointer = '/steps/0/parameters/dagId';
    if (listened !== undefined && listened !== id && !(await this.dags.find(domain, listened)))
      return [unknown(pointer, listened)];
    // Nobody listens to one that does not stand yet.
    if (id === undefined) return [];
    const start: Reached = { dagId: id, byEnd: false, before: undefined };
    const own = { id, steps, listened };
    const way = await this.search(domain, start, (at) => at.before !== undefined && at.dagId === id && at.byEnd, own);
    if (!way) return [];
    return [await this.loop(domain, listened === undefined ? '/steps' : pointer, way)];
  }

  /** The shortest way from a DAG to where it ends, by those that its end starts and those that it calls. */
  private async search(
    domain: DomainId,
    start: Reached,
    isThere: (at: Reached) => boolean,
    saved?: Saved,
  ): Promise<readonly DagId[] | undefined> {
    const seen = new Set<string>();
    for (let level = [start]; level.length > 0 && seen.size < MOST_DAGS;) {
      const next: Reached[] = [];
      for (const at of level) {
        if (isThere(at)) return wayTo(at);
        for (const to of await this.from(domain, at, saved)) {
          const name = `${to.dagId} ${to.byEnd}`;
          if (seen.has(name)) continue;
          seen.add(name);
          next.push(to);
        }
      }
      level = next;
    }
    return undefined;
  }

  private async from(domain: DomainId, at: Reached, saved: Saved | undefined): Promise<readonly Reached[]> {
    const isSaved = at.dagId === saved?.id;
    const steps = isSaved ? saved.steps : ((await this.dags.find(domain, at.dagId))?.steps ?? []);
    const called = subflowCallsOf(steps).map(({ dagId }) => ({ dagId, byEnd: at.byEnd, before: at }));
    const derived = saved && derivedIdOf(saved.id);
    const listening = (await this.triggers.lookUp('dag', at.dagId))
      .filter((one) => one.domain === domain && one.enabled && one.id !== derived)
      .map(({ dagId }) => dagId);
    if (saved?.listened === at.dagId) listening.push(saved.id);
    return [...called, ...listening.map((dagId) => ({ dagId, byEnd: true, before: at }))];
  }

  private async loop(domain: DomainId, pointer: string, way: readonly DagId[]): Promise<Fault> {
    const titles = new Map((await this.dags.findMany(domain, [...new Set(way)])).map(({ id, title }) => [id, title]));
    const chain = way.map((id) => `"${titles.get(id) ?? id}"`).join(' leads to ');
    return { pointer, code: 'trigger.loop', message: `Runs would start one another without an end: ${chain}.` };
  }
}

interface Saved {
  readonly id: DagId;
  readonly steps: StartingDag['steps'];
  readonly listened: DagId | undefined;
}

function wayTo(at: Reached): readonly DagId[] {
  return at.before ? [...wayTo(at.before), at.dagId] : [at.dagId];
}

function unknown(pointer: string, dagId: DagId): Fault {
  const message = `This business domain has no DAG with the id "${dagId.slice(0, 64)}"; GET /dags lists those that there are.`;
  return { pointer, code: 'trigger.dag_unknown', message };
}
