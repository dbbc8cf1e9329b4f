import { Module } from '@nestjs/common';
import { DeadLettersController } from './dead-letters/dead-letters.controller';
import { QuotasController } from './quotas/quotas.controller';
import { RetentionController } from './retention/retention.controller';

/** The platform's API: dead letters, retention, quotas; its services come from the app that it is part of. */
@Module({ controllers: [DeadLettersController, RetentionController, QuotasController] })
export class PrivateApiModule {}
