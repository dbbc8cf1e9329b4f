import { InstanceStore, JsonThread, LargeValues, TaskLog, WorkerLog } from '@flow/instances';
import { IdempotencyStore } from '@flow/platform';
import { SecretStore, VariableStore } from '@flow/secrets';
import { Module, type DynamicModule } from '@nestjs/common';
import { auditProviders } from './audit.providers';
import { accessProviders } from './access.providers';
import { dagsProviders } from './dags.providers';
import { debugProviders } from './debug.providers';
import { deliveriesProviders } from './deliveries.providers';
import { eventTriggersProviders } from './event-triggers.providers';
import { eventsProviders } from './events.providers';
import { filesProviders } from './files.providers';
import { healthProviders } from './health.providers';
import { machineProviders } from './machine.providers';
import { LOG, SETTINGS, type Ground, type Provided } from './made';
import { retentionProviders } from './retention.providers';
import { runsProviders } from './runs.providers';
import { secretsProviders } from './secrets.providers';
import { triggersProviders } from './triggers.providers';

/** Every service of the house on the stores that it was given; global, so that each API finds them. */
@Module({})
export class FeaturesModule {
  static of(given: Omit<Ground, 'large'>): DynamicModule {
    const { stores, settings, log } = given;
    const large = new LargeValues(stores.blobs, new JsonThread(), {
      inlineBytes: settings.stepOutputLimit,
      valueBytes: settings.largestValue,
    });
    const ground: Ground = { ...given, large };
    const providers: readonly Provided[] = [
      { provide: SETTINGS, useValue: settings },
      { provide: LOG, useValue: log },
      { provide: InstanceStore, useValue: stores.instances },
      { provide: WorkerLog, useValue: stores.log },
      { provide: TaskLog, useValue: stores.taskLog },
      { provide: IdempotencyStore, useValue: stores.idempotency },
      { provide: SecretStore, useValue: stores.secrets },
      { provide: VariableStore, useValue: stores.variables },
      ...machineProviders(ground),
      ...accessProviders(ground),
      ...secretsProviders(ground),
      ...auditProviders(ground),
      ...dagsProviders(ground),
      ...deliveriesProviders(ground),
      ...eventsProviders(ground),
      ...runsProviders(ground),
      ...filesProviders(ground),
      ...triggersProviders(ground),
      ...eventTriggersProviders(ground),
      ...debugProviders(ground),
      ...retentionProviders(ground),
      ...healthProviders(ground),
    ];
    return {
      module: FeaturesModule,
      global: true,
      providers: [...providers],
      exports: providers.map(({ provide }) => provide),
    };
  }
}
