import type { Caller } from '@flow/auth';
import { API_PREFIX, Answer, CurrentCaller, Endpoint, PublicApi, ReservedId, Traceparent } from '@flow/http';
import { RetriesService } from '@flow/instances';
import type { InstanceId } from '@flow/kernel';
import { Body, Param, Post } from '@nestjs/common';
import { retriedView } from './instance.view';
import { RetryBody, toRetryRequest } from './retries.dto';

@PublicApi('instances/:id/retry', { tag: 'Instances' })
export class RetriesController {
  constructor(private readonly retries: RetriesService) {}

  @Post()
  @Endpoint({
    access: 'instance.retry',
    action: 'instance.retry',
    summary: 'Run an ended instance again as a new one that keeps what succeeded',
    description:
      'The new instance takes over the tasks that are kept. `repeats` names the calls with an effect that were made before and will be made again, under new idempotency keys. With `dryRun` it says all of that and starts nothing.',
    bodyOptional: true,
    idempotent: true,
    audited: ({ dryRun }: RetryBody) => (dryRun ? { dryRun } : {}),
    answers: { 202: retriedView, 200: retriedView },
    status: 202,
    errors: [
      'instance.not_found',
      'instance.not_ended',
      'instance.retry_lives',
      'instance.retry_version_differs',
      'dag.not_found',
      'dag.stopped',
      'input.invalid',
    ],
  })
  async retry(
    @CurrentCaller() caller: Caller,
    @Param('id') id: InstanceId,
    @Body() body: RetryBody,
    @ReservedId() reserved: InstanceId,
    @Traceparent() traceparent?: string,
  ) {
    const request = { ...toRetryRequest(body), ...(traceparent !== undefined && { traceparent }) };
    if (body.dryRun) {
      const outline = await this.retries.preview(caller, id, request);
      return new Answer({ id: null, status: null, retryOf: id, ...outline }, { status: 200 });
    }
    const { instance, ...outline } = await this.retries.retry(caller, id, request, reserved);
    const { status, retryOf } = instance;
    const location = `${API_PREFIX}/instances/${instance.id}`;
    return new Answer({ id: instance.id, status, retryOf, ...outline }, { status: 202, location });
  }
}
