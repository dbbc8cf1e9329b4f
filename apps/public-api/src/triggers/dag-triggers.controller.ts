import type { Caller } from '@flow/auth';
import { API_PREFIX, Answer, CurrentCaller, Endpoint, PublicApi, ReservedId, pageOf } from '@flow/http';
import type { DagId } from '@flow/kernel';
import { TriggersService } from '@flow/triggers';
import { Body, Get, Param, Post, Query } from '@nestjs/common';
import { toTriggerView, triggerPage, triggerView } from './trigger.view';
import { TriggerBody, TriggerListQuery, filterOf, sentOf } from './triggers.dto';

@PublicApi('dags/:id/triggers', { tag: 'Triggers' })
export class DagTriggersController {
  constructor(private readonly triggers: TriggersService) {}

  @Post()
  @Endpoint({
    access: 'trigger.manage',
    action: 'trigger.create',
    summary: 'Give a DAG another trigger',
    idempotent: true,
    answers: { 201: triggerView },
    errors: ['dag.not_found', 'trigger.invalid', 'trigger.too_many'],
  })
  async create(
    @CurrentCaller() caller: Caller,
    @Param('id') dagId: DagId,
    @Body() body: TriggerBody,
    @ReservedId() id: string,
  ) {
    const trigger = await this.triggers.create(caller, dagId, sentOf(body), { id });
    return new Answer(toTriggerView(trigger), {
      location: `${API_PREFIX}/triggers/${trigger.id}`,
      etag: trigger.revision,
    });
  }

  @Get()
  @Endpoint({
    access: 'trigger.view',
    summary: 'List the triggers of a DAG, the newest first',
    answers: { 200: triggerPage },
    errors: ['dag.not_found'],
  })
  async list(@CurrentCaller() caller: Caller, @Param('id') dagId: DagId, @Query() query: TriggerListQuery) {
    const page = await this.triggers.list(caller, { ...filterOf(query), dagId }, pageOf(query));
    return { ...page, items: page.items.map(toTriggerView) };
  }
}
