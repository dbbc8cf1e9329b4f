import { AppError } from '@flow/kernel';
import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { Answer } from './answer';

/** Nest's Fastify adapter, but errors and unknown addresses are Fastify's alone to answer (in one place), and an Answer brings its headers. */
export class FlowFastifyAdapter extends FastifyAdapter {
  override setErrorHandler(): never {
    return undefined as never;
  }

  override setNotFoundHandler(): never {
    return undefined as never;
  }

  override reply(response: FastifyReply, body: unknown, statusCode?: number): FastifyReply {
    if (endedLate(response)) return response;
    if (!(body instanceof Answer)) return super.reply(response, body, statusCode);
    response.headers(body.headers);
    return super.reply(response, body.body, body.about.status ?? statusCode);
  }
}

/** Hands whatever a handler throws to Fastify's error handler. */
@Catch()
export class ToFastify implements ExceptionFilter {
  catch(thrown: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (endedLate(reply)) return;
    void reply.send(thrown instanceof Error || thrown instanceof AppError ? thrown : new Error(String(thrown)));
  }
}

/** Whoever asked was answered when its time was over: a repeat of its key has its turn now. */
function endedLate({ request }: FastifyReply): boolean {
  if (!request.isOver) return false;
  request.ongoing?.release();
  return true;
}
