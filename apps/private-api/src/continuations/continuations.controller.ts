import type { Caller } from '@flow/auth';
import { CurrentCaller, Endpoint, PrivateApi } from '@flow/http';
import { CallbacksService } from '@flow/instances';
import { Body, Param, Post } from '@nestjs/common';
import { ContinuationBody, continuationOf } from './continuation.dto';

/** Steps that wait for a call which the other side cannot make. */
@PrivateApi('trigger', { tag: 'Continuations' })
export class ContinuationsController {
  constructor(private readonly callbacks: CallbacksService) {}

  @Post('continue/:taskId')
  @Endpoint({
    access: 'platform.admin',
    action: 'task.continue',
    summary: 'Answer a step that waits for a callback, in the place of the other side',
    description:
      'As if the call had come, or as its failure: then the step fails, without another attempt. Once; of an answer and this one is taken.',
    answers: { 202: null },
    errors: ['task.not_found', 'task.not_waiting', 'task.has_ended'],
  })
  async continue(
    @CurrentCaller() caller: Caller,
    @Param('taskId') taskId: string,
    @Body() body: ContinuationBody,
  ): Promise<void> {
    await this.callbacks.continue(caller, taskId, continuationOf(body));
  }
}
