import type { Reference } from '@flow/expressions';
import { bodiesAround, standsInUndo, type Place, type Places } from './dag-places';

/** Where an expression stands: what it may read depends on it. */
export interface Reader {
  /** The step that is about to start; none for the outputs of the DAG, which are read at the end. */
  readonly place?: Place;
  /** Whether a secret may be put in here. */
  readonly secret?: boolean;
  /** Whether the address of a callback may be put in here. */
  readonly callbacks?: boolean;
  /** Read when an instance is accepted: of all steps only the trigger has anything to read. */
  readonly atStart?: boolean;
  /** Parts of a loop that are read within it: before an iteration, and at the end of one. */
  readonly within?: 'while' | 'outputs';
}

/** Whether `{{error}}` is there: within the nearest `catch` or `onError`; what undoes a step has no failure of its own. */
export function readsError(reader: Place): boolean {
  const kind = bodiesAround(reader.body).find(
    ({ kind: at }) => at === 'catch' || at === 'onError' || at === 'undo',
  )?.kind;
  return kind === 'catch' || kind === 'onError';
}

/** Whether `{{completed}}` is there: what an undo undoes. */
export function readsCompleted(reader: Place): boolean {
  return bodiesAround(reader.body).some(({ kind }) => kind === 'undo');
}

/** What of an undone step there is to read. */
export const COMPLETED_FIELDS: ReadonlySet<string> = new Set(['parameters', 'output']);

/** Why the reader cannot send out the address of this callback; undefined when it can. */
export function callbackFault(places: Places, reader: Place, id: string): string | undefined {
  const target = places.find(id);
  if (!target) return `There is no step "${id}" that waits for a callback.`;
  if (target === reader && target.step.parameters?.callback === true) return undefined;
  if (target.step.operator !== '@control/callback')
    return `The step "${id}" has no address: only a @control/callback has.`;
  const ways = [reader, ...bodiesAround(reader.body).flatMap(({ owner }) => owner ?? [])];
  const at = ways.find(({ body }) => body === target.body);
  if (!at)
    return `The callback "${id}" stands in another body; its address is sent out from its own body or from those within.`;
  const isOver = at === target || target.body.graph.endsBefore(target.position, at.position);
  return isOver || standsInUndo(reader, target.body)
    ? `The callback "${id}" is over when the step "${reader.step.id}" starts; send its address out before it.`
    : undefined;
}

/** Why there is nothing to read of the target; undefined when there may be. */
export function unreadable(
  places: Places,
  { place, within, atStart }: Reader,
  target: Place,
  path: Reference['path'],
): string | undefined {
  const { id } = target.step;
  if (atStart)
    return target === places.root.places[0]
      ? undefined
      : `The step "${id}" has not run when an instance is accepted; only the trigger's fields are there by then.`;
  if (!place)
    return standsInUndo(target, places.root)
      ? `The step "${id}" undoes another: it has not run when the outputs of the DAG are read.`
      : undefined;
  if (within !== undefined && (target === place || places.isOfIteration(place, target)))
    return target === place ? unreadableOfLoop(id, path, within) : undefined;
  if (target === place) return 'A step cannot read its own output.';
  const around = places.bodyAround(target, place);
  if (around?.kind === 'steps' && target.step.operator === '@control/flow/loop') return unreadableOfLoop(id, path);
  if (around?.kind === 'onError') return `The step "${id}" has failed here; its failure is {{error}}.`;
  if (around?.kind === 'undo' || places.canRead(place, target)) return undefined;
  return `The step "${id}" cannot have ended when the step "${place.step.id}" starts.`;
}

/** Within its iterations a loop has no output yet. */
function unreadableOfLoop(id: string, [field]: Reference['path'], within?: Reader['within']): string | undefined {
  if (field === 'index' || (field === 'value' && within !== 'while')) return undefined;
  return within === 'while'
    ? `"while" is read before the iteration: of the loop "${id}" it has {{__${id}.index}}.`
    : `Within the loop "${id}" there are {{__${id}.index}} and {{__${id}.value}}; its output is there after it.`;
}
