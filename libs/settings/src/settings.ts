import {
  choice,
  duration,
  integer,
  keeping,
  list,
  offOnOrFile,
  optionalDatabaseUrl,
  optionalMongoUrl,
  optionalServer,
  optionalText,
  optionalUrl,
  size,
  text,
  type Setting,
} from './setting';

const PORT = { min: 0, max: 65_535 };
const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

/** Every setting there is, by the name of its environment variable. `.env` holds the same names and defaults (a test holds them together). */
export const SETTINGS = {
  API_SERVER_HOST: text('127.0.0.1', {
    help: 'Address that both servers listen on. 0.0.0.0 opens them to the network: do that behind TLS only.',
  }),
  API_SERVER_PORT: integer(8082, PORT, { help: 'Port of the public API. 0 takes a free one.' }),
  API_SERVER_PRIVATE_PORT: integer(8083, PORT, {
    help: 'Port of the private API: administration, metrics, probes. 0 takes a free one.',
  }),
  PUBLIC_URL: optionalUrl({
    help: 'Where others reach the public API; callback addresses begin with it. Without one: http, host and port of the listener.',
  }),
  DATA_DIR: text('./data', { help: 'Folder of everything that is kept. One process at a time may use it.' }),
  MONGODB_URL: optionalMongoUrl({
    help: 'MongoDB for DAGs, instances and logs: mongodb://user:password@host:27017/database. Without one they are kept in DATA_DIR.',
  }),
  MONGODB_POOL: integer(50, { min: 1, max: 1_000 }, { help: 'Most connections of a process to MongoDB.' }),
  MARIADB_URL: optionalDatabaseUrl(
    { schemes: ['mysql', 'mariadb'], example: 'mysql://flow:password@db.example.com:3306/flow' },
    {
      help: 'MariaDB for tokens, secrets, variables, quotas and retentions of domains: mysql://user:password@host:3306/database. Without one they are in DATA_DIR.',
    },
  ),
  MARIADB_POOL: integer(10, { min: 1, max: 1_000 }, { help: 'Most connections to MariaDB at once.' }),
  MARIADB_TLS: offOnOrFile('off', {
    help: 'TLS to MariaDB: off, on (its certificate is signed by a known authority), or the file of the authority that signed it (PEM).',
  }),
  ADMIN_TOKEN: optionalText({
    minLength: 24,
    secret: true,
    help: 'The admin token. Without one the first start makes one, prints it once and keeps its hash only.',
  }),
  DOCS: choice(['off', 'token', 'open'], 'open', {
    help: 'Who may read /docs and /openapi.json: nobody, holders of a token, everybody.',
  }),
  CONSOLE: choice(['on', 'off'], 'on', {
    help: 'Whether the public server has the web console at /.',
  }),
  METRICS_TOKEN: optionalText({
    minLength: 16,
    secret: true,
    help: 'Bearer token for /metrics. Without one it answers only while the server listens on a loopback address.',
  }),
  SECRETS_KEY: optionalText({
    minLength: 32,
    secret: true,
    help: 'Key that encrypts secrets: 32 bytes as base64 or hex. Without one a key file (mode 0600) is made in DATA_DIR.',
  }),
  OUTBOUND_ALLOW: list(
    {
      pattern: /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9*.:-]+)(\/\d{1,3})?(:\d{1,5})?$/,
      name: 'hosts, addresses or CIDR ranges',
    },
    { help: 'Private hosts, addresses and CIDR ranges that steps may reach all the same, between commas.' },
  ),
  EXPRESSION_ENV: list(
    { pattern: /^[A-Za-z_][A-Za-z0-9_]*$/, name: 'names of environment variables' },
    {
      help: 'Environment variables that flows may read as env.NAME, between commas. Whoever may write a flow can read them.',
    },
  ),
  LOG_LEVEL: choice(['trace', 'debug', 'info', 'warn', 'error', 'fatal'], 'info', {
    help: 'The least urgent kind of log line that is written. At debug every request is a line.',
  }),
  LOG_FORMAT: choice(['json', 'pretty'], 'json', { help: 'One JSON object a line, or lines for people.' }),
  BODY_LIMIT: size('1MiB', { min: KIB, max: 64 * MIB }, { help: 'Largest request body.' }),
  FILE_LIMIT: size('25MiB', { min: KIB, max: 256 * MIB }, { help: 'Largest file that is uploaded for a form.' }),
  DAG_MAX_STEPS: integer(1000, { min: 1, max: 10_000 }, { help: 'Most steps of a DAG, nested ones included.' }),
  DAG_MAX_DEPTH: integer(32, { min: 1, max: 32 }, { help: 'Deepest nesting of steps.' }),
  STEP_OUTPUT_LIMIT: size(
    '256KiB',
    { min: KIB, max: 4 * MIB },
    { help: 'Largest output of a step that is held in memory and in records; what is larger goes to the blob store.' },
  ),
  LARGEST_VALUE: size('64MiB', { min: KIB, max: 256 * MIB }, { help: 'Largest output of a step at all.' }),
  INSTANCE_HELD_LIMIT: size(
    '50MiB',
    { min: MIB, max: GIB },
    { help: 'Most bytes of the inputs and outputs of one instance that are held in memory.' },
  ),
  INSTANCE_LIMIT: size(
    '256MiB',
    { min: MIB, max: 16 * GIB },
    { help: 'Most bytes that the inputs and outputs of one instance take together, those in the blob store included.' },
  ),
  MAX_LIVE_INSTANCES: integer(
    20_000,
    { min: 1, max: 10_000_000 },
    {
      help: 'Instances that have not ended; past this a start is refused with 503 until some end.',
    },
  ),
  DOMAIN_LIVE_INSTANCES: integer(
    0,
    { min: 0, max: 10_000_000 },
    {
      help: 'Instances that have not ended in one business domain; past this a start is refused with 429 until some end. 0: as many as there is room for.',
    },
  ),
  TOKEN_REQUESTS_PER_MINUTE: integer(
    300_000,
    { min: 0, max: 100_000_000 },
    { help: 'Requests of one token in a minute, as many at once; past this 429. 0: no limit.' },
  ),
  DOMAIN_REQUESTS_PER_MINUTE: integer(
    600_000,
    { min: 0, max: 100_000_000 },
    { help: 'Requests of one business domain in a minute, as many at once; past this 429. 0: no limit.' },
  ),
  OPERATOR_CONCURRENCY: integer(200, { min: 1, max: 100_000 }, { help: 'Operators that run at the same time.' }),
  TASK_LOG_LINES: integer(
    1_000,
    { min: 1, max: 1_000_000 },
    { help: "Lines of one task's log that are kept; the last one says that it is full." },
  ),
  TASK_LOG_BYTES: size(
    '256KiB',
    { min: KIB, max: GIB },
    { help: "Bytes of one task's log that are kept; the last line says that it is full." },
  ),
  RETENTION: keeping('P30D', {
    help: 'How long ended instances are kept where neither their DAG nor their business domain says it: a duration, or forever.',
  }),
  AUDIT_RETENTION: keeping('P365D', {
    help: 'How long audit records are kept: a duration, or forever. What goes leaves a sealed place, so that the rest is still proven to be whole.',
  }),
  MAX_STREAMS: integer(
    1_000,
    { min: 1, max: 100_000 },
    { help: 'Event and log streams that are open at the same time; past this one is refused with 503.' },
  ),
  REDIS_URL: optionalServer(['redis', 'rediss'], 'redis://user:password@host:6379/0 (rediss for TLS)', {
    secret: true,
    help: 'Redis, by which several processes over one store tell one another; one process alone uses none. redis://user:password@host:6379/0, rediss for TLS. With REDIS_SENTINELS only its user, password, database and TLS count.',
  }),
  REDIS_SENTINELS: list(
    { pattern: /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?$/, name: 'hosts with ports' },
    { help: 'Sentinels that tell which Redis is the master, as host:26379, between commas.' },
  ),
  REDIS_SENTINEL_NAME: text('mymaster', { help: 'The name of the master that the Sentinels are asked for.' }),
  REDIS_SENTINEL_PASSWORD: optionalText({ secret: true, help: 'Password of the Sentinels, if they have one.' }),
  REDIS_PREFIX: text('flow:', {
    help: 'What all keys and channels in Redis begin with. Installations that share a Redis need different ones.',
  }),
  KAFKA_BROKERS: list(
    { pattern: /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?$/, name: 'hosts with ports' },
    {
      help: 'Kafka, to which what becomes of instances is told, as host:9092, between commas. Without one nothing is told. The same in every process.',
    },
  ),
  KAFKA_CLIENT_ID: text('flow-automation', {
    help: 'The name by which Kafka knows this service in its logs and quotas.',
  }),
  KAFKA_TLS: offOnOrFile('off', {
    help: 'TLS to Kafka: off, on (its certificate is signed by a known authority), or the file of the authority that signed it (PEM).',
  }),
  KAFKA_SASL_MECHANISM: choice(['off', 'plain', 'scram-sha-256', 'scram-sha-512'], 'off', {
    help: 'How user and password are sent to Kafka. plain is for TLS only.',
  }),
  KAFKA_SASL_USERNAME: optionalText({ help: 'The user that Kafka knows this service by.' }),
  KAFKA_SASL_PASSWORD: optionalText({ secret: true, help: 'Its password.' }),
  KAFKA_TOPIC_PREFIX: text('automation.', {
    help: 'What the topics of this installation begin with: automation.instance.lifecycle, automation.dead-letters.',
  }),
  KAFKA_CREATE_TOPICS: choice(['off', 'on'], 'off', {
    help: "Whether topics that are missing are made, with the broker's own number of partitions and replicas.",
  }),
  KAFKA_SESSION_TIMEOUT: duration(
    'PT30S',
    { minMs: 1_000, maxMs: 1_800_000 },
    {
      help: 'How long Kafka waits for a sign of life of a process before it gives what that reads to others; as much as its brokers allow.',
    },
  ),
  EVENT_TOPICS_ALLOWED: list(
    { pattern: /^[A-Za-z0-9._*-]{1,249}$/, name: 'names of topics, * for any row of characters' },
    {
      help: 'Topics of Kafka that event triggers may read, between commas, as orders.*. Without one no trigger reads Kafka. Whoever may make triggers can read them. The same in every process.',
    },
  ),
  EVENT_SIZE_LIMIT: size(
    '1MiB',
    { min: KIB, max: 2 * MIB },
    { help: 'Largest message of Kafka that is an event for triggers; what is larger becomes a dead letter.' },
  ),
  REQUEST_TIMEOUT: duration(
    'PT15S',
    { minMs: 1_000, maxMs: 600_000 },
    {
      help: 'How long a request may take, but for what it waits for by itself (?wait=): then it is answered with 503, and what it has begun goes on.',
    },
  ),
  DRAIN_TIMEOUT: duration(
    'PT25S',
    { minMs: 0, maxMs: 600_000 },
    {
      help: 'How long a stop waits for what is under way.',
    },
  ),
} as const;

type Table = typeof SETTINGS;
export type SettingName = keyof Table;

type Camel<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Lowercase<Head>}${Capitalize<Camel<Tail>>}`
  : Lowercase<Name>;

/** The settings as code reads them: `settings.apiServerPort`. Sizes are bytes, durations milliseconds. */
export type Settings = {
  readonly [Name in SettingName as Camel<Name>]: Table[Name] extends Setting<infer Value> ? Value : never;
};

export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[];

/** `API_SERVER_PORT` → `apiServerPort`. */
export function propertyOf(name: SettingName): keyof Settings {
  const words = name.toLowerCase().split('_');
  return words
    .map((word, i) => (i === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1)))
    .join('') as keyof Settings;
}

export function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(SETTINGS, name);
}
