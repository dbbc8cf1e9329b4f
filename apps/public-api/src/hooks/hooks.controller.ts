import { Answer, Endpoint, JSON_TYPE, JSON_TYPES, PublicApi } from '@flow/http';
import { HooksService, LONGEST_ANSWER_MS } from '@flow/triggers';
import { Param, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { FORM_TYPE, TEXT_TYPE, hookCallOf } from './hook-body';

/** Open to everybody: the address is a credential, and a signature where the trigger demands one, so no answer tells why it does not serve. */
@PublicApi('hooks', { tag: 'Hooks' })
export class HooksController {
  constructor(private readonly hooks: HooksService) {}

  @Post(':hookId')
  @Endpoint({
    access: 'public',
    action: null,
    summary: 'Call a webhook',
    description:
      'No token is needed. 202 as soon as the call is durable, or what `respond` of the trigger says once its run has ended. The same call (its `webhook-id`, what was signed, the id of a CloudEvent) is taken once. CloudEvents 1.0 are taken in both modes of HTTP. An address of a trigger that is for tests checks everything and starts nothing.',
    consumes: [JSON_TYPE, JSON_TYPES, FORM_TYPE, TEXT_TYPE],
    raw: true,
    mayWaitMs: LONGEST_ANSWER_MS,
    bodyOptional: true,
    answers: {
      202: { type: 'object', properties: { id: { type: 'string' }, test: { type: 'boolean' } } },
      200: {
        type: ['object', 'array', 'string', 'number', 'boolean', 'null'],
        description: 'The result of the run, or what `respond.body` makes of it.',
      },
    },
    status: 202,
    errors: [
      'hook.not_found',
      'hook.signature_invalid',
      'hook.disabled',
      'hook.limited',
      'hook.body_invalid',
      'hook.event_invalid',
      'hook.not_started',
      'hook.run_failed',
      'hook.answer_failed',
    ],
  })
  async call(@Param('hookId') hookId: string, @Req() request: FastifyRequest) {
    const { status, body } = await this.hooks.call(hookId, hookCallOf(request));
    // Any JSON may be the answer, a text too.
    const headers = body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' };
    return new Answer(body === undefined ? undefined : JSON.stringify(body), { status, headers });
  }
}
