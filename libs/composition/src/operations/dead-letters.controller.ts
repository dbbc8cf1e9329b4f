import type { Caller } from '@flow/auth';
import { DeadLetterNotFound, DeadLetters } from '@flow/deliveries';
import { CurrentCaller, Endpoint, SharedApi, pageOf } from '@flow/http';
import type { FiringId } from '@flow/kernel';
import { DeadFirings } from '@flow/triggers';
import { Body, Delete, Get, Param, Post, Put, Query } from '@nestjs/common';
import { listDeadLetters } from './dead-letter.list';
import {
  deadLetterPage,
  deadLetterView,
  redriveView,
  toRedrivenView,
  toWholeDeadFiringView,
  toWholeDeadLetterView,
} from './dead-letter.view';
import { ChangeBody, DeadLetterQuery, RedriveBody, changeOf, targetOf } from './dead-letters.dto';

const REDRIVEN_AT_ONCE = 200;

/** Callbacks that nobody took and firings that could not start: looked at, corrected, driven anew, forgotten. */
@SharedApi('dead-letters', { tag: 'Dead letters' })
export class DeadLettersController {
  constructor(
    private readonly deadLetters: DeadLetters,
    private readonly deadFirings: DeadFirings,
  ) {}

  @Get()
  @Endpoint({
    access: 'dead_letter.view',
    summary: 'List what was given up: callbacks, then firings of triggers, each the newest first',
    answers: { 200: deadLetterPage },
  })
  async list(@CurrentCaller() caller: Caller, @Query() query: DeadLetterQuery) {
    return listDeadLetters(
      caller,
      { deadLetters: this.deadLetters, deadFirings: this.deadFirings },
      query,
      pageOf(query),
    );
  }

  @Post('redrive')
  @Endpoint({
    access: 'dead_letter.manage',
    action: 'dead_letter.redrive',
    summary: 'Drive many anew, by their ids or by a filter',
    description:
      'A callback begins with its first attempt again, under the same `webhook-id`; a firing starts its run at once, though its trigger be disabled. One answer an id, in their order. All of a trigger are many: the answer says after some seconds how many were `redriven` and how many are `left`; ask again until none is.',
    answers: { 200: redriveView },
    errors: ['redrive.target_missing'],
  })
  async redrive(@CurrentCaller() caller: Caller, @Body() body: RedriveBody) {
    const target = targetOf(body);
    if ('length' in target) return { items: await this.redriveSome(caller, target), more: false };
    if (target.kind === 'callback') {
      const { items, more } = await this.deadLetters.redriveAll(caller, target.filter);
      return { items: items.map((one) => toRedrivenView(one.id, one.ok ? undefined : one.error)), more };
    }
    if (target.triggerId !== undefined) {
      const progress = await this.deadFirings.redriveAll(caller, target.triggerId);
      return { items: [], more: progress.left > 0, ...progress };
    }
    const page = await this.deadFirings.list(caller, undefined, { limit: REDRIVEN_AT_ONCE });
    const items = await this.redriveSome(
      caller,
      page.items.map(({ id }) => id),
    );
    return { items, more: page.nextCursor !== null };
  }

  @Get(':id')
  @Endpoint({
    access: 'dead_letter.view',
    summary: 'Read what was given up, with what it says and why',
    answers: { 200: deadLetterView },
    errors: ['dead_letter.not_found'],
  })
  async get(@CurrentCaller() caller: Caller, @Param('id') id: string) {
    const firing = await this.deadFirings.find(caller, id as FiringId);
    return firing ? toWholeDeadFiringView(firing) : toWholeDeadLetterView(await this.deadLetters.get(caller, id));
  }

  @Put(':id')
  @Endpoint({
    access: 'dead_letter.manage',
    action: 'dead_letter.change',
    summary: "Change where a callback goes, or what a firing's event says; redriving it is another call",
    answers: { 200: deadLetterView },
    errors: ['dead_letter.not_found', 'callback_url.invalid', 'callback_url.blocked'],
  })
  async change(@CurrentCaller() caller: Caller, @Param('id') id: string, @Body() body: ChangeBody) {
    if (!(await this.deadFirings.find(caller, id as FiringId)))
      return toWholeDeadLetterView(await this.deadLetters.redirect(caller, id, changeOf(body, 'url')));
    const changed = await this.deadFirings.change(caller, id as FiringId, changeOf(body, 'data'));
    if (!changed) throw new DeadLetterNotFound(id);
    return toWholeDeadFiringView(changed);
  }

  @Delete(':id')
  @Endpoint({
    access: 'dead_letter.manage',
    action: 'dead_letter.delete',
    summary: 'Forget what was given up',
    answers: { 204: null },
    errors: ['dead_letter.not_found'],
  })
  async remove(@CurrentCaller() caller: Caller, @Param('id') id: string) {
    if (!(await this.deadFirings.remove(caller, id as FiringId))) await this.deadLetters.remove(caller, id);
  }

  private async redriveSome(caller: Caller, ids: readonly string[]) {
    const items: ReturnType<typeof toRedrivenView>[] = [];
    for (const id of new Set(ids)) {
      if (await this.deadFirings.redrive(caller, id as FiringId)) items.push(toRedrivenView(id));
      else
        for (const one of await this.deadLetters.redrive(caller, [id]))
          items.push(toRedrivenView(id, one.ok ? undefined : one.error));
    }
    return items;
  }
}
