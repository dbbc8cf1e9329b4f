import { isJsonObject, pointerTo, type Json } from '@flow/kernel';
import { bodiesOf, type Step } from '@flow/operators';
import type { DagContent } from './dag';

/** A value at a JSON pointer before and after; `from` is absent where there was none, `to` where there is none any more. */
export interface Change {
  readonly pointer: string;
  readonly from?: Json;
  readonly to?: Json;
}

export interface DagDiff {
  readonly added: readonly { readonly stepId: string }[];
  readonly removed: readonly { readonly stepId: string }[];
  /** Steps that stand in another body, or whose order among their siblings changed. */
  readonly moved: readonly { readonly stepId: string }[];
  /** Pointers are relative to the step; its bodies are told by their own steps. */
  readonly changed: readonly { readonly stepId: string; readonly changes: readonly Change[] }[];
  /** What changed beside the steps; pointers are relative to the DAG. */
  readonly fields: readonly Change[];
}

/** What leads from one content of a DAG to the other, step by step; steps are the same when their ids are. */
export function diffDags(from: DagContent, to: DagContent): DagDiff {
  const before = placesOf(from.steps);
  const after = placesOf(to.steps);
  const stayed = [...after.keys()].filter((id) => before.has(id));
  const { steps: _from, ...fromFields } = from;
  const { steps: _to, ...toFields } = to;
  return {
    added: [...after.keys()].filter((id) => !before.has(id)).map((stepId) => ({ stepId })),
    removed: [...before.keys()].filter((id) => !after.has(id)).map((stepId) => ({ stepId })),
    moved: movedSteps(before, after, stayed).map((stepId) => ({ stepId })),
    changed: stayed
      .map((stepId) => ({ stepId, changes: changesOf(ownFields(before, stepId), ownFields(after, stepId)) }))
      .filter(({ changes }) => changes.length > 0),
    fields: changesOf(fromFields as unknown as Json, toFields as unknown as Json),
  };
}

interface Place {
  readonly step: Step;
  /** The body that it stands in. */
  readonly body: string;
  /** Where it stands in the text of the whole DAG. */
  readonly index: number;
}

function placesOf(steps: readonly Step[]): Map<string, Place> {
  const places = new Map<string, Place>();
  const visit = (list: readonly Step[], body: string) => {
    for (const step of list) {
      places.set(step.id, { step, body, index: places.size });
      for (const { kind, branch, steps: inner } of bodiesOf(step))
        visit(inner, JSON.stringify([step.id, kind, branch?.id ?? null]));
    }
  };
  visit(steps, '');
  return places;
}

/** The fewest steps whose moving explains the new order: those outside each body's longest run that kept its order. */
function movedSteps(before: Map<string, Place>, after: Map<string, Place>, stayed: readonly string[]): string[] {
  const moved = new Set<string>();
  const keptBodies = new Map<string, string[]>();
  for (const id of stayed) {
    const body = after.get(id)?.body ?? '';
    if (before.get(id)?.body !== body) moved.add(id);
    else keptBodies.set(body, [...(keptBodies.get(body) ?? []), id]);
  }
  for (const ids of keptBodies.values()) {
    const kept = longestRising(ids.map((id) => before.get(id)?.index ?? 0));
    ids.forEach((id, i) => !kept.has(i) && moved.add(id));
  }
  return stayed.filter((id) => moved.has(id));
}

/** The positions of one longest rising subsequence (patience sorting). */
function longestRising(numbers: readonly number[]): ReadonlySet<number> {
  const tails: number[] = [];
  const previous: number[] = [];
  numbers.forEach((number, i) => {
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((numbers[tails[middle] ?? 0] ?? 0) < number) low = middle + 1;
      else high = middle;
    }
    previous[i] = low > 0 ? (tails[low - 1] ?? -1) : -1;
    tails[low] = i;
  });
  const kept = new Set<number>();
  for (let at = tails.at(-1) ?? -1; at >= 0; at = previous[at] ?? -1) kept.add(at);
  return kept;
}

/** A step without the steps of its bodies. */
function ownFields(places: Map<string, Place>, id: string): Json {
  const step = places.get(id)?.step;
  if (!step) return null;
  const { steps: _steps, catch: caught, finally: last, undo, onError, branches, ...own } = step;
  return {
    ...own,
    // That a body is there means something even when it is empty.
    ...(caught && { catch: 'steps' }),
    ...(last && { finally: 'steps' }),
    ...(undo && { undo: undo.id }),
    ...(onError !== undefined && { onError: typeof onError === 'object' ? 'steps' : onError }),
    ...(branches && { branches: branches.map(({ steps: _inner, ...branch }) => branch) }),
  } as unknown as Json;
}

/** The innermost values that differ, in the order of their pointers' appearance. */
export function changesOf(from: Json, to: Json, pointer = ''): Change[] {
  if (isJsonObject(from) && isJsonObject(to)) {
    const keys = new Set([...Object.keys(from), ...Object.keys(to)]);
    return [...keys].flatMap((key) => {
      const [a, b] = [ownValue(from, key), ownValue(to, key)];
      const at = pointerTo(pointer, key);
      if (a !== undefined && b !== undefined) return changesOf(a, b, at);
      if (a === undefined && b === undefined) return [];
      return [{ pointer: at, ...(a !== undefined && { from: a }), ...(b !== undefined && { to: b }) }];
    });
  }
  if (Array.isArray(from) && Array.isArray(to) && from.length === to.length)
    return from.flatMap((item: Json, i) => changesOf(item, to[i] as Json, pointerTo(pointer, i)));
  if (from === to || (Array.isArray(from) && Array.isArray(to) && JSON.stringify(from) === JSON.stringify(to)))
    return [];
  return [{ pointer, from, to }];
}

function ownValue(object: Readonly<Record<string, Json>>, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
