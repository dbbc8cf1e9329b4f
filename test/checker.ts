import type { Load, Start } from './load';
import type { Target } from './service';
import type { Shape } from './shapes';
import type { Effect } from './sink';

/** What the promises of docs/reliability.md forbid. */
export const VIOLATIONS = [
  'lost', // acknowledged, and not there
  'doubled', // two instances, two completions, two children where there is one
  'late effect', // a call behind its durable completion, or one that nothing called for
  'early', // a step before those that it needs, a timer before its time
  'wrong', // not what the model says
  'stuck', // not at its end
  'surprise', // an answer that no promise allows
  'hung', // no answer at all, from a process that was there
] as const;

export interface Violation {
  readonly kind: (typeof VIOLATIONS)[number];
  readonly what: string;
}

interface Instance {
  readonly id: string;
  readonly dagId: string;
  readonly status: string;
  readonly result: unknown;
  readonly reason: unknown;
  readonly parentId: string | null;
}

/** A run and what the model knows of it. */
interface Known {
  readonly instance: Instance;
  readonly shape: Shape;
  readonly n: number;
}

const ENDED = new Set(['succeeded', 'failed', 'cancelled']);
/** What two readings of the same clock may differ by when each is cut to a whole millisecond. */
const ROUNDING_MS = 2;
const AT_ONCE = 20;
/** What a process was about to send when it was stopped has left it so much after it goes on. */
const BELATED_MS = 1_000;
/** From the end of a call to the timer that follows. */
const ARMING_MS = 250;

/** Everything that is not as it must be once all has ended, computed from what was asked, from what was acknowledged, and from the sink. */
export async function violationsIn(load: Load, service: Target): Promise<readonly Violation[]> {
  // Others may start runs of DAGs of their own.
  const all = (await instancesOf(service)).filter(({ dagId }) => load.owns(dagId));
  const found = new Findings();
  for (const what of [...load.surprises, ...load.answerFaults]) found.add('surprise', what);
  const known = identify(load.starts, all, found);
  for (const one of known) checkEnd(one, found);
  checkEffects(load, known, await historiesOf(service, all, found), found);
  return found.list;
}

class Findings {
  readonly list: Violation[] = [];
  add(kind: Violation['kind'], what: string): void {
    this.list.push({ kind, what });
  }
}

/** Who is who: starts and their instances, parents and their one child. */
function identify(starts: readonly Start[], all: readonly Instance[], found: Findings): readonly Known[] {
  const byId = new Map(all.map((instance) => [instance.id, instance]));
  const known: Known[] = [];
  for (const { id, n, key, shape } of starts) {
    const instance = id === undefined ? undefined : byId.get(id);
    if (instance) known.push({ instance, shape, n });
    else found.add('lost', `${key} (${shape.name}, ${id ?? 'never acknowledged'})`);
  }
  const own = new Set(known.map(({ instance }) => instance.id));
  if (own.size < known.length) found.add('lost', `${known.length} keys have ${own.size} instances`);
  const parents = new Map(known.map((one) => [one.instance.id, one]));
  const children = new Map<string, Instance[]>();
  for (const instance of all) {
    if (own.has(instance.id)) continue;
    const parent = instance.parentId === null ? undefined : parents.get(instance.parentId);
    if (!parent?.shape.child) found.add('doubled', `an instance that nobody asked for: ${instance.id}`);
    else children.set(parent.instance.id, [...(children.get(parent.instance.id) ?? []), instance]);
  }
  for (const { instance, shape, n } of [...known]) {
    if (!shape.child) continue;
    const [child, ...others] = children.get(instance.id) ?? [];
    if (child) known.push({ instance: child, shape: shape.child, n });
    else found.add('lost', `the child of ${instance.id}`);
    if (others.length > 0) found.add('doubled', `${others.length + 1} children of ${instance.id}`);
  }
  return known;
}

