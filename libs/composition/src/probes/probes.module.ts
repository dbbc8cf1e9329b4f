import { Module } from '@nestjs/common';
import { HealthController } from './health.controller';
import { MetricsController } from './metrics.controller';

/** What every process answers, whatever it is for. */
@Module({ controllers: [HealthController, MetricsController] })
export class ProbesModule {}
