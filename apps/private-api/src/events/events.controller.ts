import type { Caller } from '@flow/auth';
import { Answer, CurrentCaller, Endpoint, PrivateApi } from '@flow/http';
import type { JsonObject } from '@flow/kernel';
import { MOST_PUSHED, PushedEvents } from '@flow/triggers';
import { Body, Post } from '@nestjs/common';
import { eventBody, pushedView } from './event.view';

/** What the platform itself says, for triggers of source `internal`. */
@PrivateApi('trigger', { tag: 'Triggers' })
export class EventsController {
  constructor(private readonly events: PushedEvents) {}

  @Post('event')
  @Endpoint({
    access: 'platform.admin',
    action: 'event.push',
    summary: 'Push an event, or several',
    description: `A CloudEvent 1.0 in its JSON format, or a list of up to ${MOST_PUSHED}. All enabled event triggers of source \`internal\` of the business domain whose type fits have taken it when this answers; a source and id that were pushed before start nothing again.`,
    body: eventBody,
    idempotent: true,
    status: 202,
    answers: { 202: pushedView },
    errors: ['event.invalid'],
  })
  async push(@CurrentCaller() caller: Caller, @Body() body: JsonObject | readonly JsonObject[]) {
    const items = await this.events.push(caller, body);
    return new Answer({ items }, { status: 202 });
  }
}
