import { Module } from '@nestjs/common';
import { DeadLettersController } from './dead-letters/dead-letters.controller';
import { HealthController } from './health.controller';
import { MetricsController } from './metrics.controller';

/** The platform's API: probes (on both servers), metrics, dead letters. */
@Module({ controllers: [HealthController, MetricsController, DeadLettersController] })
export class PrivateApiModule {}
