import type { Caller } from '@flow/auth';
import {
  API_PREFIX,
  Answer,
  CurrentCaller,
  Endpoint,
  PageQuery,
  PublicApi,
  ReservedId,
  pageOf,
  type JsonSchema,
} from '@flow/http';
import { SecretsService, USERS_SHOWN, type SecretContent, type UsedSecret } from '@flow/secrets';
import { Body, Delete, Get, Param, Post, Put, Query } from '@nestjs/common';
import { pageSchema } from '@flow/http';
import { DeleteSecretQuery, NewSecretBody, SecretContentBody } from './secrets.dto';

const text = { type: 'string' } as const;
const secretView: JsonSchema = {
  type: 'object',
  properties: {
    name: text,
    hosts: { type: 'array', items: text },
    createdBy: text,
    createdAt: text,
    modifiedBy: text,
    updatedAt: text,
    usedBy: {
      type: 'object',
      description: `The DAGs whose newest version names it, and the webhooks that verify calls by it: how many together, and ${USERS_SHOWN} of each for callers with dag.view.`,
      properties: {
        total: { type: 'integer' },
        dags: { type: 'array', items: { type: 'object', properties: { id: text, title: text } } },
        triggers: { type: 'array', items: { type: 'object', properties: { id: text, dagId: text } } },
      },
    },
  },
};

function toSecretView({ id: _id, domain: _domain, ...secret }: UsedSecret): Omit<UsedSecret, 'id' | 'domain'> {
  return secret;
}

function contentOf({ value, hosts }: SecretContentBody): SecretContent {
  return { value, ...(hosts && { hosts }) };
}

@PublicApi('secrets', { tag: 'Secrets and variables' })
export class SecretsController {
  constructor(private readonly secrets: SecretsService) {}

  @Post()
  @Endpoint({
    access: 'secret.manage',
    action: 'secret.create',
    summary: 'Keep a secret',
    idempotent: true,
    answers: { 201: secretView },
    errors: ['secret.name_taken'],
  })
  async create(@CurrentCaller() caller: Caller, @Body() body: NewSecretBody, @ReservedId() id: string) {
    const secret = await this.secrets.create(caller, body.name, contentOf(body), { id });
    return new Answer(toSecretView(secret), { location: `${API_PREFIX}/secrets/${secret.name}` });
  }

  @Get()
  @Endpoint({
    access: 'secret.view',
    summary: 'List secrets, without their values',
    answers: { 200: pageSchema(secretView) },
  })
  async list(@CurrentCaller() caller: Caller, @Query() query: PageQuery) {
    const page = await this.secrets.list(caller, pageOf(query));
    return { ...page, items: page.items.map(toSecretView) };
  }

  @Put(':name')
  @Endpoint({
    access: 'secret.manage',
    action: 'secret.change',
    summary: 'Give a secret a new value and new hosts',
    answers: { 200: secretView },
    errors: ['secret.not_found'],
  })
  async replace(@CurrentCaller() caller: Caller, @Param('name') name: string, @Body() body: SecretContentBody) {
    return toSecretView(await this.secrets.replace(caller, name, contentOf(body)));
  }

  @Delete(':name')
  @Endpoint({
    access: 'secret.manage',
    action: 'secret.delete',
    summary: 'Delete a secret',
    answers: { 204: null },
    errors: ['secret.not_found', 'secret.in_use'],
  })
  async remove(@CurrentCaller() caller: Caller, @Param('name') name: string, @Query() { force }: DeleteSecretQuery) {
    await this.secrets.remove(caller, name, { force });
  }
}