function checkEnd({ instance, shape, n }: Known, found: Findings): void {
  const { id, status, result, reason } = instance;
  if (!ENDED.has(status)) found.add('stuck', `${shape.name} ${id} is ${status}`);
  else if (status !== 'succeeded' || JSON.stringify(result) !== JSON.stringify(shape.result(n)))
    found.add('wrong', `${shape.name} ${id} of ${n}: ${status} ${JSON.stringify(result)} ${JSON.stringify(reason)}`);
}

/** What the service itself says of the past. */
interface Histories {
  /** When each task was completed, by `instance:path`. */
  readonly completedAt: ReadonlyMap<string, number>;
  /** When a process went on with an instance that another one had held, by instance. */
  readonly recoveredAt: ReadonlyMap<string, readonly number[]>;
}

async function historiesOf(service: Target, all: readonly Instance[], found: Findings): Promise<Histories> {
  const completedAt = new Map<string, number>();
  const recoveredAt = new Map<string, readonly number[]>();
  const read = async ({ id }: Instance) => {
    const { items } = await service.must<{ items: { type: string; at: string; path?: string }[] }>(
      'GET',
      `/instances/${id}/history?limit=200`,
    );
    const recoveries = items.filter(({ type }) => type === 'instance.recovered');
    recoveredAt.set(
      id,
      recoveries.map(({ at }) => Date.parse(at)),
    );
    for (const { at, path } of items.filter(({ type }) => type === 'task.succeeded')) {
      const key = `${id}:${String(path)}`;
      if (completedAt.has(key)) found.add('doubled', `completed twice: ${key}`);
      completedAt.set(key, Date.parse(at));
    }
  };
  for (let i = 0; i < all.length; i += AT_ONCE) await Promise.all(all.slice(i, i + AT_ONCE).map(read));
  return { completedAt, recoveredAt };
}

function checkEffects(load: Load, known: readonly Known[], histories: Histories, found: Findings): void {
  const byInstance = new Map<string, Effect[]>();
  for (const effect of load.sink.effects) {
    const id = effect.key.slice(0, effect.key.indexOf(':'));
    byInstance.set(id, [...(byInstance.get(id) ?? []), effect]);
  }
  for (const one of known) {
    const effects = withoutBelated(byInstance.get(one.instance.id) ?? [], load);
    byInstance.delete(one.instance.id);
    checkCalls(one, effects, histories, load, found);
    checkOrder(one, effects, load, found);
    checkPauses(one, effects, load, found);
  }
  for (const [id, effects] of byInstance)
    for (const { key, step } of effects) found.add('late effect', `a call of no run: ${key} (${step}, ${id})`);
}

const nameOf = ({ step, i }: { readonly step: string; readonly i?: number }) =>
  `${step}${i === undefined ? '' : `[${i}]`}`;

/**
 * Each step has called, under one key, not behind its completion, and twice only where an answer was lost, or where whoever called first died or lost
 * its hold in between, and the history of the run tells that another one went on with it.
 */
function checkCalls(
  { instance, shape, n }: Known,
  effects: readonly Effect[],
  { completedAt, recoveredAt }: Histories,
  load: Load,
  found: Findings,
): void {
  const wanted = new Set(shape.effects.map(nameOf));
  const keys = new Map<string, string>();
  for (const effect of effects) {
    const { key, at } = effect;
    const name = nameOf(effect);
    if (!wanted.has(name)) found.add('late effect', `${shape.name} ${instance.id} has no ${name}`);
    const standing = keys.get(name);
    if (standing !== undefined && standing !== key) found.add('doubled', `two keys for ${name}: ${standing}, ${key}`);
    keys.set(name, key);
    const completed = completedAt.get(key);
    if (completed === undefined) found.add('late effect', `a call without a completion: ${key}`);
    // With a clock that jumps the times of the service are none that the sink knows.
    else if (!load.clockJumps && at > completed)
      found.add('late effect', `${at - completed} ms after its durable completion: ${key} (${name} of ${n})`);
  }
  for (const name of wanted) {
    const calls = effects.filter((effect) => nameOf(effect) === name && !effect.failed);
    if (calls.length === 0) found.add('lost', `no effect ${name} of ${shape.name} ${instance.id}`);
    for (const [i, { at }] of calls.slice(1).entries()) {
      const before = calls[i]!.at;
      const isLost = load.losses.some(({ from, to }) => from <= at && to >= before);
      const isRecovered = recoveredAt.get(instance.id)?.some((then) => then >= before && then <= at) ?? false;
      if (isLost || (isRecovered && isHandedOn(load, before, at))) continue;
      const times = [before, at].map((ms) => new Date(ms).toISOString()).join(' and ');
      found.add(
        'doubled',
        `called twice in one life: ${calls[i]!.key} (${name}, at ${times}; the run was${isRecovered ? '' : ' not'} taken over in between)`,
      );
    }
  }
}

