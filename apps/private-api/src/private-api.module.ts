import { Module } from '@nestjs/common';
import { ContinuationsController } from './continuations/continuations.controller';
import { DeadLettersController } from './dead-letters/dead-letters.controller';
import { EventsController } from './events/events.controller';
import { QueuesController } from './queues/queues.controller';
import { QuotasController } from './quotas/quotas.controller';
import { RetentionController } from './retention/retention.controller';
import { RevocationsController } from './triggers/revocations.controller';
import { WorkersController } from './workers/workers.controller';

/** The platform's API: workers, queues, events, dead letters, retention, quotas; its services come from the app that it is part of. */
@Module({
  controllers: [
    WorkersController,
    QueuesController,
    EventsController,
    DeadLettersController,
    RetentionController,
    QuotasController,
    ContinuationsController,
    RevocationsController,
  ],
})
export class PrivateApiModule {}
