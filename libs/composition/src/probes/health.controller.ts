import { Answer, Endpoint, ProbeApi, type JsonSchema } from '@flow/http';
import { HealthChecks, type Probe } from '@flow/observability';
import { Get } from '@nestjs/common';

const word = { enum: ['up', 'down'] } as const;
const healthView: JsonSchema = {
  type: 'object',
  properties: { status: word, checks: { type: 'object', additionalProperties: word } },
};

/** Probes say words only: who may ask without a token learns nothing else. */
@ProbeApi('health', { tag: 'Health' })
export class HealthController {
  constructor(private readonly health: HealthChecks) {}

  @Get('alive')
  @Endpoint({
    access: 'public',
    summary: 'Whether the process works; restart it when not',
    whileDraining: true,
    answers: { 200: healthView, 503: healthView },
  })
  async alive() {
    return this.answer('alive');
  }

  @Get('ready')
  @Endpoint({
    access: 'public',
    summary: 'Whether the process takes requests',
    whileDraining: true,
    answers: { 200: healthView, 503: healthView },
  })
  async ready() {
    return this.answer('ready');
  }

  @Get('startup')
  @Endpoint({
    access: 'public',
    summary: 'Whether the process has come up',
    whileDraining: true,
    answers: { 200: healthView, 503: healthView },
  })
  async startup() {
    return this.answer('startup');
  }

  private async answer(probe: Probe) {
    const health = await this.health.ask(probe);
    return new Answer(health, { status: health.status === 'up' ? 200 : 503 });
  }
}
