import { Module } from '@nestjs/common';
import { DeadLettersController } from './dead-letters/dead-letters.controller';
import { HealthController } from './health.controller';
import { MetricsController } from './metrics.controller';
import { QuotasController } from './quotas/quotas.controller';
import { RetentionController } from './retention/retention.controller';

/** The platform's API: probes (on both servers), metrics, dead letters, retention, quotas. */
@Module({
  controllers: [HealthController, MetricsController, DeadLettersController, RetentionController, QuotasController],
})
export class PrivateApiModule {}
