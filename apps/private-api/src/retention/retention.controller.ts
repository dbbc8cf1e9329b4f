import type { Caller } from '@flow/auth';
import { CurrentCaller, Endpoint, PrivateApi, type JsonSchema } from '@flow/http';
import type { Json } from '@flow/kernel';
import { RetentionService } from '@flow/retention';
import { Body, Delete, Get, Post, Put } from '@nestjs/common';
import { purgeView, retentionView, toPreview, toRetentionView } from './retention.view';

const OWN: JsonSchema = {
  type: 'object',
  properties: {
    retention: {
      description: 'An ISO 8601 duration or `forever`, for all or by how they ended: `{"succeeded": "P7D"}`.',
    },
  },
  required: ['retention'],
  additionalProperties: false,
};

const RUN: JsonSchema = {
  type: 'object',
  properties: { dryRun: { type: 'boolean', description: 'Count what would be removed, and remove nothing.' } },
  additionalProperties: false,
};

/** How long the business domain of the caller keeps its ended instances. */
@PrivateApi('retention', { tag: 'Retention' })
export class RetentionController {
  constructor(private readonly retention: RetentionService) {}

  @Get()
  @Endpoint({
    access: 'platform.admin',
    summary: 'How long the business domain keeps its ended instances',
    answers: { 200: retentionView },
  })
  async get(@CurrentCaller() caller: Caller) {
    return toRetentionView(caller, await this.retention.get(caller));
  }

  @Put()
  @Endpoint({
    access: 'platform.admin',
    action: 'retention.set',
    summary: 'Say how long the business domain keeps them, where their DAG does not',
    body: OWN,
    answers: { 200: retentionView },
  })
  async put(@CurrentCaller() caller: Caller, @Body() body: { readonly retention: Json }) {
    return toRetentionView(caller, await this.retention.put(caller, body.retention));
  }

  @Delete()
  @Endpoint({
    access: 'platform.admin',
    action: 'retention.reset',
    summary: 'Leave it to the setting RETENTION again',
    answers: { 204: null },
  })
  async reset(@CurrentCaller() caller: Caller) {
    await this.retention.reset(caller);
  }

  @Post('run')
  @Endpoint({
    access: 'platform.admin',
    action: 'retention.run',
    summary: 'Remove now what of the business domain is past its retention',
    description:
      'It is removed every ten minutes anyway. The answer comes after twenty seconds at the latest; `done` then says whether more is to be removed.',
    body: RUN,
    bodyOptional: true,
    answers: { 200: purgeView },
  })
  async run(@CurrentCaller() caller: Caller, @Body() body: { readonly dryRun?: boolean }) {
    return body.dryRun ? toPreview(await this.retention.preview(caller)) : this.retention.run(caller);
  }
}
