import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import base from './jest.config.mjs';

const file = new URL('./.services/env', import.meta.url);
const SETTINGS = ['TEST_MONGO_URL', 'TEST_MARIADB_URL', 'TEST_REDIS_URL', 'TEST_KAFKA_BROKERS'];

/** Addresses of the environment win over those that scripts/services.sh wrote down; workers inherit both. */
const written = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
for (const [name, address] of Object.entries(written)) process.env[name] ??= address;
if (SETTINGS.every((name) => !process.env[name])) {
  console.error('No addresses of real servers: run scripts/services.sh up first, it writes them to .services/env.');
  process.exit(1);
}

/** The specs that need real servers, and only they. */
export default { ...base, testMatch: ['**/*.services.spec.ts'] };