/** The last call of what comes first lies before the first call of what comes second, by as much as a timer says. */
function checkOrder({ instance, shape }: Known, effects: readonly Effect[], load: Load, found: Findings): void {
  for (const [first, second, ms = 0] of shape.order) {
    const ends = effects.filter(({ step }) => step === first).map(({ answeredAt, at }) => answeredAt ?? at);
    const begins = effects.filter(({ step }) => step === second).map(({ at }) => at);
    if (ends.length === 0 || begins.length === 0) continue;
    const between = Math.min(...begins) - Math.max(...ends);
    if (between < ms - ROUNDING_MS && !(ms > 0 && isSetNear(load, Math.max(...ends))))
      found.add('early', `${second} of ${shape.name} ${instance.id} began ${between} ms behind ${first}, not ${ms}`);
  }
}

/** A step that was told that it failed pauses before it asks again, unless a death took what it was told. */
function checkPauses({ instance, shape, n }: Known, effects: readonly Effect[], load: Load, found: Findings): void {
  if (!shape.fails) return;
  const { step, times, pauseMs } = shape.fails;
  const calls = effects.filter((effect) => effect.step === step);
  const failed = calls.filter((effect) => effect.failed);
  if (failed.length !== times(n)) found.add('wrong', `${step} of ${instance.id} failed ${failed.length} times`);
  for (const [i, { at }] of calls.slice(1).entries()) {
    const { answeredAt, failed: told } = calls[i]!;
    const before = calls[i]!.at;
    if (!told || answeredAt === undefined || isHandedOn(load, before, at)) continue;
    if (at - answeredAt < pauseMs - ROUNDING_MS && !isSetNear(load, answeredAt))
      found.add('early', `${step} of ${instance.id} paused ${at - answeredAt} ms, not ${pauseMs}`);
  }
}

/**
 * A process that is stopped between its last look whether it may still call and the call itself sends that when it goes on, under the key
 * that another has used by then: no check can come later than the sending.
 */
function withoutBelated(effects: readonly Effect[], load: Load): readonly Effect[] {
  return effects.filter(({ key, at }, i) => {
    const isDone = effects.slice(0, i).some((other) => other.key === key && !other.failed && other.answeredAt);
    return !isDone || !load.resumes.some((resumed) => at >= resumed && at < resumed + BELATED_MS);
  });
}

/** Between these moments a process died, or lost its hold of what it carried out. */
function isHandedOn({ deaths, takeovers }: Load, since: number, until: number): boolean {
  return (
    deaths.some((death) => death >= since && death <= until) ||
    takeovers.some(({ from, to }) => from <= until && to >= since)
  );
}

/** A timer that is armed in the very moment in which the clock is set is armed by the one and read by the other. */
function isSetNear(load: Load, at: number): boolean {
  return load.jumps.some((jump) => Math.abs(jump - at) < ARMING_MS);
}

async function instancesOf(service: Target): Promise<Instance[]> {
  const all: Instance[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: { items: Instance[]; nextCursor: string | null } = await service.must(
      'GET',
      `/instances?limit=200&sort=createdAt${cursor && `&cursor=${cursor}`}`,
    );
    all.push(...page.items);
    cursor = page.nextCursor;
  }
  return all;
}
