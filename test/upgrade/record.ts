import { DOCUMENTS_FILE } from '@flow/adapters/embedded';
import { TestDatabase } from '@flow/testing/adapters/sql';
import { createConnection } from 'mongoose';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Service, aFolder } from '../service';
import { folderIn, keep } from './fixtures';
import { SECRETS_KEY, makeRuns } from './runs';

/**
 * Writes what this version leaves in its stores into `fixtures/`, for every later version to read (docs/production.md, Upgrades). Wanted when the schema of
 * states is raised: node libs/adapters/sqlite/src/testing/run-ts.cjs test/upgrade/record.ts, with the addresses of scripts/services.sh in the environment.
 */
async function record(): Promise<void> {
  const folder = aFolder();
  const made = await makeRuns((more) => Service.start(folder.path, { SECRETS_KEY, ...more }));
  if (!existsSync(join(folder.path, DOCUMENTS_FILE))) throw new Error('There is no folder to read.');
  process.stdout.write(`${keep({ plane: 'embedded', made, ...folderIn(folder.path) })}\n`);
  folder.remove();

  const database = await TestDatabase.make();
  const mongo = new URL(process.env.TEST_MONGO_URL ?? '');
  mongo.pathname = `/flow_record_${randomBytes(6).toString('hex')}`;
  const local = aFolder();
  const connection = await createConnection(mongo.href).asPromise();
  try {
    const settings = { SECRETS_KEY, MONGODB_URL: mongo.href, MARIADB_URL: database.url.href };
    const left = await makeRuns((more) => Service.start(local.path, { ...settings, ...more }));
    const db = connection.getClient().db(mongo.pathname.slice(1));
    const names = (await db.listCollections().toArray()).map(({ name }) => name).sort();
    const rows: Record<string, Record<string, unknown>[]> = {};
    for (const name of names) rows[name] = await db.collection(name).find({}).toArray();
    const [schema] = await database.query('SELECT MAX(version) AS version FROM schema_migrations');
    const relational = {
      schema: Number(schema?.version),
      rows: { installation: await database.query('SELECT * FROM installation') },
    };
    const documents = { schema: Number(rows.schema?.[0]?.version), rows };
    process.stdout.write(`${keep({ plane: 'mongo', made: left, documents, relational })}\n`);
  } finally {
    await connection.dropDatabase();
    await connection.close();
    await database.remove();
    local.remove();
  }
}

record().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
