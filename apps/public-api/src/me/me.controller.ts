import { TokensService, type Caller, type VerifiedToken } from '@flow/auth';
import { API_PREFIX, Answer, CurrentCaller, Endpoint, PageQuery, PublicApi, pageOf, type JsonSchema } from '@flow/http';
import type { TokenId } from '@flow/kernel';
import { Body, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { pageSchema } from '@flow/http';
import { NewTokenBody, newTokenOf } from './me.dto';

const text = { type: 'string' } as const;
const time = { type: ['string', 'null'], format: 'date-time' } as const;
const list = { type: 'array', items: text } as const;
const domains = { oneOf: [{ const: '*' }, list] };
const TOKEN = {
  id: text,
  principal: text,
  name: text,
  permissions: list,
  domains,
  createdBy: text,
  createdAt: time,
  expiresAt: time,
  lastUsedAt: time,
};

const tokenView: JsonSchema = { type: 'object', properties: TOKEN };
const newTokenView: JsonSchema = {
  type: 'object',
  properties: { ...TOKEN, token: { type: 'string', description: 'The token itself: shown this once.' } },
};
export const meView: JsonSchema = {
  type: 'object',
  properties: {
    principal: text,
    domain: text,
    permissions: list,
    token: { type: 'object', properties: { id: text, domains, expiresAt: time } },
  },
};

export function toMe(
  { principal, domain, permissions, tokenId }: Caller,
  { domains: spoken, expiresAt }: Pick<VerifiedToken, 'domains' | 'expiresAt'>,
) {
  return { principal, domain, permissions: [...permissions], token: { id: tokenId, domains: spoken, expiresAt } };
}

@PublicApi('me', { tag: 'Me' })
export class MeController {
  constructor(private readonly tokens: TokensService) {}

  @Get()
  @Endpoint({ access: 'token', summary: 'Who you are, where, and what you may do', answers: { 200: meView } })
  async me(@CurrentCaller() caller: Caller) {
    return toMe(caller, await this.tokens.me(caller));
  }

  @Post('tokens')
  @Endpoint({
    access: 'token.manage',
    action: 'token.create',
    audited: ({ name, permissions }: NewTokenBody) => ({ name, permissions: [...permissions] }),
    summary: 'Make a token; it can do nothing that yours cannot',
    answers: { 201: newTokenView },
    errors: ['token.exceeds_own'],
  })
  async create(@CurrentCaller() caller: Caller, @Body() body: NewTokenBody) {
    const { token, secret } = await this.tokens.create(caller, newTokenOf(body));
    return new Answer({ ...token, token: secret }, { location: `${API_PREFIX}/me/tokens/${token.id}` });
  }

  @Get('tokens')
  @Endpoint({ access: 'token.manage', summary: 'List your tokens', answers: { 200: pageSchema(tokenView) } })
  async list(@CurrentCaller() caller: Caller, @Query() query: PageQuery) {
    return this.tokens.list(caller, pageOf(query));
  }

  @Delete('tokens/:id')
  @Endpoint({
    access: 'token.manage',
    action: 'token.revoke',
    summary: 'Revoke a token',
    answers: { 204: null },
    errors: ['token.not_found'],
  })
  async delete(@CurrentCaller() caller: Caller, @Param('id') id: TokenId) {
    await this.tokens.delete(caller, id);
  }
}
