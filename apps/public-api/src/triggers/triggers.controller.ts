import type { Caller } from '@flow/auth';
import { Answer, CurrentCaller, Endpoint, IfMatch, PublicApi, ReservedId, pageOf } from '@flow/http';
import type { TriggerId } from '@flow/kernel';
import { BackfillsService, FormsService, TriggerCalendar, TriggersService } from '@flow/triggers';
import { Body, Delete, Get, Param, Post, Put, Query } from '@nestjs/common';
import {
  backfillView,
  calendarView,
  firingPage,
  firingView,
  previewOfConfigView,
  previewView,
  toCalendarView,
  toFiringView,
  toTriggerView,
  triggerPage,
  triggerView,
} from './trigger.view';
import {
  BackfillBody,
  CalendarQuery,
  FireBody,
  FiringListQuery,
  PreviewBody,
  PreviewQuery,
  TriggerBody,
  TriggerListQuery,
  backfillOf,
  calendarOf,
  filterOf,
  firingFilterOf,
  sentOf,
} from './triggers.dto';

@PublicApi('triggers', { tag: 'Triggers' })
export class TriggersController {
  constructor(
    private readonly triggers: TriggersService,
    private readonly backfills: BackfillsService,
    private readonly forms: FormsService,
    private readonly calendars: TriggerCalendar,
  ) {}

  @Get()
  @Endpoint({
    access: 'trigger.view',
    summary: 'List the triggers of the business domain',
    answers: { 200: triggerPage },
  })
  async list(@CurrentCaller() caller: Caller, @Query() query: TriggerListQuery) {
    if (query.upcoming) {
      const next = await this.triggers.upcoming(caller, query.limit);
      return { items: next.map(toTriggerView), nextCursor: null };
    }
    const page = await this.triggers.list(caller, filterOf(query), pageOf(query));
    return { ...page, items: page.items.map(toTriggerView) };
  }

  @Get('calendar')
  @Endpoint({
    access: 'trigger.view',
    summary: 'What all schedules fire, hour by hour',
    description:
      'Hours count from `from`; those that are over, and those in which nothing fires, are left out. Of each hour it tells how many schedules fire how often, and of `perHour` of them when: of those that fire seldom in these days before those that fire often.',
    answers: { 200: calendarView },
  })
  async calendar(@CurrentCaller() caller: Caller, @Query() query: CalendarQuery) {
    return toCalendarView(await this.calendars.between(caller, calendarOf(query)));
  }

  @Post('preview')
  @Endpoint({
    access: 'trigger.view',
    action: null,
    summary: 'When a schedule would fire that is not made yet; every fault at once',
    status: 200,
    answers: { 200: previewOfConfigView },
    errors: ['trigger.invalid'],
  })
  previewConfig(@CurrentCaller() caller: Caller, @Body() { config, n }: PreviewBody) {
    return this.triggers.previewConfig(caller, config, n);
  }

  @Get(':id')
  @Endpoint({
    access: 'trigger.view',
    summary: 'Read a trigger',
    answers: { 200: triggerView },
    errors: ['trigger.not_found'],
  })
  async get(@CurrentCaller() caller: Caller, @Param('id') id: TriggerId) {
    const trigger = await this.triggers.get(caller, id);
    return new Answer(toTriggerView(trigger), { etag: trigger.revision });
  }

  @Put(':id')
  @Endpoint({
    access: 'trigger.manage',
    action: 'trigger.change',
    summary: 'Change a trigger',
    answers: { 200: triggerView },
    errors: ['trigger.not_found', 'trigger.invalid', 'trigger.derived', 'trigger.stale', 'dag.not_found'],
  })
  async replace(
    @CurrentCaller() caller: Caller,
    @Param('id') id: TriggerId,
    @Body() body: TriggerBody,
    @IfMatch() ifRevision: number | undefined,
  ) {
    const trigger = await this.triggers.replace(caller, id, sentOf(body), ifRevision);
    return new Answer(toTriggerView(trigger), { etag: trigger.revision });
  }

  @Delete(':id')
  @Endpoint({
    access: 'trigger.manage',
    action: 'trigger.delete',
    summary: 'Delete a trigger; its history stays as long as it is kept',
    answers: { 204: null },
    errors: ['trigger.not_found', 'trigger.derived'],
  })
  async remove(@CurrentCaller() caller: Caller, @Param('id') id: TriggerId) {
    await this.triggers.remove(caller, id);
  }

