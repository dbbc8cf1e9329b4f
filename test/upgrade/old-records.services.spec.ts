import { SNAPSHOT_SCHEMA } from '@flow/engine';
import { TestDatabase } from '@flow/testing/adapters/sql';
import { createConnection } from 'mongoose';
import { randomBytes } from 'node:crypto';
import { Service, aFolder } from '../service';
import { fixturesOf, type Fixture } from './fixtures';
import { SECRETS_KEY, expectToGoOn } from './runs';

/** Databases as they were; MariaDB holds nothing but the installation's id. */
async function putDatabases({ documents, relational }: Fixture) {
  const database = await TestDatabase.make();
  const opened = await database.open();
  await opened.installation().put(String(relational.rows.installation?.[0]?.id));
  await opened.close();
  const mongo = new URL(process.env.TEST_MONGO_URL ?? '');
  mongo.pathname = `/flow_old_${randomBytes(6).toString('hex')}`;
  const connection = await createConnection(mongo.href).asPromise();
  const db = connection.getClient().db(mongo.pathname.slice(1));
  for (const [name, rows] of Object.entries(documents.rows))
    if (rows.length > 0) await db.collection(name).insertMany(rows.map((row) => ({ ...row })));
  return {
    settings: { MONGODB_URL: mongo.href, MARIADB_URL: database.url.href, SECRETS_KEY },
    async remove() {
      await connection.dropDatabase();
      await connection.close();
      await database.remove();
    },
  };
}

describe('Databases that an older version has left', () => {
  const fixtures = fixturesOf('mongo');

  it('are kept for every schema of states that this version writes', () => {
    // Raised? test/upgrade/record.ts writes what this version leaves; those of before stay.
    expect(fixtures.map(({ snapshotSchema }) => snapshotSchema)).toContain(SNAPSHOT_SCHEMA);
    for (const { documents } of fixtures) expect(documents.rows.log_records).not.toEqual([]);
  });

  it.each(fixtures.map((fixture) => [fixture.snapshotSchema, fixture] as const))(
    'with states of schema %i are read, and their runs go on to their ends',
    async (_schema, fixture) => {
      const databases = await putDatabases(fixture);
      const folder = aFolder();
      const service = await Service.start(folder.path, databases.settings);
      try {
        await expectToGoOn(service, fixture.made);
      } finally {
        await service.kill();
        await databases.remove();
        folder.remove();
      }
    },
    240_000,
  );
});
