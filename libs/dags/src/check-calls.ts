import type { DagId, Fault } from '@flow/kernel';
import type { Step } from '@flow/operators';
import { subflowCallsOf, type SubflowCall } from './subflow-calls';

/** How deep sub-flows call sub-flows in one run. */
const DEEPEST = 10;
/** Far more than a flow that people understand reaches. */
const MOST_DAGS = 1_000;

export interface CalledDag {
  readonly title: string;
  readonly calls: readonly SubflowCall[];
}

/** Where calls lead. */
export interface CalledDags {
  /** In the order of the calls; undefined for a DAG that does not stand. */
  read(calls: readonly SubflowCall[]): Promise<readonly (CalledDag | 'no version' | undefined)[]>;
}

export interface Calling {
  /** None for a DAG that does not stand yet. */
  readonly id: DagId | undefined;
  readonly title: string;
  readonly steps: readonly Step[];
}

/** A call that is reached, and how. */
interface Reached {
  readonly call: SubflowCall;
  /** The call of the definition itself that leads to it. */
  readonly origin: SubflowCall;
  /** Titles from the one that calls first. */
  readonly chain: readonly string[];
}

/**
 * What is wrong with the sub-flows of a definition: DAGs and versions that are not there, and chains in which a DAG would become
 * its own ancestor, which no run survives. The same DAG called twice, by whichever ways, is none of these.
 */
export async function faultsOfCalls(calling: Calling, dags: CalledDags): Promise<readonly Fault[]> {
  const faults: Fault[] = [];
  const pinned = new Map<DagId, Reached>();
  const reached = new Set<string>();
  let level: readonly Reached[] = subflowCallsOf(calling.steps).map((call) => ({
    call,
    origin: call,
    chain: [calling.title],
  }));
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > DEEPEST) return [...faults, tooDeep(level[0] as Reached)];
    const next = new Map<string, Reached>();
    const found = await dags.read(level.map(({ call }) => call));
    for (const [i, one] of level.entries()) {
      const dag = found[i];
      if (one.call.dagId === calling.id) faults.push(cycle(one.origin, [...one.chain, calling.title]));
      else if (dag === undefined || dag === 'no version') {
        // What others call has been told to them.
        if (depth === 1) faults.push(unknown(one.call, dag));
      } else {
        reached.add(keyOf(one.call));
        if (one.call.version !== undefined && !pinned.has(one.call.dagId)) pinned.set(one.call.dagId, one);
        const chain = [...one.chain, dag.title];
        for (const call of dag.calls)
          if (!next.has(keyOf(call))) next.set(keyOf(call), { call, origin: one.origin, chain });
      }
    }
    if (reached.size > MOST_DAGS) return [...faults, tooMany(level[0] as Reached)];
    level = [...next.values()];
  }
  return [...faults, ...(await faultsOfPinned(calling, pinned, dags))];
}

/** A version that is called by name may lead nowhere, while the newest of the same DAG calls the one that is about to be stored. */
async function faultsOfPinned(
  calling: Calling,
  pinned: ReadonlyMap<DagId, Reached>,
  dags: CalledDags,
): Promise<readonly Fault[]> {
  const faults: Fault[] = [];
  for (const { call: first, origin, chain } of pinned.values()) {
    const seen = new Set<string>();
    let level: readonly Reached[] = [{ call: { dagId: first.dagId, pointer: '' }, origin, chain: [] }];
    search: for (let depth = 1; level.length > 0 && depth <= DEEPEST; depth += 1) {
      const next: Reached[] = [];
      const found = await dags.read(level.map(({ call }) => call));
      for (const [i, one] of level.entries()) {
        const dag = found[i];
        if (typeof dag !== 'object') continue;
        for (const call of dag.calls) {
          const titles = [...one.chain, dag.title];
          if (call.dagId === calling.id && call.version === undefined) {
            faults.push(cycle(origin, [...titles, ...chain, titles[0] ?? '']));
            break search;
          }
          if (!seen.has(keyOf(call))) next.push({ call, origin, chain: titles });
          seen.add(keyOf(call));
        }
      }
      level = next;
    }
  }
  return faults;
}

function keyOf({ dagId, version }: SubflowCall): string {
  return JSON.stringify([dagId, version ?? null]);
}

function unknown({ dagId, version, pointer }: SubflowCall, found: 'no version' | undefined): Fault {
  return found === undefined
    ? {
        pointer: `${pointer}/dagId`,
        code: 'subflow.dag_unknown',
        message: `This business domain has no DAG with the id "${shortened(dagId)}"; GET /dags lists those that there are.`,
      }
    : {
        pointer: `${pointer}/version`,
        code: 'subflow.version_unknown',
        message: `The DAG ${dagId} has no version ${version ?? ''}; without "version" the newest is called.`,
      };
}

function cycle({ pointer }: SubflowCall, chain: readonly string[]): Fault {
  const message = `A DAG cannot call itself, by others neither: ${named(chain)}.`;
  return { pointer: `${pointer}/dagId`, code: 'subflow.cycle', message };
}

function tooDeep({ origin, chain }: Reached): Fault {
  const message = `Sub-flows call sub-flows more than ${DEEPEST} levels deep: ${named(chain)}, which calls another.`;
  return { pointer: `${origin.pointer}/dagId`, code: 'subflow.too_deep', message };
}

function tooMany({ origin }: Reached): Fault {
  const message = `The sub-flows of this DAG reach more than ${MOST_DAGS} others.`;
  return { pointer: `${origin.pointer}/dagId`, code: 'subflow.too_many', message };
}

function named(chain: readonly string[]): string {
  return chain.map((title) => `"${title}"`).join(' calls ');
}

function shortened(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
