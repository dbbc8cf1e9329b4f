// The servers of the production plane for benchmarks: those that MONGODB_URL, MARIADB_URL and REDIS_URL name, else those of scripts/services.sh.
import { existsSync, readFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import mongoose from 'mongoose';
import mysql from 'mysql2/promise';
import { root } from './service.mjs';

const NAMES = ['MONGODB_URL', 'MARIADB_URL', 'REDIS_URL'];
const OF_TESTS = { MONGODB_URL: 'TEST_MONGO_URL', MARIADB_URL: 'TEST_MARIADB_URL', REDIS_URL: 'TEST_REDIS_URL' };

function addresses() {
  const file = join(root, '.services', 'env');
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  const ofTests = Object.fromEntries(
    lines.flatMap((line) => (/^(\w+)=(.*)$/.exec(line) ? [[RegExp.$1, RegExp.$2]] : [])),
  );
  const found = NAMES.map((name) => [name, process.env[name] ?? ofTests[OF_TESTS[name]]]);
  const missing = found.flatMap(([name, value]) => (value === undefined ? [name] : []));
  if (missing.length > 0)
    throw new Error(
      `The production plane needs servers: set ${missing.join(', ')}, or start those of the tests (scripts/services.sh up).`,
    );
  return Object.fromEntries(found);
}

/** Databases of their own on those servers, as settings of a process; `drop` removes them. */
export async function openPlane() {
  const given = addresses();
  const name = `flow_bench_${randomBytes(4).toString('hex')}`;
  const withDatabase = (address) => Object.assign(new URL(address), { pathname: `/${name}` }).href;
  const [mongodbUrl, mariadbUrl] = [withDatabase(given.MONGODB_URL), withDatabase(given.MARIADB_URL)];
  const inMariadb = async (statement) => {
    const connection = await mysql.createConnection(given.MARIADB_URL);
    try {
      await connection.query(statement);
    } finally {
      await connection.end();
    }
  };
  await inMariadb(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
  return {
    env: {
      MONGODB_URL: mongodbUrl,
      MARIADB_URL: mariadbUrl,
      REDIS_URL: given.REDIS_URL,
      REDIS_PREFIX: `${name}:`,
      SECRETS_KEY: randomBytes(32).toString('base64'),
    },
    async drop() {
      await inMariadb(`DROP DATABASE ${name}`);
      const connection = await mongoose.createConnection(mongodbUrl).asPromise();
      await connection.dropDatabase();
      await connection.close();
    },
  };
}
