import { Endpoint, PublicApi } from '@flow/http';
import { CallbacksService } from '@flow/instances';
import type { Json } from '@flow/kernel';
import { Body, Ip, Param, Post } from '@nestjs/common';
import { ProgressBody } from './callbacks.dto';

/** Open to everybody: the address itself is the credential, so no answer tells why it does not serve. */
@PublicApi('callbacks', { tag: 'Callbacks' })
export class CallbacksController {
  constructor(private readonly callbacks: CallbacksService) {}

  @Post(':token')
  @Endpoint({
    access: 'public',
    action: null,
    summary: 'Answer a step that waits for this address; once',
    description:
      'No token is needed. Taken also before the turn of its step has come. Wrong, used and expired addresses are 404 alike.',
    body: { description: 'Any JSON; {} when left out.' },
    bodyOptional: true,
    answers: { 202: null },
    errors: ['callback.not_found'],
  })
  async take(@Param('token') token: string, @Body() body: Json, @Ip() from: string): Promise<void> {
    await this.callbacks.take(token, body, from);
  }

  @Post(':token/progress')
  @Endpoint({
    access: 'public',
    action: null,
    summary: 'Say that the answer is still to come, and how far it is',
    description:
      "A sign of life: the step's `heartbeat` begins anew. Shown on the task and in the run's live events. Once a second for each step; durable when it is answered.",
    bodyOptional: true,
    answers: { 202: null },
    errors: [
      'callback.not_found',
      'callback.not_waiting',
      'callback.progress_too_often',
      'callback.progress_too_large',
    ],
  })
  async progress(@Param('token') token: string, @Body() body: ProgressBody, @Ip() from: string): Promise<void> {
    await this.callbacks.progress(token, body, from);
  }
}
