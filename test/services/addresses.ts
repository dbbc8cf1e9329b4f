/** What scripts/services.sh writes down, by the name of the server. */
const SETTINGS = {
  mongo: 'TEST_MONGO_URL',
  mariadb: 'TEST_MARIADB_URL',
  redis: 'TEST_REDIS_URL',
  kafka: 'TEST_KAFKA_BROKERS',
} as const;

/** Where a real server answers. A test whose server is missing fails: nothing is skipped. */
export function addressOf(server: keyof typeof SETTINGS): string {
  const setting = SETTINGS[server];
  const address = process.env[setting];
  if (!address) throw new Error(`${setting} is not set: run scripts/services.sh up, then npm run test:services.`);
  return address;
}
