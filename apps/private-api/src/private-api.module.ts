import { Module } from '@nestjs/common';
import { DeadLettersController } from './dead-letters/dead-letters.controller';
import { HealthController } from './health.controller';
import { MetricsController } from './metrics.controller';
import { RetentionController } from './retention/retention.controller';

/** The platform's API: probes (on both servers), metrics, dead letters, retention. */
@Module({ controllers: [HealthController, MetricsController, DeadLettersController, RetentionController] })
export class PrivateApiModule {}
