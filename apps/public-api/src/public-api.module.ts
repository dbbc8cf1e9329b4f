import { Callers } from '@flow/auth';
import { LOG, OperationsModule, SETTINGS, type Log } from '@flow/composition';
import { Drain } from '@flow/http';
import { Clock } from '@flow/kernel';
import { Metrics } from '@flow/observability';
import type { Settings } from '@flow/settings';
import { Module } from '@nestjs/common';
import { ApprovalsController } from './approvals/approvals.controller';
import { ArchiveController } from './archive/archive.controller';
import { AuditRecordsController } from './audit/audit-records.controller';
import { CallbacksController } from './callbacks/callbacks.controller';
import { DagsController } from './dags/dags.controller';
import { TransferController } from './dags/transfer.controller';
import { VersionsController } from './dags/versions.controller';
import { DebugInstancesController } from './debug/debug-instances.controller';
import { DebugController } from './debug/debug.controller';
import { FilesController } from './files/files.controller';
import { HooksController } from './hooks/hooks.controller';
import { InstanceActionsController } from './instances/instance-actions.controller';
import { InstancesController } from './instances/instances.controller';
import { OpenStreams } from './instances/open-streams';
import { RetriesController } from './instances/retries.controller';
import { RunsController } from './instances/runs.controller';
import { StreamsController } from './instances/streams.controller';
import { MeController } from './me/me.controller';
import { SessionController } from './me/session.controller';
import { ObservabilityController } from './observability/observability.controller';
import { OperatorsController } from './operators/operators.controller';
import { SchemasController } from './operators/schemas.controller';
import { SecretsController } from './secrets/secrets.controller';
import { VariablesController } from './secrets/variables.controller';
import { DagTriggersController } from './triggers/dag-triggers.controller';
import { FormsController } from './triggers/forms.controller';
import { TriggersController } from './triggers/triggers.controller';
import { WebhookSecretController } from './webhook-secret/webhook-secret.controller';

/** The users' API; its services come from the app that it is part of. */
@Module({
  imports: [OperationsModule],
  controllers: [
    DagsController,
    TransferController,
    VersionsController,
    RunsController,
    InstancesController,
    InstanceActionsController,
    StreamsController,
    ApprovalsController,
    CallbacksController,
    RetriesController,
    ArchiveController,
    DebugController,
    DebugInstancesController,
    OperatorsController,
    SchemasController,
    SecretsController,
    VariablesController,
    WebhookSecretController,
    DagTriggersController,
    TriggersController,
    FormsController,
    FilesController,
    HooksController,
    MeController,
    SessionController,
    AuditRecordsController,
    ObservabilityController,
  ],
  providers: [
    {
      provide: OpenStreams,
      inject: [Clock, Callers, Drain, Metrics, SETTINGS, LOG],
      useFactory: (clock: Clock, callers: Callers, drain: Drain, metrics: Metrics, settings: Settings, log: Log) => {
        const streams = new OpenStreams(clock, callers, drain, settings.maxStreams, (error) =>
          log.error({ err: error }, 'a stream broke'),
        );
        metrics.gauge('streams_open', 'Event and log streams that are open.', () => streams.count);
        metrics.gauge('stream_bytes_waiting', 'Bytes that readers of streams have not taken.', () => streams.bytes);
        return streams;
      },
    },
  ],
})
export class PublicApiModule {}
