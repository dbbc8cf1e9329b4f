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
import { VariablesService, type Variable } from '@flow/secrets';
import { Body, Delete, Get, Param, Post, Put, Query } from '@nestjs/common';
import { pageSchema } from '@flow/http';
import { NewVariableBody, VariableContentBody } from './secrets.dto';

const text = { type: 'string' } as const;
const variableView: JsonSchema = {
  type: 'object',
  properties: { name: text, value: {}, createdBy: text, createdAt: text, modifiedBy: text, updatedAt: text },
};

function toVariableView({ id: _id, domain: _domain, ...variable }: Variable): Omit<Variable, 'id' | 'domain'> {
  return variable;
}

@PublicApi('variables', { tag: 'Secrets and variables' })
export class VariablesController {
  constructor(private readonly variables: VariablesService) {}

  @Post()
  @Endpoint({
    access: 'variable.manage',
    action: 'variable.create',
    summary: 'Keep a variable',
    idempotent: true,
    answers: { 201: variableView },
    errors: ['variable.name_taken'],
  })
  async create(@CurrentCaller() caller: Caller, @Body() { name, value }: NewVariableBody, @ReservedId() id: string) {
    const variable = await this.variables.create(caller, name, value, { id });
    return new Answer(toVariableView(variable), { location: `${API_PREFIX}/variables/${name}` });
  }

  @Get()
  @Endpoint({ access: 'variable.view', summary: 'List variables', answers: { 200: pageSchema(variableView) } })
  async list(@CurrentCaller() caller: Caller, @Query() query: PageQuery) {
    const page = await this.variables.list(caller, pageOf(query));
    return { ...page, items: page.items.map(toVariableView) };
  }

  @Put(':name')
  @Endpoint({
    access: 'variable.manage',
    action: 'variable.change',
    summary: 'Give a variable a new value',
    answers: { 200: variableView },
    errors: ['variable.not_found'],
  })
  async replace(@CurrentCaller() caller: Caller, @Param('name') name: string, @Body() { value }: VariableContentBody) {
    return toVariableView(await this.variables.replace(caller, name, value));
  }

  @Delete(':name')
  @Endpoint({
    access: 'variable.manage',
    action: 'variable.delete',
    summary: 'Delete a variable',
    answers: { 204: null },
    errors: ['variable.not_found'],
  })
  async remove(@CurrentCaller() caller: Caller, @Param('name') name: string) {
    await this.variables.remove(caller, name);
  }
}
