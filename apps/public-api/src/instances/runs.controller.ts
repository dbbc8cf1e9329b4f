import type { Caller } from '@flow/auth';
import {
  API_PREFIX,
  Answer,
  CurrentCaller,
  Endpoint,
  IsResumed,
  PublicApi,
  ReservedId,
  Traceparent,
  pageOf,
} from '@flow/http';
import { InstanceActions, InstancesService, hasEnded } from '@flow/instances';
import type { DagId, InstanceId } from '@flow/kernel';
import { Body, Get, Param, Post, Query } from '@nestjs/common';
import { instancePage, instanceView, startedView, toInstanceView } from './instance.view';
import {
  CancelBody,
  InstanceListQuery,
  RunBody,
  RunQuery,
  cancelRequestOf,
  filterOf,
  labelsOf,
  targetOf,
  waitMsOf,
} from './instances.dto';

/** There may be thousands. */
const MANY_MS = 60_000;

@PublicApi('dags/:id', { tag: 'Running' })
export class RunsController {
  constructor(
    private readonly instances: InstancesService,
    private readonly actions: InstanceActions,
  ) {}

  @Post('run')
  @Endpoint({
    access: 'dag.run',
    action: 'dag.run',
    summary: 'Start a run',
    description:
      'The run is durable before the answer; its status is `queued` when it has to wait for a slot of its DAG (`concurrency`). With `wait` the answer is 200 and the whole instance once it has ended, 202 when it has not ended in time.',
    bodyOptional: true,
    idempotent: true,
    mayWaitMs: waitMsOf,
    answers: { 202: startedView, 200: instanceView },
    status: 202,
    errors: [
      'dag.not_found',
      'version.not_found',
      'dag.stopped',
      'input.invalid',
      'concurrency.full',
      'rate.limited',
      'quota.exceeded',
      'limit.key_failed',
      'instance.too_many_live',
      'callback_url.invalid',
      'callback_url.blocked',
    ],
  })
  async run(
    @CurrentCaller() caller: Caller,
    @Param('id') id: DagId,
    @Body() body: RunBody,
    @Query() query: RunQuery,
    @ReservedId() reserved: InstanceId,
    @IsResumed() isResumed: boolean,
    @Traceparent() traceparent?: string,
  ) {
    const { data, version, priority, callbackUrl } = body;
    const labels = labelsOf(body);
    const waitMs = waitMsOf(query);
    const request = {
      ...(data && { data }),
      ...(version !== undefined && { version }),
      ...(priority && { priority }),
      ...(labels && { labels }),
      ...(callbackUrl !== undefined && { callbackUrl }),
      ...(traceparent !== undefined && { traceparent }),
    };
    const instance = await this.instances.start(caller, id, request, { id: reserved, waitMs, isFresh: !isResumed });
    const location = `${API_PREFIX}/instances/${instance.id}`;
    if (waitMs > 0 && hasEnded(instance.status)) return new Answer(toInstanceView(instance), { status: 200, location });
    return new Answer({ id: instance.id, status: instance.status }, { status: 202, location });
  }

  @Post('cancel')
  @Endpoint({
    access: 'instance.cancel',
    action: 'instance.cancel',
    audited: ({ instanceId, all = false }: CancelBody) => ({ instanceId: instanceId ?? null, all }),
    summary: 'Cancel one instance of a DAG, or all that have not ended',
    mayWaitMs: MANY_MS,
    answers: {
      202: {
        type: 'object',
        properties: { items: { type: 'array', items: { type: 'object', properties: { id: { type: 'string' } } } } },
      },
    },
    errors: ['cancel.target_missing', 'dag.not_found', 'instance.not_found', 'instance.has_ended'],
  })
  async cancel(@CurrentCaller() caller: Caller, @Param('id') id: DagId, @Body() body: CancelBody) {
    const target = targetOf(body);
    const request = cancelRequestOf(body);
    if (target === 'all')
      return { items: (await this.actions.cancelAll(caller, id, request)).map((cancelled) => ({ id: cancelled })) };
    const { id: cancelled } = await this.actions.cancel(caller, target.instanceId as InstanceId, request, id);
    return { items: [{ id: cancelled }] };
  }

  @Get('instances')
  @Endpoint({
    access: 'instance.view',
    summary: 'List the instances of a DAG',
    answers: { 200: instancePage },
    errors: ['dag.not_found'],
  })
  async list(@CurrentCaller() caller: Caller, @Param('id') id: DagId, @Query() query: InstanceListQuery) {
    const page = await this.instances.list(caller, filterOf(query, id), pageOf(query));
    return { ...page, items: page.items.map((instance) => toInstanceView(instance)) };
  }
}
