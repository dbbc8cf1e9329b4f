import type { Caller } from '@flow/auth';
import { CurrentCaller, Endpoint, PublicApi, Traceparent } from '@flow/http';
import { InstanceActions, RetriesService } from '@flow/instances';
import type { InstanceId } from '@flow/kernel';
import { Body, Param, Post } from '@nestjs/common';
import { BatchActions, toBatchItemView } from './batch-actions';
import { batchView, startedView } from './instance.view';
import { CancelInstanceBody, InstanceBatchBody, cancelRequestOf } from './instances.dto';

/** What people do to runs that have not ended; each answer comes when the request is durable. */
@PublicApi('instances', { tag: 'Instances' })
export class InstanceActionsController {
  private readonly batchActions: BatchActions;

  constructor(
    private readonly actions: InstanceActions,
    retries: RetriesService,
  ) {
    this.batchActions = new BatchActions(actions, retries);
  }

  @Post('batch')
  @Endpoint({
    access: 'token',
    action: 'instance.batch',
    audited: ({ action, ids }: InstanceBatchBody) => ({ action, ids: [...ids] }),
    summary: 'Cancel, pause, resume or retry many instances',
    description: 'One answer an id, in their order; one that fails keeps no other from being done.',
    idempotent: true,
    answers: { 200: batchView },
    errors: ['permission.missing'],
  })
  async batch(@CurrentCaller() caller: Caller, @Body() body: InstanceBatchBody, @Traceparent() traceparent?: string) {
    return { items: (await this.batchActions.run(caller, body, traceparent)).map(toBatchItemView) };
  }

  @Post(':id/cancel')
  @Endpoint({
    access: 'instance.cancel',
    action: 'instance.cancel',
    summary: 'Cancel an instance',
    description: 'Running steps are told to stop; `finally` runs, and `undo` with `compensate`.',
    bodyOptional: true,
    answers: { 202: startedView },
    errors: ['instance.not_found', 'instance.has_ended'],
  })
  async cancel(@CurrentCaller() caller: Caller, @Param('id') id: InstanceId, @Body() body: CancelInstanceBody) {
    const { status } = await this.actions.cancel(caller, id, cancelRequestOf(body));
    return { id, status };
  }

  @Post(':id/pause')
  @Endpoint({
    access: 'instance.pause',
    action: 'instance.pause',
    summary: 'Pause an instance: what runs ends, nothing new starts',
    description: 'Pausing twice is pausing once. Waits go on: what comes meanwhile is acted on at the resume.',
    answers: { 202: startedView },
    errors: ['instance.not_found', 'instance.has_ended', 'instance.is_cancelling'],
  })
  async pause(@CurrentCaller() caller: Caller, @Param('id') id: InstanceId) {
    const { status } = await this.actions.pause(caller, id);
    return { id, status };
  }

  @Post(':id/resume')
  @Endpoint({
    access: 'instance.pause',
    action: 'instance.resume',
    summary: 'Let a paused instance go on',
    answers: { 202: startedView },
    errors: ['instance.not_found', 'instance.has_ended', 'instance.not_paused'],
  })
  async resume(@CurrentCaller() caller: Caller, @Param('id') id: InstanceId) {
    const { status } = await this.actions.resume(caller, id);
    return { id, status };
  }
}
