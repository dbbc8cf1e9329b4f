import type { Caller } from '@flow/auth';
import { DeadLetters } from '@flow/deliveries';
import { CurrentCaller, Endpoint, PrivateApi, pageOf } from '@flow/http';
import { Body, Delete, Get, Param, Post, Put, Query } from '@nestjs/common';
import {
  deadLetterPage,
  deadLetterView,
  redriveView,
  toDeadLetterView,
  toRedrivenView,
  toWholeDeadLetterView,
} from './dead-letter.view';
import { DeadLetterQuery, RedirectBody, RedriveBody, filterOf, targetOf } from './dead-letters.dto';

/** Callbacks that nobody took: looked at, corrected, sent again, forgotten. */
@PrivateApi('dead-letters', { tag: 'Dead letters' })
export class DeadLettersController {
  constructor(private readonly deadLetters: DeadLetters) {}

  @Get()
  @Endpoint({
    access: 'dead_letter.view',
    summary: 'List callbacks that were given up, the newest first',
    answers: { 200: deadLetterPage },
  })
  async list(@CurrentCaller() caller: Caller, @Query() query: DeadLetterQuery) {
    const page = await this.deadLetters.list(caller, filterOf(query), pageOf(query));
    return { ...page, items: page.items.map(toDeadLetterView) };
  }

  @Post('redrive')
  @Endpoint({
    access: 'dead_letter.manage',
    summary: 'Deliver many anew, by their ids or by a filter',
    description:
      'Each begins with its first attempt again, under the same `webhook-id`. One answer an id, in their order.',
    answers: { 200: redriveView },
    errors: ['redrive.target_missing'],
  })
  async redrive(@CurrentCaller() caller: Caller, @Body() body: RedriveBody) {
    const target = targetOf(body);
    if ('length' in target) {
      const items = await this.deadLetters.redrive(caller, target);
      return { items: items.map(toRedrivenView), more: false };
    }
    const { items, more } = await this.deadLetters.redriveAll(caller, target);
    return { items: items.map(toRedrivenView), more };
  }

  @Get(':id')
  @Endpoint({
    access: 'dead_letter.view',
    summary: 'Read a callback that was given up, with what it says',
    answers: { 200: deadLetterView },
    errors: ['dead_letter.not_found'],
  })
  async get(@CurrentCaller() caller: Caller, @Param('id') id: string) {
    return toWholeDeadLetterView(await this.deadLetters.get(caller, id));
  }

  @Put(':id')
  @Endpoint({
    access: 'dead_letter.manage',
    summary: 'Change where it goes; what it says is what happened and stays',
    answers: { 200: deadLetterView },
    errors: ['dead_letter.not_found', 'callback_url.invalid', 'callback_url.blocked'],
  })
  async redirect(@CurrentCaller() caller: Caller, @Param('id') id: string, @Body() { url }: RedirectBody) {
    return toWholeDeadLetterView(await this.deadLetters.redirect(caller, id, url));
  }

  @Delete(':id')
  @Endpoint({
    access: 'dead_letter.manage',
    summary: 'Forget a callback that was given up',
    answers: { 204: null },
    errors: ['dead_letter.not_found'],
  })
  async remove(@CurrentCaller() caller: Caller, @Param('id') id: string) {
    await this.deadLetters.remove(caller, id);
  }
}
