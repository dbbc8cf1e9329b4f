import { Module } from '@nestjs/common';
import { DeadLettersController } from './dead-letters.controller';
import { QueuesController } from './queues.controller';
import { WorkersController } from './workers.controller';

/** What both APIs have, so that whoever runs the service needs one address alone: who works, what waits, what was given up. Permissions are the same on both. */
@Module({ controllers: [WorkersController, QueuesController, DeadLettersController] })
export class OperationsModule {}
