import type { Caller } from '@flow/auth';
import { API_PREFIX, Answer, CurrentCaller, DAG_DEPTH, Endpoint, PublicApi, ReservedId, Traceparent } from '@flow/http';
import { DebugRuns, DebugSteps, InstancesService, LONGEST_STEP_WAIT_MS, type StepResult } from '@flow/instances';
import { withoutLarge, type InstanceId, type WithPlaces } from '@flow/kernel';
import { Body, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { instanceView, toInstanceView } from '../instances/instance.view';
import { written } from '../instances/large.view';
import { DebugRunBody, DebugStepBody, debugRequestOf, stepRequestOf } from './debug.dto';
import { stepResultView, toStepResultView } from './step-result.view';

@PublicApi('dags/debug', { tag: 'Debugging' })
export class DebugController {
  constructor(
    private readonly runs: DebugRuns,
    private readonly steps: DebugSteps,
    private readonly instances: InstancesService,
  ) {}

  @Post('run')
  @Endpoint({
    access: 'dag.debug',
    action: 'debug.run',
    summary: 'Start a debug run, which stops before its breakpoints',
    description:
      'On the engine that production uses. It is seen by whoever started it, under /instances/{id} and in no list, is cancelled when its time is over, and goes away then.',
    idempotent: true,
    depth: DAG_DEPTH,
    answers: { 202: instanceView },
    errors: [
      'debug.target_missing',
      'debug.invalid',
      'debug.too_many_live',
      'dag.invalid',
      'dag.not_found',
      'version.not_found',
      'input.invalid',
      'instance.too_many_live',
    ],
  })
  async run(
    @CurrentCaller() caller: Caller,
    @Body() body: DebugRunBody,
    @ReservedId() id: InstanceId,
    @Traceparent() traceparent?: string,
  ) {
    const request = { ...debugRequestOf(body), ...(traceparent !== undefined && { traceparent }) };
    const instance = await this.runs.start(caller, request, { id });
    return new Answer(toInstanceView(instance), { status: 202, location: `${API_PREFIX}/instances/${instance.id}` });
  }

  @Post('step')
  @Endpoint({
    access: 'dag.debug',
    action: 'debug.step',
    summary: 'Carry out one step in a given context',
    mayWaitMs: LONGEST_STEP_WAIT_MS,
    description:
      'Answers when the step has ended, after a minute at the latest. Its `dependsOn`, `onError` and `undo` are not looked at. A client that leaves stops the step.',
    depth: DAG_DEPTH,
    answers: { 200: stepResultView },
    errors: ['debug.invalid', 'debug.too_many_live', 'instance.too_many_live'],
  })
  async step(
    @CurrentCaller() caller: Caller,
    @Body() body: DebugStepBody,
    @Res({ passthrough: true }) { raw }: FastifyReply,
    @Traceparent() traceparent?: string,
  ) {
    const request = { ...stepRequestOf(body), ...(traceparent !== undefined && { traceparent }) };
    const gone = new AbortController();
    const leave = () => gone.abort();
    raw.once('close', leave);
    try {
      return this.told(caller, await this.steps.run(caller, request, gone.signal));
    } finally {
      raw.off('close', leave);
    }
  }

  private told({ domain }: Caller, result: StepResult) {
    const { large, ...plain }: WithPlaces<ReturnType<typeof toStepResultView>> = withoutLarge(toStepResultView(result));
    return large ? written(this.instances.written({ domain, id: result.instanceId }, { ...plain, large })) : plain;
  }
}
