import { PERMISSIONS, type Caller } from '@flow/auth';
import { AppError, type DagId, type DomainId, type InstanceId, type PrincipalId, type TokenId } from '@flow/kernel';
import type { TaskState } from '@flow/engine';
import type { Runs } from '@flow/instances';
import type { Faults } from './faults';
import { ANSWER, NEVER_ANSWERED, type Flow } from './flows';
import type { Account, Ledger, Violate } from './ledger';
import { ADDRESSES } from './process';
import type { VirtualTime } from './virtual-time';

export const DOMAIN = 'acme' as DomainId;

export function callerNamed(name: string): Caller {
  return { principal: name as PrincipalId, tokenId: 'T' as TokenId, domain: DOMAIN, permissions: new Set(PERMISSIONS) };
}

const ANN = callerNamed('ann');

/** What came of a request: nobody knows when the process died before it answered. */
export type Answer<T> = { readonly ok: T } | { readonly error: unknown } | 'unknown';

/** A process that takes requests. */
export interface Served {
  readonly runs: Runs;
}

export interface Service {
  ask<T>(work: (process: Served) => Promise<T>): Promise<Answer<T>>;
}

/** Those who use the service: they repeat what was not answered, and hold the service to what it has answered. */
export class Clients {
  readonly acknowledged = new Map<InstanceId, { readonly flow: Flow; readonly n: number }>();
  readonly cancelled = new Set<InstanceId>();
  busy = 0;
  private readonly tokensTaken = new Set<string>();

  constructor(
    private readonly service: Service,
    private readonly ledger: Ledger,
    private readonly time: VirtualTime,
    private readonly faults: Faults,
    private readonly violate: Violate,
    private readonly trace: (line: string) => void,
  ) {}

  /** One person's whole doing, which has to come to an end. */
  does(work: () => Promise<void>): void {
    this.busy += 1;
    void work().finally(() => (this.busy -= 1));
  }

  async run(id: InstanceId, flow: Flow, n: number): Promise<void> {
    const { faults } = this;
    await this.pause(faults.int(0, 15_000));
    await this.start(id, flow, n);
    if (faults.is(0.2)) this.does(() => this.later(() => this.start(id, flow, n)));
    if (faults.is(0.2)) this.does(() => this.later(() => this.cancel(id)));
    if (faults.is(0.2)) this.does(() => this.later(() => this.pauseAndResume(id)));
    this.does(() => this.look(id));
  }

