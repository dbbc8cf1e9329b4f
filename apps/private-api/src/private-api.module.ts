import { OperationsModule } from '@flow/composition';
import { Module } from '@nestjs/common';
import { ContinuationsController } from './continuations/continuations.controller';
import { EventsController } from './events/events.controller';
import { QuotasController } from './quotas/quotas.controller';
import { RetentionController } from './retention/retention.controller';
import { RevocationsController } from './triggers/revocations.controller';

/** The platform's API: workers, queues, events, dead letters, retention, quotas; its services come from the app that it is part of. */
@Module({
  imports: [OperationsModule],
  controllers: [
    EventsController,
    RetentionController,
    QuotasController,
    ContinuationsController,
    RevocationsController,
  ],
})
export class PrivateApiModule {}
