import type { Caller } from '@flow/auth';
import { CurrentCaller, Endpoint, PageQuery, PublicApi, pageOf } from '@flow/http';
import { InstancesService } from '@flow/instances';
import { decodeCursor, encodeCursor, type InstanceId } from '@flow/kernel';
import { Get, Param, Query } from '@nestjs/common';
import { historyView, instancePage, instanceView, taskPage, taskView, toInstanceView, whyView } from './instance.view';
import { toTaskView, written } from './large.view';
import { InstanceListQuery, filterOf } from './instances.dto';

@PublicApi('instances', { tag: 'Instances' })
export class InstancesController {
  constructor(private readonly instances: InstancesService) {}

  @Get()
  @Endpoint({ access: 'instance.view', summary: 'List instances', answers: { 200: instancePage } })
  async list(@CurrentCaller() caller: Caller, @Query() query: InstanceListQuery) {
    const page = await this.instances.list(caller, filterOf(query), pageOf(query));
    return { ...page, items: page.items.map((instance) => toInstanceView(instance)) };
  }

  @Get(':id')
  @Endpoint({
    access: 'instance.view',
    summary: 'Read an instance: status, progress, result, reason',
    answers: { 200: instanceView },
    errors: ['instance.not_found'],
  })
  async get(@CurrentCaller() caller: Caller, @Param('id') id: InstanceId) {
    const instance = await this.instances.get(caller, id);
    const { large, ...plain } = instance;
    const view = toInstanceView(plain, await this.instances.callback(instance));
    return large ? written(this.instances.written(instance, { ...view, large })) : view;
  }

  @Get(':id/tasks')
  @Endpoint({
    access: 'instance.view',
    summary: 'List the tasks of an instance',
    answers: { 200: taskPage },
    errors: ['instance.not_found'],
  })
  async tasks(@CurrentCaller() caller: Caller, @Param('id') id: InstanceId, @Query() query: PageQuery) {
    const page = await this.instances.tasks(caller, id, pageOf(query));
    return { ...page, items: page.items.map(toTaskView) };
  }

  @Get(':id/tasks/:taskId')
  @Endpoint({
    access: 'instance.view',
    summary: 'Read a task',
    answers: { 200: taskView },
    errors: ['instance.not_found', 'task.not_found'],
  })
  async task(@CurrentCaller() caller: Caller, @Param('id') id: InstanceId, @Param('taskId') taskId: string) {
    const task = await this.instances.task(caller, id, taskId);
    return task.large ? written(this.instances.written(await this.instances.get(caller, id), task)) : task;
  }

  @Get(':id/history')
  @Endpoint({
    access: 'instance.view',
    summary: 'Everything that happened to an instance and its tasks, in order',
    answers: { 200: historyView },
    errors: ['instance.not_found'],
  })
  async history(@CurrentCaller() caller: Caller, @Param('id') id: InstanceId, @Query() { limit, cursor }: PageQuery) {
    const afterSeq = cursor === undefined ? 0 : Number(decodeCursor(cursor, ['number'])[0]);
    const { items, nextSeq } = await this.instances.history(caller, id, afterSeq, limit);
    return { items, nextCursor: nextSeq === null ? null : encodeCursor([nextSeq]) };
  }

  @Get(':id/why')
  @Endpoint({
    access: 'instance.view',
    summary: 'What an instance waits for, or why it ended as it did',
    answers: { 200: whyView },
    errors: ['instance.not_found'],
  })
  async why(@CurrentCaller() caller: Caller, @Param('id') id: InstanceId) {
    return this.instances.why(caller, id);
  }
}
