import { TokenInvalid, TokensService, bearerOf, type Caller } from '@flow/auth';
import { SETTINGS } from '@flow/composition';
import {
  Answer,
  CurrentCaller,
  Endpoint,
  LONGEST_SESSION_TOKEN,
  PublicApi,
  cameByTls,
  noSessionCookie,
  sessionCookie,
} from '@flow/http';
import { Clock } from '@flow/kernel';
import type { Settings } from '@flow/settings';
import { Delete, Inject, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { meView, toMe } from './me.controller';
import { SessionTokenTooLong } from './session.errors';

@PublicApi('session', { tag: 'Me' })
export class SessionController {
  constructor(
    private readonly tokens: TokensService,
    private readonly clock: Clock,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  @Post()
  @Endpoint({
    access: 'token',
    action: 'session.open',
    summary: 'Sign a browser in: the token becomes a cookie that no page can read',
    description:
      'Send the token as Authorization. The cookie counts only beside the header X-Flow-Console: 1, without Authorization, on the public server; it ends with the token, or with the browser where the token has no end.',
    answers: { 200: meView },
    errors: ['session.token_too_long'],
  })
  async open(@CurrentCaller() caller: Caller, @Req() request: FastifyRequest) {
    const { authorization } = request.headers;
    const token = bearerOf({ authorization });
    if (token === undefined) throw new TokenInvalid();
    if (token.length > LONGEST_SESSION_TOKEN) throw new SessionTokenTooLong(LONGEST_SESSION_TOKEN);
    const own = await this.tokens.me(caller);
    const secure = cameByTls(request) || (this.settings.publicUrl?.startsWith('https:') ?? false);
    const cookie = sessionCookie({ token, expiresAt: own.expiresAt, secure }, this.clock.now());
    return new Answer(toMe(caller, own), { headers: { 'set-cookie': cookie } });
  }

  @Delete()
  @Endpoint({
    access: 'token',
    action: 'session.close',
    summary: 'Sign a browser out: take the cookie away; the token itself stays good',
    answers: { 204: null },
  })
  close() {
    return new Answer(undefined, { headers: { 'set-cookie': noSessionCookie() } });
  }
}
