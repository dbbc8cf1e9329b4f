import { Module } from '@nestjs/common';
import { HealthController } from './health.controller';
import { MetricsController } from './metrics.controller';

/** The platform's API: probes (on both servers) and metrics. */
@Module({ controllers: [HealthController, MetricsController] })
export class PrivateApiModule {}
