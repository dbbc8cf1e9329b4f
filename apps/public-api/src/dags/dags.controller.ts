import type { Caller } from '@flow/auth';
import { DagActionsService, DagsService } from '@flow/dags';
import {
  Answer,
  API_PREFIX,
  CurrentCaller,
  DAG_DEPTH,
  Endpoint,
  IfMatch,
  PublicApi,
  ReservedId,
  Traceparent,
  pageOf,
} from '@flow/http';
import { InstancesService } from '@flow/instances';
import type { DagId } from '@flow/kernel';
import { Body, Delete, Get, Param, Post, Put, Query } from '@nestjs/common';
import { batchView, dagPage, dagView, toDagView, toSummaryView, validationView } from './dag.view';
import { BatchBody, BatchGetBody, DagListQuery, DeleteQuery, GraphQuery, VersionQuery, filterOf } from './dags.dto';

/** A definition is checked by the DAG rules, which find every fault; GET /schemas/dag.json has the whole schema. */
const DEFINITION = { type: 'object', description: 'A DAG definition; its JSON Schema is at GET /schemas/dag.json.' };

@PublicApi('dags', { tag: 'DAGs' })
export class DagsController {
  constructor(
    private readonly dags: DagsService,
    private readonly actions: DagActionsService,
    private readonly instances: InstancesService,
  ) {}

  @Post()
  @Endpoint({
    access: 'dag.create',
    action: 'dag.create',
    summary: 'Create a DAG',
    body: DEFINITION,
    depth: DAG_DEPTH,
    idempotent: true,
    answers: { 201: dagView },
    errors: ['dag.invalid', 'dag.title_taken'],
  })
  async create(@CurrentCaller() caller: Caller, @Body() sent: object, @ReservedId() id: DagId) {
    const dag = await this.dags.create(caller, sent, { id });
    return new Answer(toDagView(dag), { location: `${API_PREFIX}/dags/${dag.id}`, etag: dag.revision });
  }

  @Get()
  @Endpoint({ access: 'dag.view', summary: 'List DAGs', answers: { 200: dagPage } })
  async list(@CurrentCaller() caller: Caller, @Query() query: DagListQuery) {
    const page = await this.dags.list(caller, filterOf(query), pageOf(query));
    return { ...page, items: page.items.map(toSummaryView) };
  }

  @Post('validate')
  @Endpoint({
    access: 'dag.view',
    action: null,
    summary: 'Check a definition; every fault at once',
    body: DEFINITION,
    depth: DAG_DEPTH,
    answers: { 200: validationView },
  })
  validate(@CurrentCaller() caller: Caller, @Body() sent: object) {
    return this.dags.validate(caller, sent);
  }

  @Post('batch-get')
  @Endpoint({
    access: 'dag.view',
    action: null,
    summary: 'Read many DAGs',
    answers: { 200: { type: 'object', properties: { items: { type: 'array', items: dagView } } } },
  })
  async batchGet(@CurrentCaller() caller: Caller, @Body() { ids, fields }: BatchGetBody) {
    return { items: (await this.dags.batchGet(caller, ids as DagId[], fields)).map(toDagView) };
  }

  @Post('batch')
  @Endpoint({
    access: 'token',
    action: 'dag.batch',
    audited: ({ action, ids }: BatchBody) => ({ action, ids: [...ids] }),
    summary: 'Activate, deactivate, delete or run many DAGs',
    mayWaitMs: 60_000,
    idempotent: true,
    answers: { 200: batchView },
    errors: ['permission.missing'],
  })
  async batch(
    @CurrentCaller() caller: Caller,
    @Body() { action, ids }: BatchBody,
    @Traceparent() traceparent?: string,
  ) {
    const request = traceparent === undefined ? {} : { traceparent };
    return {
      items: await this.actions.batch(caller, { action, ids: ids as DagId[] }, (who, id) =>
        this.instances.start(who, id, request),
      ),
    };
  }

  @Get(':id')
  @Endpoint({
    access: 'dag.view',
    summary: 'Read a DAG',
    answers: { 200: dagView },
    errors: ['dag.not_found', 'version.not_found'],
  })
  async get(@CurrentCaller() caller: Caller, @Param('id') id: DagId, @Query() { version }: VersionQuery) {
    const dag = await this.dags.get(caller, id, version);
    return new Answer(toDagView(dag), { etag: dag.revision });
  }

  @Put(':id')
  @Endpoint({
    access: 'dag.modify',
    action: 'dag.change',
    summary: 'Replace a DAG; a changed definition makes a version',
    body: DEFINITION,
    depth: DAG_DEPTH,
    ifMatch: true,
    answers: { 200: dagView },
    errors: ['dag.not_found', 'dag.invalid', 'dag.title_taken', 'dag.stale', 'version.taken', 'version.not_rising'],
  })
  async put(
    @CurrentCaller() caller: Caller,
    @Param('id') id: DagId,
    @Body() sent: object,
    @IfMatch() ifRevision: number | undefined,
  ) {
    const dag = await this.dags.update(caller, id, sent, ifRevision === undefined ? {} : { ifRevision });
    return new Answer(toDagView(dag), { etag: dag.revision });
  }

  @Delete(':id')
  @Endpoint({
    access: 'dag.delete',
    action: 'dag.delete',
    summary: 'Delete a DAG',
    ifMatch: true,
    answers: { 204: null },
    errors: ['dag.not_found', 'dag.has_live_instances', 'dag.in_use', 'dag.stale'],
  })
  async delete(
    @CurrentCaller() caller: Caller,
    @Param('id') id: DagId,
    @Query() { cancel, force }: DeleteQuery,
    @IfMatch() ifRevision: number | undefined,
  ) {
    await this.actions.delete(caller, id, { cancel, force, ...(ifRevision !== undefined && { ifRevision }) });
  }

  @Get(':id/graph')
  @Endpoint({
    access: 'dag.view',
    summary: 'Draw a DAG',
    answers: {
      200: {
        type: 'object',
        properties: { mermaid: { type: 'string' }, nodes: { type: 'array' }, edges: { type: 'array' } },
      },
    },
    errors: ['dag.not_found'],
  })
  async graph(@CurrentCaller() caller: Caller, @Param('id') id: DagId, @Query() { format, version }: GraphQuery) {
    return format === 'mermaid'
      ? { mermaid: await this.dags.mermaid(caller, id, version) }
      : this.dags.graph(caller, id, version);
  }
}
