import { Module } from '@nestjs/common';
import { HealthController } from './health.controller';
import { MetricsController } from './metrics.controller';
import { RetentionController } from './retention/retention.controller';

/** The platform's API: probes (on both servers), metrics, retention. */
@Module({ controllers: [HealthController, MetricsController, RetentionController] })
export class PrivateApiModule {}
