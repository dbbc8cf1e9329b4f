import type { Caller } from '@flow/auth';
import { LONGEST_OVERLAP_MS, OVERLAP_MS, WebhookSecrets } from '@flow/deliveries';
import { CurrentCaller, Doc, Endpoint, Optional, PublicApi, type JsonSchema } from '@flow/http';
import { RequestInvalid, durationMs } from '@flow/kernel';
import { Body, Get, Post } from '@nestjs/common';
import { IsString, Length } from 'class-validator';

const text = { type: 'string' } as const;
const webhookSecretView: JsonSchema = {
  type: 'object',
  properties: {
    items: {
      type: 'array',
      description: 'Those that sign now, the newest first: one, or two for a while after a rotation.',
      items: {
        type: 'object',
        properties: {
          id: text,
          value: { type: 'string', description: '`whsec_` and the key in Base64.' },
          createdAt: text,
          expiresAt: { type: ['string', 'null'], description: 'Until when it signs; null is the newest one.' },
        },
      },
    },
  },
};

export class RotateBody {
  @Doc('How long the secret until now signs beside the new one: ISO 8601, at most P30D; PT0S ends it at once.', 'PT24H')
  @Optional()
  @IsString()
  @Length(1, 32)
  overlap?: string;
}

/** @throws RequestInvalid */
function overlapMsOf({ overlap }: RotateBody): number {
  const ms = overlap === undefined ? OVERLAP_MS : (durationMs(overlap) ?? Infinity);
  if (ms <= LONGEST_OVERLAP_MS) return ms;
  throw new RequestInvalid([
    { pointer: '/overlap', code: 'field.invalid', message: 'overlap is an ISO 8601 duration of at most P30D.' },
  ]);
}

/** What the callbacks of a business domain are signed with. */
@PublicApi('webhook-secret', { tag: 'Callbacks' })
export class WebhookSecretController {
  constructor(private readonly secrets: WebhookSecrets) {}

  @Get()
  @Endpoint({
    access: 'webhook_secret.view',
    summary: 'Read what callbacks are signed with, to check them',
    description: 'One secret for each business domain, made when it is first asked for or needed.',
    answers: { 200: webhookSecretView },
  })
  async read(@CurrentCaller() caller: Caller) {
    return { items: await this.secrets.read(caller) };
  }

  @Post('rotate')
  @Endpoint({
    access: 'webhook_secret.manage',
    action: 'webhook_secret.rotate',
    summary: 'Make a new secret; the one until now signs beside it for a while',
    description:
      'Callbacks carry both signatures meanwhile, so that receivers can change over. A second rotation within that time ends the oldest one.',
    bodyOptional: true,
    answers: { 200: webhookSecretView },
    errors: ['webhook_secret.changed'],
  })
  async rotate(@CurrentCaller() caller: Caller, @Body() body: RotateBody) {
    return { items: await this.secrets.rotate(caller, overlapMsOf(body)) };
  }
}