  /** Answers what instances ask, one after another, until `isOver`. */
  async people(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      await this.pause(this.faults.isCalm ? 500 : this.faults.int(100, 3_000));
      const waiting = [...this.ledger.accounts.values()].flatMap((account) => this.questionsOf(account));
      const question = waiting[this.faults.int(0, waiting.length - 1)];
      if (question) await this.answer(question.account, question.task);
    }
  }

  private async start(id: InstanceId, flow: Flow, n: number): Promise<void> {
    const started = await this.insist(`start ${flow.id} ${id}`, ({ runs }) =>
      runs.instances.start(ANN, flow.id as DagId, { data: { n } }, { id }),
    );
    if (!('ok' in started)) {
      this.violate(`The start of ${flow.id} was refused: ${String(started.refused)}`);
      return;
    }
    if (started.ok.id !== id) this.violate(`The start of ${id} gave ${started.ok.id}.`);
    if (!this.ledger.accounts.has(id)) this.violate(`The start of ${id} was acknowledged and is not durable.`);
    this.acknowledged.set(id, { flow, n });
  }

  private async cancel(id: InstanceId): Promise<void> {
    this.cancelled.add(id);
    const compensate = this.faults.is(0.5);
    const told = await this.insist(`cancel ${id}`, ({ runs }) =>
      runs.actions.cancel(ANN, id, { reason: null, compensate }),
    );
    this.heldTo(id, 'cancel', 'cancelled', told);
  }

  private async pauseAndResume(id: InstanceId): Promise<void> {
    const paused = await this.insist(`pause ${id}`, ({ runs }) => runs.actions.pause(ANN, id));
    this.heldTo(id, 'pause', 'paused', paused);
    await this.pause(this.faults.int(0, 8_000));
    const resumed = await this.insist(`resume ${id}`, ({ runs }) => runs.actions.resume(ANN, id));
    this.heldTo(id, 'resume', 'resumed', resumed);
  }

  private async look(id: InstanceId): Promise<void> {
    for (let looks = 0; looks < 4; looks += 1) {
      await this.pause(this.faults.int(0, 8_000));
      const seen = await this.insist(`get ${id}`, ({ runs }) => runs.instances.get(ANN, id));
      if (!('ok' in seen)) this.violate(`${id} was acknowledged and is lost: ${String(seen.refused)}`);
      else this.ledger.shown(seen.ok);
    }
  }

  private heldTo(
    id: InstanceId,
    what: string,
    type: 'cancelled' | 'paused' | 'resumed',
    answer: { readonly ok: unknown } | { readonly refused: AppError },
  ): void {
    const account = this.ledger.accounts.get(id);
    if ('ok' in answer) {
      if (!account?.has((event) => event.type === type && event.by === 'ann'))
        this.violate(`A ${what} of ${id} was acknowledged and is not durable.`);
    } else if (answer.refused.code === 'instance.not_found') this.violate(`${id} was acknowledged and is not found.`);
    else if (answer.refused.code === 'instance.has_ended' && !account?.run.outcome)
      this.violate(`A ${what} of ${id} was refused because it had ended, and its end is not durable.`);
  }

  private questionsOf(account: Account): { account: Account; task: TaskState }[] {
    const { run, creation } = account;
    if (run.outcome || !this.isWanted(creation.parent)) return [];
    return [...run.tasks.values()].flatMap((task) => {
      const kind = task.phase === 'waiting' ? task.waitingFor?.kind : undefined;
      const asks =
        kind === 'approval' ||
        (kind === 'callback' && (!task.path.endsWith(NEVER_ANSWERED) || this.isLeftAlone(creation.parent)));
      return asks ? [{ account, task }] : [];
    });
  }

  /** A child that nobody waits for is answered by nobody: if it was not stopped, it is found at the end. */
  private isWanted(parent: Account['creation']['parent']): boolean {
    if (!parent?.waits) return true;
    const above = this.ledger.accounts.get(parent.id);
    const task = above?.run.outcome ? undefined : above?.run.tasks.get(parent.path);
    return task?.phase === 'waiting' && task.attempt === parent.attempt;
  }

  /** The step that would have ended the wait for this child was given up: only an answer ends it now. */
  private isLeftAlone(parent: Account['creation']['parent']): boolean {
    const tasks = parent && this.ledger.accounts.get(parent.id)?.tasks.values();
    return tasks ? [...tasks].some(({ code }) => code === 'task.worker_lost') : false;
  }

  private async answer(account: Account, task: TaskState): Promise<void> {
    const { path, attempt, waitingFor } = task;
    if (waitingFor?.kind === 'callback') await this.call(account, path, attempt);
    else if (waitingFor?.kind === 'approval') {
      const who = waitingFor.assignees.find((name) => !waitingFor.decisions.some(({ by }) => by === name)) ?? 'ann';
      const isFixed = !account.creation.dagId.startsWith('random');
      const decision = isFixed || this.faults.is(0.8) ? 'approved' : 'rejected';
      const id = account.id + task.order.toString(36).padStart(6, '0').toUpperCase();
      const answer = await this.service.ask(({ runs }) => runs.approvals.decide(callerNamed(who), id, decision, null));
      if (answer === 'unknown' || !('ok' in answer)) return;
      this.trace(`${who} ${decision} ${path} of ${account.id}`);
      if (!account.has((event) => event.type === 'decided' && event.path === path && event.by === who))
        this.violate(`A decision on ${path} of ${account.id} was acknowledged and is not durable.`);
    }
  }

  private async call(account: Account, path: string, attempt: number): Promise<void> {
    const { token } = ADDRESSES.addressOf(DOMAIN, account.id, path, attempt);
    for (let times = this.faults.is(0.3) ? 2 : 1; times > 0; times -= 1) {
      const answer = await this.service.ask(({ runs }) => runs.callbacks.take(token, ANSWER));
      if (answer === 'unknown' || !('ok' in answer)) continue;
      this.trace(`answered ${path} of ${account.id}`);
      if (this.tokensTaken.has(token)) this.violate(`The callback of ${path} of ${account.id} was accepted twice.`);
      this.tokensTaken.add(token);
      const fits = (event: { type: string }) => event.type === 'answered' && 'path' in event && event.path === path;
      if (!account.has(fits))
        this.violate(`An answer to ${path} of ${account.id} was acknowledged and is not durable.`);
    }
  }

  /** Asks until there is an answer: what failed for now, and what nobody knows of, is asked again. */
  private async insist<T>(
    what: string,
    work: (process: Served) => Promise<T>,
  ): Promise<{ readonly ok: T } | { readonly refused: AppError }> {
    for (;;) {
      const answer = await this.service.ask(work);
      if (answer !== 'unknown') {
        if ('ok' in answer) {
          this.trace(`${what}: done`);
          return answer;
        }
        const { error } = answer;
        if (error instanceof AppError && error.kind !== 'unavailable') {
          this.trace(`${what}: ${error.code}`);
          return { refused: error };
        }
      }
      await this.pause(this.faults.int(50, 1_000));
    }
  }

  private async later(work: () => Promise<void>): Promise<void> {
    await this.pause(this.faults.int(0, 12_000));
    await work();
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.time.after(ms, resolve));
  }
}
