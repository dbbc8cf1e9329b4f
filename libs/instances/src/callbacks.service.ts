import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import { demand, type Caller } from '@flow/auth';
import { isOver, type Progress, type RunEvent, type RunState, type WaitingFor } from '@flow/engine';
import { isId, type Clock, type DomainId, type InstanceId, type Json } from '@flow/kernel';
import { instanceOfTask } from './instance';
import {
  CallbackNotFound,
  CallbackNotWaiting,
  ProgressTooLarge,
  ProgressTooOften,
  RunnerStopping,
  TaskHasEnded,
  TaskNotFound,
  TaskNotWaiting,
} from './instance.errors';
import type { InstanceFinder } from './instance-finder';
import type { InstanceStore } from './instance.store';
import { CallbackAddresses } from './operator-calls';
import type { RefusedBecause, RefusedCall } from './refused-calls';
import type { RunViews } from './run-views';
import type { Runner } from './runner';

const MAC_BYTES = 32;
const IV_BYTES = 16;
const CIPHER = 'aes-256-ctr';

/** What a token stands for. */
export interface Place {
  readonly domain: DomainId;
  readonly instance: InstanceId;
  readonly path: string;
  readonly attempt: number;
}

/**
 * Addresses at which callbacks are waited for. A token is its place, encrypted under its own authentication code (the SIV construction):
 * 256 bits that nobody makes without the key, the same whenever the same attempt asks, and nothing has to be stored or looked up.
 */
export class SealedCallbackAddresses extends CallbackAddresses {
  private readonly macKey: Buffer;
  private readonly cipherKey: Buffer;

  constructor(
    key: Uint8Array,
    /** Where this service is reached from outside, with the prefix of its API. */
    private readonly base: () => string,
  ) {
    super();
    this.macKey = createHmac('sha256', key).update('callback token: authentication').digest();
    this.cipherKey = createHmac('sha256', key).update('callback token: encryption').digest();
  }

  override addressOf(domain: DomainId, instance: InstanceId, path: string, attempt: number) {
    const text = Buffer.from(JSON.stringify([domain, instance, path, attempt]));
    const mac = this.mac(text);
    const cipher = createCipheriv(CIPHER, this.cipherKey, mac.subarray(0, IV_BYTES));
    const token = Buffer.concat([mac, cipher.update(text), cipher.final()]).toString('base64url');
    return { token, url: `${this.base()}/callbacks/${token}` };
  }

  /** The place that the token was made for; undefined for anything that this service has not made. */
  placeOf(token: string): Place | undefined {
    const bytes = Buffer.from(token, 'base64url');
    if (bytes.length <= MAC_BYTES) return undefined;
    const mac = bytes.subarray(0, MAC_BYTES);
    const decipher = createDecipheriv(CIPHER, this.cipherKey, mac.subarray(0, IV_BYTES));
    const text = Buffer.concat([decipher.update(bytes.subarray(MAC_BYTES)), decipher.final()]);
    if (!timingSafeEqual(this.mac(text), mac)) return undefined;
    const [domain, instance, path, attempt] = JSON.parse(text.toString()) as [DomainId, InstanceId, string, number];
    return isId(instance) ? { domain, instance, path, attempt } : undefined;
  }

  private mac(text: Buffer): Buffer {
    return createHmac('sha256', this.macKey).update(text).digest();
  }
}

/** What became of a call that came to an address. */
export const CALLBACK_OUTCOMES = ['taken', 'early', 'progress', 'late', 'repeated', 'forged'] as const;
export type CallbackOutcome = (typeof CALLBACK_OUTCOMES)[number];

/** What a worker of the other side has come to, told by somebody who looks after it. */
export type Continuation =
  | { readonly status: 'succeeded'; readonly output: Json }
  | {
      readonly status: 'failed';
      readonly error: { readonly code: string; readonly message: string };
      readonly output: Json;
    };

/** What is told of progress is written down, so that it is taken so often at most, for each task. */
const PROGRESS_MS = 1_000;
const LARGEST_PROGRESS = 16 * 1024;

/** Takes answers to calls, each address once, also before its step's turn has come; and signs of life before them. */
export class CallbacksService {
  constructor(
    private readonly addresses: SealedCallbackAddresses,
    private readonly runner: Runner,
    private readonly views: RunViews,
    private readonly finder: InstanceFinder,
    private readonly store: InstanceStore,
    private readonly clock: Clock,
    private readonly onCall: (outcome: CallbackOutcome, place?: Place) => void,
    private readonly onRefused: (call: RefusedCall) => void = () => undefined,
  ) {}

  /** Durable when it resolves; `from` is the address that it came from. @throws CallbackNotFound alike for wrong, used and expired tokens */
  async take(token: string, body: Json, from?: string): Promise<void> {
    const call = { what: 'answer', from } as const;
    const { place, state } = await this.opened(token, call);
    const { instance, path, attempt } = place;
    const isEarly = mayComeEarly(state, place);
    if (state.outcome || !(waitOf(state, place) || isEarly)) throw this.refused(place, state, call);
    const told = await this.answer(instance, path, attempt, { body });
    if (!told) throw this.refused(place, state, call);
    this.onCall(isEarly ? 'early' : 'taken', place);
  }

