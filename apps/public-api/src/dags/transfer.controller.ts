import type { Caller } from '@flow/auth';
import { TransferService, type ImportRequest } from '@flow/dags';
import {
  Answer,
  CurrentCaller,
  DAG_DEPTH,
  Endpoint,
  JSON_TYPE,
  PublicApi,
  YAML_TYPE,
  type JsonSchema,
} from '@flow/http';
import type { DagId } from '@flow/kernel';
import { Body, Get, Param, Post, Query } from '@nestjs/common';
import { ExportQuery, ImportQuery } from './dags.dto';

const text = { type: 'string' } as const;
const importView: JsonSchema = {
  type: 'object',
  properties: {
    items: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          title: text,
          ok: { type: 'boolean' },
          outcome: { enum: ['created', 'updated', 'unchanged'] },
          id: text,
          version: text,
          error: { type: 'object' },
          warnings: {
            type: 'array',
            items: { type: 'object', properties: { pointer: text, code: text, message: text } },
          },
        },
      },
    },
  },
};

@PublicApi('dags', { tag: 'DAGs' })
export class TransferController {
  constructor(private readonly transfer: TransferService) {}

  @Get(':id/export')
  @Endpoint({
    access: 'dag.view',
    summary: 'Export a DAG as a definition that import reads',
    answers: { 200: { description: 'The definition as JSON or YAML text.' } },
    errors: ['dag.not_found', 'version.not_found'],
  })
  async export(@CurrentCaller() caller: Caller, @Param('id') id: DagId, @Query() { format, version }: ExportQuery) {
    const {
      text: body,
      mediaType,
      fileName,
    } = await this.transfer.export(caller, id, { format, ...(version !== undefined && { version }) });
    const headers = {
      'content-type': `${mediaType}; charset=utf-8`,
      'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(fileName)}`,
    };
    return new Answer(body, { headers });
  }

  @Post('import')
  @Endpoint({
    access: 'dag.create',
    action: 'dag.import',
    summary: 'Import one definition or many, as JSON or YAML; one fault refuses all',
    mayWaitMs: 60_000,
    body: { description: 'A definition or a list of definitions.' },
    consumes: [JSON_TYPE, YAML_TYPE],
    idempotent: true,
    depth: DAG_DEPTH,
    answers: { 200: importView },
    errors: ['dag.invalid', 'dag.title_taken', 'import.empty', 'import.too_many', 'import.dialect_unavailable'],
  })
  async import(@CurrentCaller() caller: Caller, @Body() sent: unknown, @Query() { mode, dialect }: ImportQuery) {
    const request: ImportRequest = {
      mode,
      ...(dialect !== undefined && { dialect }),
      ...(typeof sent === 'string' ? { text: sent, format: 'yaml' } : { data: sent }),
    };
    return { items: await this.transfer.import(caller, request) };
  }
}
