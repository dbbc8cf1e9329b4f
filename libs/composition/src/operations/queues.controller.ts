import type { Caller } from '@flow/auth';
import { CurrentCaller, Endpoint, SharedApi, type JsonSchema } from '@flow/http';
import { QueuesService } from '@flow/instances';
import { Get } from '@nestjs/common';

const COUNT: JsonSchema = { type: 'integer' };

const queuesView: JsonSchema = {
  type: 'object',
  properties: {
    dispatch: {
      type: ['object', 'null'],
      description: 'Runs that wait for a process with room; null where one process does everything.',
      properties: {
        waiting: COUNT,
        later: { ...COUNT, description: 'Those whose time has not come.' },
        lanes: {
          type: 'array',
          description: 'Lanes in which something waits; business domains are spread over 32.',
          items: { type: 'object', properties: { lane: COUNT, waiting: COUNT, later: COUNT } },
        },
      },
    },
    slots: {
      type: 'object',
      properties: { waiting: { ...COUNT, description: 'Instances that wait for a slot of their DAG (concurrency).' } },
    },
    callbacks: {
      type: 'object',
      properties: {
        pending: { ...COUNT, description: 'Callbacks that wait to be taken.' },
        dead: { ...COUNT, description: 'Callbacks that were given up: see /dead-letters.' },
      },
    },
  },
};

/** What waits, in all business domains. */
@SharedApi('queues', { tag: 'Queues' })
export class QueuesController {
  constructor(private readonly queues: QueuesService) {}

  @Get()
  @Endpoint({ access: 'platform.admin', summary: 'What waits, and for what', answers: { 200: queuesView } })
  async view(@CurrentCaller() caller: Caller) {
    return this.queues.view(caller);
  }
}