  /** Durable when it resolves, as what it says of the task. @throws ProgressTooLarge, CallbackNotFound, CallbackNotWaiting, ProgressTooOften */
  async progress(token: string, progress: Progress, from?: string): Promise<void> {
    const call = { what: 'progress', from } as const;
    if (JSON.stringify(progress).length > LARGEST_PROGRESS) throw new ProgressTooLarge(LARGEST_PROGRESS);
    const { place, state } = await this.opened(token, call);
    const { instance, path, attempt } = place;
    const wait = waitOf(state, place);
    if (state.outcome || !wait) {
      if (!state.outcome && mayComeEarly(state, place)) throw new CallbackNotWaiting();
      throw this.refused(place, state, call);
    }
    const againMs = (wait.seenAt ?? -Infinity) + PROGRESS_MS - this.clock.now().getTime();
    if (againMs > 0) throw new ProgressTooOften(againMs);
    const said = await this.runner.tell(instance, (at) => ({ type: 'progressed', path, attempt, at, progress }));
    if (!said) throw this.refused(place, state, call);
    this.onCall('progress', place);
  }

  /** What the other side cannot say by itself is said for it. @throws TaskNotFound, TaskNotWaiting, TaskHasEnded */
  async continue(caller: Caller, taskId: string, continuation: Continuation): Promise<void> {
    demand(caller, 'platform.admin');
    const id = instanceOfTask(taskId) as InstanceId;
    const instance = isId(id) ? await this.finder.find(caller.domain, id) : undefined;
    const task = instance && (await this.store.task(caller.domain, id, taskId));
    if (!task) throw new TaskNotFound(taskId);
    const state = (await this.views.live(id))?.state;
    const live = state?.tasks.get(task.path);
    const place = { domain: caller.domain, instance: id, path: task.path, attempt: live?.attempt ?? task.attempt };
    const call = { what: 'continuation', from: caller.principal } as const;
    if (!state || state.outcome || !live || isOver(live.phase)) {
      this.note(place, state, call);
      throw new TaskHasEnded(taskId, live?.phase ?? task.status);
    }
    if (!waitOf(state, place)) throw new TaskNotWaiting(taskId, live.phase);
    const body = continuation.output;
    const failure = continuation.status === 'failed' ? continuation.error : undefined;
    const more = { body, by: caller.principal, ...(failure && { failure }) };
    if (!(await this.answer(id, place.path, place.attempt, more))) {
      this.note(place, state, call);
      throw new TaskHasEnded(taskId, live.phase);
    }
    this.onCall('taken', place);
  }

  /** Of those who answer one address one is taken. */
  private answer(
    instance: InstanceId,
    path: string,
    attempt: number,
    answer: Pick<RunEvent & { type: 'answered' }, 'body' | 'by' | 'failure'>,
  ): Promise<unknown> {
    const key = `answered ${instance} ${path}#${attempt}`;
    return this.runner.tell(instance, (at) => ({ type: 'answered', path, attempt, at, ...answer }), { key });
  }

  /** The place of a token, in a run that lives. @throws CallbackNotFound */
  private async opened(token: string, call: Made): Promise<{ readonly place: Place; readonly state: RunState }> {
    const place = this.addresses.placeOf(token);
    if (!place) this.onCall('forged');
    const state = place && (await this.views.live(place.instance))?.state;
    if (place && state) return { place, state };
    if (place && this.runner.isStopping) throw new RunnerStopping();
    if (place) {
      this.onCall('late', place);
      this.note(place, undefined, call);
    }
    throw new CallbackNotFound();
  }

  /** Whoever sends it is told the same; those who look after the service can tell them apart. */
  private refused(place: Place, state: RunState, call: Made): CallbackNotFound {
    const isTaken = state.early.has(keyOf(place)) || state.tasks.get(place.path)?.phase === 'succeeded';
    this.onCall(isTaken ? 'repeated' : 'late', place);
    this.note(place, state, call);
    return new CallbackNotFound();
  }

  private note(place: Place, state: RunState | undefined, call: Made): void {
    this.onRefused({ ...place, ...call, because: becauseOf(place, state) });
  }
}

/** What a call said of itself. */
type Made = Pick<RefusedCall, 'what' | 'from'>;

function becauseOf(place: Place, state: RunState | undefined): RefusedBecause {
  if (!state || state.outcome) return 'instance_ended';
  const task = state.tasks.get(place.path);
  if (state.early.has(keyOf(place)) || task?.phase === 'succeeded') return 'answered';
  if (task && task.attempt > place.attempt) return 'attempt_over';
  // A wait that stood when the call was looked at, and does not stand any more, has got another answer.
  return task && !isOver(task.phase) ? 'answered' : 'task_ended';
}

function keyOf({ path, attempt }: Place): string {
  return `${path}#${attempt}`;
}

/** The wait for this very call, while it lasts. */
function waitOf(state: RunState, { path, attempt }: Place): (WaitingFor & { readonly kind: 'callback' }) | undefined {
  const task = state.tasks.get(path);
  const isCalled = task?.phase === 'waiting' && task.waitingFor?.kind === 'callback' && task.attempt === attempt;
  return isCalled && task.waitingFor?.kind === 'callback' ? task.waitingFor : undefined;
}

/** What is not under way when the run is ending does not begin any more; `finally` and `undo` still wait for answers. */
function mayComeEarly(state: RunState, place: Place): boolean {
  const task = state.tasks.get(place.path);
  const isToCome = task
    ? task.phase === 'running' && task.attempt === place.attempt
    : !state.ending && canCome(state, place.path);
  return isToCome && !state.early.has(keyOf(place));
}

/** Tasks of iterations that are over are forgotten, so that "no task" may mean "no more" there. */
function canCome(state: RunState, path: string): boolean {
  const iteration = /^.*\[\d+\](?=\/)/.exec(path)?.[0];
  if (iteration === undefined) return true;
  const body = state.bodies.get(iteration);
  return body !== undefined && body.ended !== true;
}