  @Post(':id/enable')
  @Endpoint({
    access: 'trigger.manage',
    action: 'trigger.enable',
    summary: 'Enable a trigger',
    description: 'Times that passed while it was disabled are not made up for: a backfill does that.',
    status: 200,
    answers: { 200: triggerView },
    errors: ['trigger.not_found', 'trigger.stale'],
  })
  async enable(@CurrentCaller() caller: Caller, @Param('id') id: TriggerId) {
    return toTriggerView(await this.triggers.setEnabled(caller, id, true));
  }

  @Post(':id/disable')
  @Endpoint({
    access: 'trigger.manage',
    action: 'trigger.disable',
    summary: 'Disable a trigger',
    status: 200,
    answers: { 200: triggerView },
    errors: ['trigger.not_found', 'trigger.stale'],
  })
  async disable(@CurrentCaller() caller: Caller, @Param('id') id: TriggerId) {
    return toTriggerView(await this.triggers.setEnabled(caller, id, false));
  }

  @Post(':id/rotate-hook')
  @Endpoint({
    access: 'trigger.manage',
    action: 'trigger.rotate_hook',
    summary: 'Give a webhook another address',
    description: 'The address that it had, and that for tests, serve nobody from then on.',
    status: 200,
    answers: { 200: triggerView },
    errors: ['trigger.not_found', 'trigger.no_hook', 'trigger.stale'],
  })
  async rotateHook(@CurrentCaller() caller: Caller, @Param('id') id: TriggerId) {
    return toTriggerView(await this.triggers.rotateHook(caller, id));
  }

  @Post(':id/fire')
  @Endpoint({
    access: 'trigger.fire',
    action: 'trigger.fire',
    summary: 'Fire a trigger now',
    description:
      'As if something had come for it, though it be disabled and whatever its filter says. The answer tells what came of it.',
    bodyOptional: true,
    idempotent: true,
    status: 202,
    answers: { 202: firingView },
    errors: ['trigger.not_found', 'dag.not_found', 'input.invalid', 'input.ambiguous', 'saved_input.not_found'],
  })
  async fire(
    @CurrentCaller() caller: Caller,
    @Param('id') id: TriggerId,
    @Body() body: FireBody,
    @ReservedId() key: string,
  ) {
    return new Answer(toFiringView(await this.forms.fire(caller, id, body, key)), { status: 202 });
  }

  @Get(':id/preview')
  @Endpoint({
    access: 'trigger.view',
    summary: 'When a schedule fires next, and what changes of the clocks do to it',
    answers: { 200: previewView },
    errors: ['trigger.not_found', 'trigger.no_schedule'],
  })
  async preview(@CurrentCaller() caller: Caller, @Param('id') id: TriggerId, @Query() { n }: PreviewQuery) {
    return { items: await this.triggers.preview(caller, id, n) };
  }

  @Get(':id/firings')
  @Endpoint({
    access: 'trigger.view',
    summary: 'What a trigger has fired, skipped and why, the newest first',
    answers: { 200: firingPage },
    errors: ['trigger.not_found'],
  })
  async firings(@CurrentCaller() caller: Caller, @Param('id') id: TriggerId, @Query() query: FiringListQuery) {
    const page = await this.triggers.firingsOf(caller, id, firingFilterOf(query), pageOf(query));
    return { ...page, items: page.items.map(toFiringView) };
  }

  @Post(':id/backfill')
  @Endpoint({
    access: 'trigger.fire',
    action: 'trigger.backfill',
    summary: 'Start runs for times of a schedule that are over',
    description:
      'Behind all fresh runs (priority lowest), `maxParallel` at once, each time once however often it is asked for.',
    idempotent: true,
    status: 202,
    answers: { 202: backfillView, 200: backfillView },
    errors: ['trigger.not_found', 'trigger.no_schedule', 'trigger.invalid'],
  })
  async backfill(
    @CurrentCaller() caller: Caller,
    @Param('id') id: TriggerId,
    @Body() body: BackfillBody,
    @ReservedId() key: string,
  ) {
    const { times, ...backfill } = await this.backfills.start(caller, id, backfillOf(body), key);
    return new Answer({ ...backfill, count: times.length, times }, { status: body.dryRun ? 200 : 202 });
  }

  @Delete(':id/backfills/:backfill')
  @Endpoint({
    access: 'trigger.fire',
    action: 'trigger.cancel_backfill',
    summary: 'Cancel what a backfill has not begun; what runs goes on',
    answers: { 200: { type: 'object', properties: { cancelled: { type: 'integer' } } } },
    errors: ['trigger.not_found', 'backfill.not_found'],
  })
  async cancelBackfill(
    @CurrentCaller() caller: Caller,
    @Param('id') id: TriggerId,
    @Param('backfill') backfill: string,
  ) {
    return { cancelled: await this.backfills.cancel(caller, id, backfill) };
  }
}
