import { demand, type Caller } from '@flow/auth';
import { RequestInvalid, type InstanceId, type Json, type Page, type PageRequest } from '@flow/kernel';
import { givenSchemaFaults } from '@flow/operators';
import { hasEnded, type Instance, type Task } from './instance';
import { ApprovalGiven, ApprovalIsOver, ApprovalNotFound, ApprovalNotYours, RunnerStopping } from './instance.errors';
import type { InstanceFinder } from './instance-finder';
import type { InstanceStore } from './instance.store';
import type { RunViews } from './run-views';
import type { Runner } from './runner';

/** A step that waits for people. Its id is that of its task. */
export interface Approval {
  readonly task: Task;
  readonly instance: Instance;
}

const INSTANCE_ID_LENGTH = 26;

/** What people are asked, and what they answer. */
export class ApprovalsService {
  constructor(
    private readonly store: InstanceStore,
    private readonly finder: InstanceFinder,
    private readonly runner: Runner,
    private readonly views: RunViews,
  ) {}

  /** Approvals that wait for the caller, oldest first. */
  async list(caller: Caller, page: PageRequest): Promise<Page<Approval>> {
    demand(caller, 'approval.decide');
    await this.runner.projector.caughtUp();
    return this.store.approvals(caller.domain, caller.principal, page);
  }

  /** Durable when it resolves. @throws ApprovalNotFound, ApprovalNotYours, ApprovalIsOver, ApprovalGiven, RequestInvalid for data that does not fit the form */
  async decide(caller: Caller, id: string, decision: 'approved' | 'rejected', data: Json): Promise<Approval> {
    demand(caller, 'approval.decide');
    const { instance, task } = await this.require(caller, id);
    const { path, attempt } = task;
    const held = await this.views.live(instance.id);
    if (!held && this.runner.isStopping && !hasEnded(instance.status)) throw new RunnerStopping();
    const waitingFor = held?.state.tasks.get(path)?.waitingFor;
    if (waitingFor?.kind !== 'approval') throw new ApprovalIsOver(task.status);
    if (!waitingFor.assignees.includes(caller.principal)) throw new ApprovalNotYours();
    if (waitingFor.decisions.some(({ by }) => by === caller.principal)) throw new ApprovalGiven();
    if (waitingFor.schema && decision === 'approved') {
      const faults = givenSchemaFaults(waitingFor.schema, data);
      if (faults.length > 0)
        throw new RequestInvalid(faults.map((fault) => ({ ...fault, pointer: `/data${fault.pointer}` })));
    }
    const by = caller.principal;
    const key = `decided ${instance.id} ${path}#${attempt} ${by}`;
    const decided = (at: number) => ({ type: 'decided' as const, path, attempt, at, by, decision, data });
    if (!(await this.runner.tell(instance.id, decided, { key, isAwaited: true })) && this.runner.mail)
      throw new ApprovalGiven();
    return this.require(caller, id);
  }

  private async require(caller: Caller, id: string): Promise<Approval> {
    const instanceId = id.slice(0, INSTANCE_ID_LENGTH) as InstanceId;
    const instance = await this.finder.find(caller.domain, instanceId);
    const task = instance && (await this.store.task(caller.domain, instanceId, id));
    if (!task || task.operator !== '@control/approval') throw new ApprovalNotFound(id);
    if (instance.debug && instance.createdBy !== caller.principal) throw new ApprovalNotFound(id);
    return { task, instance };
  }
}
