import {
  AppError,
  isJsonObject,
  withLarge,
  type Clock,
  type DagId,
  type ErrorKind,
  type InstanceId,
  type Json,
} from '@flow/kernel';
import type { Failure, RunEvent } from '@flow/engine';
import { BlobMissing } from '@flow/platform';
import { childIdOf } from './creation';
import type { StartChild } from './held-run';
import { hasEnded, type Instance, type ParentLink } from './instance';
import { ChildUnwanted, RunnerStopping } from './instance.errors';
import type { InstanceStarts } from './instance-starts';
import type { LargeValues } from './large-values';
import type { LiveRun } from './live-run';
import type { FamilyMessage, OutboxMessage } from './outbox';
import type { Runner, Wish } from './runner';

/** Refusals that pass: the service is full or cannot write at the moment, or the DAG is started too often. */
const PASSING: ReadonlySet<ErrorKind> = new Set(['unavailable', 'storage_full', 'limited']);
const PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** A store that does not answer may do so later; what fails this often is the child's failure. */
const MOST_FAULTS = 20;

type ChildPlace = Omit<ParentLink, 'waits'>;

/** What runs do for one another: steps start children, children tell their parents, parents stop their children. */
export class Family {
  constructor(
    private readonly runner: Runner,
    private readonly starts: InstanceStarts,
    private readonly clock: Clock,
    private readonly large: LargeValues,
    private readonly onBug: (error: unknown) => void,
  ) {}

  /** Starts what a step asked for and tells the step; a DAG that cannot start is the child's failure. */
  async startChild(parent: LiveRun, { task, index }: StartChild): Promise<void> {
    const { path, attempt, parameters = {} } = task;
    const { dagId, version, data = {}, wait } = parameters;
    const link = { id: parent.id, path, attempt, index, waits: wait !== false };
    const input: Json | undefined = Array.isArray(data) ? (data as readonly Json[])[index] : data;
    const request = {
      dagId: (typeof dagId === 'string' ? dagId : '') as DagId,
      version: typeof version === 'string' ? version : undefined,
      data: isJsonObject(input) ? input : {},
    };
    let faults = 0;
    // Whoever goes on with the parent asks again, so nothing is lost when this process ends meanwhile.
    while (this.runner.holds(parent.id) && task.phase === 'waiting' && task.attempt === attempt) {
      try {
        const child = await this.starts.startChild(parent.creation, link, request);
        await this.childStands(link, child.id);
        if (link.waits && hasEnded(child.status)) await this.tellParent(endOf(withLarge(child), link));
        return;
      } catch (error) {
        if (error instanceof ChildUnwanted) return;
        const isFault = !(error instanceof AppError);
        if (isFault) faults += 1;
        const passes = isFault ? faults < MOST_FAULTS : PASSING.has(error.kind);
        if (passes) await this.pause(!isFault && error.kind === 'limited' ? (error.retryAfterMs ?? 0) : 0);
        else {
          await this.tellParent({ ...link, kind: 'parent.tell', parent: parent.id, ...this.refusal(error) });
          return;
        }
      }
    }
  }

  /** Taking a message twice changes nothing: runs ignore what they know. */
  async deliver(key: string, stored: FamilyMessage): Promise<void> {
    const message = withLarge(stored);
    if (message.kind === 'parent.tell') {
      const { parent: id, path, attempt, index } = message;
      const child = childIdOf(id, path, attempt, index);
      if (!this.runner.mail)
        await Promise.all([this.childStands({ id, path, attempt, index }, child), this.tellParent(message)]);
      else {
        const started = (at: number) => ({ type: 'childStarted' as const, path, attempt, index, at, child });
        await this.tell(id, started, { key: `${key}:0` });
        await this.tellParent(message, { key: `${key}:1` });
      }
      return;
    }
    const reason = 'The step that waited for it waits no longer.';
    const wish = { key, isForUnborn: true };
    await this.tell(message.child, (at) => ({ type: 'cancelled', at, by: 'system', reason }), wish);
  }

  /** A run that nobody can take up while the service stops has not heard it. */
  private async tell(id: InstanceId, event: (at: number) => RunEvent, wish?: Wish): Promise<void> {
    if (!(await this.runner.tell(id, event, wish)) && this.runner.isStopping && !this.runner.mail)
      throw new RunnerStopping();
  }

  /** Said once, before the child's end: a child of pure steps ends before whoever started it hears that it stands. */
  private async childStands({ id, path, attempt, index }: ChildPlace, child: InstanceId): Promise<void> {
    await this.runner.reach(id);
    const task = this.runner.peek(id)?.state.tasks.get(path);
    if (task?.attempt !== attempt || task.waitingFor?.kind !== 'children') return;
    if (task.waitingFor.children[index]?.id !== undefined) return;
    await this.tell(id, (at) => ({ type: 'childStarted', path, attempt, index, at, child }));
  }

  private async tellParent(message: OutboxMessage & { kind: 'parent.tell' }, wish?: Wish): Promise<void> {
    const { parent, path, attempt, index } = message;
    const { status, result, failure } = await this.shared(message);
    await this.tell(parent, (at) => ({ type: 'childEnded', path, attempt, index, at, status, result, failure }), wish);
  }

  /** How a child ended, with what is large in its result given to its parent. */
  private async shared(
    message: OutboxMessage & { kind: 'parent.tell' },
  ): Promise<Pick<typeof message, 'status' | 'result' | 'failure'>> {
    const { parent, path, attempt, index, result } = message;
    await this.runner.reach(parent);
    const domain = await this.runner.domainOf(parent);
    if (domain === undefined) return message;
    try {
      await this.large.share({ domain, owner: childIdOf(parent, path, attempt, index) }, result, parent);
      return message;
    } catch (error) {
      // What is gone does not come back by asking again.
      if (error instanceof BlobMissing) return this.refusal(error);
      throw error;
    }
  }

  private refusal(error: unknown): { status: 'failed'; result: null; failure: Failure } {
    if (!(error instanceof AppError)) this.onBug(error);
    const code = error instanceof AppError ? error.code : 'subflow.start_failed';
    const message = error instanceof AppError ? error.message : 'The child could not be started.';
    return { status: 'failed', result: null, failure: { code, message, stepId: null, path: null, attempt: null } };
  }

  private pause(ms: number): Promise<void> {
    const pauseMs = Math.min(Math.max(ms, PAUSE_MS), LONGEST_PAUSE_MS);
    return new Promise((resolve) => this.clock.after(pauseMs, resolve));
  }
}

function endOf({ status, result, reason }: Instance, link: ChildPlace): OutboxMessage & { kind: 'parent.tell' } {
  const { id, path, attempt, index } = link;
  if (status !== 'succeeded' && status !== 'failed' && status !== 'cancelled')
    throw new Error(`The instance has not ended: ${status}.`);
  return { kind: 'parent.tell', parent: id, path, attempt, index, status, result, failure: reason };
}
