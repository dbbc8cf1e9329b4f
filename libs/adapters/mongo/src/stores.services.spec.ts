import { dagOutboxContract, dagStoreContract } from '@flow/testing/dags';
import { laneOf } from '@flow/deliveries';
import type { WaitingEvent } from '@flow/events';
import { aDelivery, deliveryStoreContract, webhookSecretStoreContract } from '@flow/testing/deliveries';
import { eventOutboxContract, sharedEventOutboxContract } from '@flow/testing/events';
import {
  anInstance,
  rowsOf,
  endedInstancesContract,
  instanceCountsContract,
  inboxContract,
  instanceBirthsContract,
  instanceStoreContract,
  slotStoreContract,
  slotTicketsContract,
  taskLogContract,
  workerLogContract,
  workersContract,
} from '@flow/testing/instances';
import { blobStoreContract, decidingMarkContract, idempotencyStoreContract } from '@flow/testing/platform';
import { SystemClock } from '@flow/platform';
import { MongoBlobStore } from './blob-store.mongo';
import { MongoDagOutbox } from './dag-outbox.mongo';
import { MongoDagStore } from './dag-store.mongo';
import { MongoDeliveryStore } from './delivery-store.mongo';
import { MongoEndedInstances } from './ended-instances.mongo';
import { MongoEventOutbox } from './event-outbox.mongo';
import { MongoIdempotencyStore } from './idempotency-store.mongo';
import { MongoInbox } from './inbox.mongo';
import { MongoInstanceCounts } from './instance-counts.mongo';
import { MongoInstallationMark } from './installation-mark.mongo';
import { MongoInstanceBirths, MongoInstanceStore } from './instance-store.mongo';
import type { Mongo } from './mongo';
import { MongoSlotStore } from './slot-store.mongo';
import { MongoSlotTickets } from './slot-tickets.mongo';
import { MongoTaskLog } from './task-log.mongo';
import { ADatabase } from './testing/a-database';
import { AskedQuestions } from './testing/asked';
import { MongoWebhookSecretStore } from './webhook-secret-store.mongo';
import { MongoWorkerLog } from './worker-log.mongo';
import { MongoWorkers } from './workers.mongo';

const asked = new AskedQuestions();
const aDatabase = () => new ADatabase(undefined, { onCommand: (name, command) => asked.note(name, command) });

/** Each reopening is another process's view of the same database. */
const world =
  <T>(make: (mongo: Mongo) => T) =>
  async () => {
    const database = aDatabase();
    const reopen = async () => make(await database.view());
    return { store: await reopen(), reopen, close: () => database.close() };
  };

decidingMarkContract(
  'MongoInstallationMark',
  world((mongo) => new MongoInstallationMark(mongo)),
);
workerLogContract(
  'MongoWorkerLog',
  world((mongo) => new MongoWorkerLog(mongo)),
);
workersContract(
  'MongoWorkers',
  world((mongo) => ({ log: new MongoWorkerLog(mongo), workers: new MongoWorkers(mongo) })),
);
inboxContract(
  'MongoInbox',
  world((mongo) => new MongoInbox(mongo)),
);
instanceStoreContract(
  'MongoInstanceStore',
  world((mongo) => new MongoInstanceStore(mongo)),
);
instanceBirthsContract(
  'MongoInstanceBirths',
  world((mongo) => ({ births: new MongoInstanceBirths(mongo), instances: new MongoInstanceStore(mongo) })),
);
instanceCountsContract(
  'MongoInstanceCounts',
  world((mongo) => ({ instances: new MongoInstanceStore(mongo), counts: new MongoInstanceCounts(mongo) })),
);
endedInstancesContract(
  'MongoEndedInstances',
  world((mongo) => ({ instances: new MongoInstanceStore(mongo), ended: new MongoEndedInstances(mongo) })),
);
slotTicketsContract(
  'MongoSlotTickets',
  world((mongo) => new MongoSlotTickets(mongo)),
);
slotStoreContract(
  'MongoSlotStore',
  world((mongo) => ({ instances: new MongoInstanceStore(mongo), slots: new MongoSlotStore(mongo) })),
);
taskLogContract(
  'MongoTaskLog',
  world((mongo) => new MongoTaskLog(mongo)),
);
deliveryStoreContract(
  'MongoDeliveryStore',
  world((mongo) => new MongoDeliveryStore(mongo)),
);
webhookSecretStoreContract(
  'MongoWebhookSecretStore',
  world((mongo) => new MongoWebhookSecretStore(mongo)),
);

/** Events come in with rows of an instance, each time of another one. */
const events = async () => {
  const database = aDatabase();
  const outbox = new MongoEventOutbox(await database.view());
  const instances = new MongoInstanceStore(await database.view());
  return {
    outbox,
    put: (told: readonly WaitingEvent[]) => instances.project([rowsOf(anInstance(), { told })]),
    reopen: async () => new MongoEventOutbox(await database.view()),
    close: () => database.close(),
  };
};
eventOutboxContract('MongoEventOutbox', events);
sharedEventOutboxContract('MongoEventOutbox', events);

const databases: ADatabase[] = [];
const opened = async () => {
  const database = aDatabase();
  databases.push(database);
  return database.view();
};
afterAll(async () => {
  for (const database of databases) await database.close();
});

blobStoreContract('MongoBlobStore', async () => ({ store: new MongoBlobStore(await opened(), new SystemClock()) }));
idempotencyStoreContract('MongoIdempotencyStore', async () => ({ store: new MongoIdempotencyStore(await opened()) }));
dagStoreContract('MongoDagStore', async () => new MongoDagStore(await opened()));
dagStoreContract('MongoDagStore with an outbox', async () => {
  const mongo = await opened();
  return new MongoDagStore(mongo, new MongoDagOutbox(mongo));
});
dagOutboxContract('MongoDagOutbox', async () => {
  const database = aDatabase();
  databases.push(database);
  const view = async () => {
    const mongo = await database.view();
    const outbox = new MongoDagOutbox(mongo);
    return { outbox, store: new MongoDagStore(mongo, outbox) };
  };
  return { ...(await view()), silent: new MongoDagStore(await database.view()), reopen: view };
});

describe('A delivery that is due in two processes', () => {
  it('is taken by one of them, and due again when that one has not come to an end', async () => {
    const database = aDatabase();
    databases.push(database);
    const [one, two] = [new MongoDeliveryStore(await database.view()), new MongoDeliveryStore(await database.view())];
    const delivery = aDelivery();
    const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1_000);
    await one.add(delivery, at(0));
    const taking = { attempts: 0, now: at(1), until: at(31) };
    const taken = await Promise.all([one, two, one, two].map((store) => store.take(delivery.id, taking)));
    expect(taken.filter(Boolean)).toHaveLength(1);
    expect(await two.due(laneOf(delivery), at(30), 10)).toEqual([]);
    expect(await two.due(laneOf(delivery), at(31), 10)).toMatchObject([{ id: delivery.id, attempts: 0 }]);
  });
});

describe('All that these suites have asked', () => {
  it('is answered by an index', () => {
    expect(asked.count).toBeGreaterThan(40);
    expect(asked.unanswered()).toEqual([]);
  });
});
