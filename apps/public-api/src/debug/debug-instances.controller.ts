import type { Caller } from '@flow/auth';
import { CurrentCaller, Endpoint, PublicApi } from '@flow/http';
import { DebugRuns } from '@flow/instances';
import type { InstanceId } from '@flow/kernel';
import { Param, Post } from '@nestjs/common';
import { instanceView, toInstanceView } from '../instances/instance.view';

const ERRORS = [
  'instance.not_found',
  'instance.not_debugged',
  'instance.has_ended',
  'instance.not_paused',
] as const satisfies readonly string[];

/** What a debugger does to its paused run; each answer comes when the request is durable. */
@PublicApi('instances/:id', { tag: 'Debugging' })
export class DebugInstancesController {
  constructor(private readonly runs: DebugRuns) {}

  @Post('step')
  @Endpoint({
    access: 'dag.debug',
    action: 'debug.advance',
    summary: 'Let one step of a paused debug run begin',
    description: 'The first of `debug.held`; what follows from it is held again.',
    answers: { 202: instanceView },
    errors: [...ERRORS, 'debug.nothing_held'],
  })
  async step(@CurrentCaller() caller: Caller, @Param('id') id: InstanceId) {
    return toInstanceView(await this.runs.step(caller, id));
  }

  @Post('continue')
  @Endpoint({
    access: 'dag.debug',
    action: 'debug.continue',
    summary: 'Let a paused debug run go on to its next breakpoint',
    answers: { 202: instanceView },
    errors: ERRORS,
  })
  async continue(@CurrentCaller() caller: Caller, @Param('id') id: InstanceId) {
    return toInstanceView(await this.runs.continue(caller, id));
  }
}
