import { Answer, Endpoint, RootApi } from '@flow/http';
import { Metrics } from '@flow/observability';
import { Get, Headers } from '@nestjs/common';
import { MetricsAccess } from './metrics-access';

@RootApi('private', 'metrics', { tag: 'Metrics' })
export class MetricsController {
  constructor(
    private readonly metrics: Metrics,
    private readonly access: MetricsAccess,
  ) {}

  @Get()
  @Endpoint({
    access: 'public',
    summary: "Metrics in Prometheus' text format",
    description:
      'Needs the bearer token METRICS_TOKEN when that is set; without one it answers only while the server listens on a loopback address.',
    whileDraining: true,
    answers: { 200: { type: 'string' } },
    errors: ['token.invalid'],
  })
  async read(@Headers('authorization') authorization: string | undefined) {
    this.access.check(authorization);
    return new Answer(await this.metrics.read(), { headers: { 'content-type': this.metrics.contentType } });
  }
}
