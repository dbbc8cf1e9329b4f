import type { Caller } from '@flow/auth';
import { CurrentCaller, Endpoint, PublicApi, type JsonSchema } from '@flow/http';
import { LIVE_STATUSES, RuntimeViews } from '@flow/instances';
import { Get } from '@nestjs/common';

const time = { type: 'string', format: 'date-time' } as const;
const count = { type: 'integer' } as const;

const runtimeView: JsonSchema = {
  type: 'object',
  properties: {
    at: time,
    live: {
      type: 'object',
      description: 'Instances that have not ended, by status, each counted up to 10,000.',
      properties: Object.fromEntries(
        LIVE_STATUSES.map((status) => [
          status,
          { type: 'object', properties: { count, more: { type: 'boolean', description: 'There are more.' } } },
        ]),
      ),
    },
    ended: {
      type: 'object',
      description: 'Instances that ended in the last hour, the newest 20,000.',
      properties: {
        minutes: {
          type: 'array',
          description: 'The oldest first, the present one last.',
          items: { type: 'object', properties: { at: time, succeeded: count, failed: count, cancelled: count } },
        },
        more: { type: 'boolean', description: 'More ended: the oldest of them are not counted.' },
      },
    },
  },
};

/** What goes on in a business domain, for a page that shows it. */
@PublicApi('observability', { tag: 'Observability' })
export class ObservabilityController {
  constructor(private readonly views: RuntimeViews) {}

  @Get('runtime-view')
  @Endpoint({
    access: 'instance.view',
    summary: 'How many instances are live, by status, and how many ended in the last hour, by minute',
    description: 'Of the business domain of the request; debug runs are not counted.',
    answers: { 200: runtimeView },
  })
  async runtime(@CurrentCaller() caller: Caller) {
    return this.views.view(caller);
  }
}
