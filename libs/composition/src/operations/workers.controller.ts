import type { Caller } from '@flow/auth';
import { Answer, CurrentCaller, Endpoint, SharedApi } from '@flow/http';
import { WorkersService } from '@flow/instances';
import type { WorkerId } from '@flow/kernel';
import { Get, Param, Post } from '@nestjs/common';
import { toWorkerView, workersView } from './worker.view';

/** The processes that run instances. */
@SharedApi('workers', { tag: 'Workers' })
export class WorkersController {
  constructor(private readonly workers: WorkersService) {}

  @Get()
  @Endpoint({
    access: 'platform.admin',
    summary: 'Processes that run instances, oldest first',
    answers: { 200: workersView },
  })
  async list(@CurrentCaller() caller: Caller) {
    return { items: (await this.workers.list(caller)).map(toWorkerView) };
  }

  @Post(':id/drain')
  @Endpoint({
    access: 'platform.admin',
    action: 'worker.drain',
    summary: 'Have a process let go of what it holds',
    description:
      'Within two seconds it takes nothing new, is not ready any more, lets the calls under way end (DRAIN_TIMEOUT) and lets go of its instances, which others go on with. It is listed until it has done so, and idles until it is stopped. The answer comes before that.',
    answers: { 202: { type: 'object', properties: { id: { type: 'string' } } } },
    errors: ['worker.not_found', 'worker.alone'],
  })
  async drain(@CurrentCaller() caller: Caller, @Param('id') id: string) {
    await this.workers.drain(caller, id as WorkerId);
    return new Answer({ id }, { status: 202 });
  }
}
