import type { Caller } from '@flow/auth';
import { VersionsService } from '@flow/dags';
import { API_PREFIX, Answer, CurrentCaller, Endpoint, IfMatch, PageQuery, PublicApi, pageOf } from '@flow/http';
import type { DagId } from '@flow/kernel';
import { Body, Get, Param, Post, Query } from '@nestjs/common';
import { dagView, diffView, toDagView, toVersionView, versionPage, versionView } from './dag.view';
import { RollbackBody } from './dags.dto';

@PublicApi('dags/:id/versions', { tag: 'Versions' })
export class VersionsController {
  constructor(private readonly versions: VersionsService) {}

  @Get()
  @Endpoint({
    access: 'dag.view',
    summary: 'List the versions of a DAG, highest first',
    answers: { 200: versionPage },
    errors: ['dag.not_found'],
  })
  async list(@CurrentCaller() caller: Caller, @Param('id') id: DagId, @Query() query: PageQuery) {
    const page = await this.versions.list(caller, id, pageOf(query));
    return { ...page, items: page.items.map(toVersionView) };
  }

  @Get('next')
  @Endpoint({
    access: 'dag.view',
    summary: 'The version that the next change gets',
    answers: { 200: { type: 'object', properties: { version: { type: 'string' } } } },
    errors: ['dag.not_found'],
  })
  async next(@CurrentCaller() caller: Caller, @Param('id') id: DagId) {
    return { version: await this.versions.next(caller, id) };
  }

  @Get(':version')
  @Endpoint({
    access: 'dag.view',
    summary: 'Read a version',
    answers: { 200: versionView },
    errors: ['dag.not_found', 'version.not_found'],
  })
  async get(@CurrentCaller() caller: Caller, @Param('id') id: DagId, @Param('version') version: string) {
    return toVersionView(await this.versions.get(caller, id, version));
  }

  @Get(':from/diff/:to')
  @Endpoint({
    access: 'dag.view',
    summary: 'What changed between two versions, by steps',
    answers: { 200: diffView },
    errors: ['dag.not_found', 'version.not_found'],
  })
  async diff(
    @CurrentCaller() caller: Caller,
    @Param('id') id: DagId,
    @Param('from') from: string,
    @Param('to') to: string,
  ) {
    return this.versions.diff(caller, id, from, to);
  }

  @Post(':version/rollback')
  @Endpoint({
    access: 'dag.modify',
    action: 'dag.rollback',
    summary: 'Publish an older version as a new one',
    bodyOptional: true,
    idempotent: true,
    ifMatch: true,
    answers: { 201: dagView },
    errors: ['dag.not_found', 'version.not_found', 'version.taken', 'version.not_rising', 'dag.stale'],
  })
  async rollback(
    @CurrentCaller() caller: Caller,
    @Param('id') id: DagId,
    @Param('version') from: string,
    @Body() { version, changeLog }: RollbackBody,
    @IfMatch() ifRevision: number | undefined,
  ) {
    const dag = await this.versions.rollback(caller, id, from, {
      ...(version !== undefined && { version }),
      ...(changeLog !== undefined && { changeLog }),
      ...(ifRevision !== undefined && { ifRevision }),
    });
    return new Answer(toDagView(dag), {
      location: `${API_PREFIX}/dags/${id}/versions/${dag.version}`,
      etag: dag.revision,
    });
  }
}
