import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { SETTINGS, SETTING_NAMES } from './settings';
import { SettingsInvalid, loadSettings } from './settings.loader';

describe('Settings', () => {
  const folders: string[] = [];
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true });
  });

  function folderWith(files: Record<string, string>): string {
    const folder = mkdtempSync(join(tmpdir(), 'settings-'));
    folders.push(folder);
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    return folder;
  }

  function faultsOf(files: Record<string, string>, environment: Record<string, string> = {}) {
    try {
      loadSettings({ folder: folderWith(files), environment });
    } catch (error) {
      if (error instanceof SettingsInvalid) return error.faults;
      throw error;
    }
    return [];
  }

  it('need no file', () => {
    const { settings } = loadSettings({ folder: folderWith({}), environment: {} });
    expect(settings).toMatchObject({
      apiServerHost: '127.0.0.1',
      apiServerPort: 8082,
      apiServerPrivatePort: 8083,
      dataDir: './data',
      adminToken: null,
      outboundAllow: [],
      docs: 'open',
      bodyLimit: 1_048_576,
      fileLimit: 26_214_400,
      dagMaxSteps: 1000,
      stepOutputLimit: 262_144,
      instanceLimit: 268_435_456,
      drainTimeout: 25_000,
    });
  });

  it('let .env.local win over .env, and the environment over both', () => {
    const folder = folderWith({
      '.env': 'API_SERVER_PORT=1\nAPI_SERVER_PRIVATE_PORT=2\nLOG_LEVEL=warn\n',
      '.env.local': 'API_SERVER_PRIVATE_PORT=3\nLOG_LEVEL=error\n',
    });
    const { settings, lines } = loadSettings({ folder, environment: { LOG_LEVEL: 'debug', HOME: '/somewhere' } });
    expect(settings).toMatchObject({ apiServerPort: 1, apiServerPrivatePort: 3, logLevel: 'debug' });
    const sources = Object.fromEntries(lines.map(({ name, source }) => [name, source]));
    expect(sources).toMatchObject({
      API_SERVER_PORT: '.env',
      API_SERVER_PRIVATE_PORT: '.env.local',
      LOG_LEVEL: 'environment',
      DOCS: 'default',
    });
  });

  it('name every fault at once, unknown names in the files included', () => {
    const faults = faultsOf(
      { '.env': 'API_SERVER_PORT=eighty\nAPI_SERVR_HOST=x\n', '.env.local': 'DOCS=maybe\n' },
      { DRAIN_TIMEOUT: '25', BODY_LIMIT: '1 PiB', SOMETHING_ELSE: 'is fine here' },
    );
    expect(faults.map(({ pointer, code }) => `${pointer} ${code}`)).toEqual([
      'API_SERVR_HOST setting.unknown',
      'API_SERVER_PORT setting.invalid',
      'DOCS setting.invalid',
      'BODY_LIMIT setting.invalid',
      'DRAIN_TIMEOUT setting.invalid',
    ]);
  });

  it.each([
    ['API_SERVER_PORT', '65536'],
    ['API_SERVER_PORT', '-1'],
    ['API_SERVER_PORT', '80.5'],
    ['API_SERVER_HOST', ''],
    ['ADMIN_TOKEN', 'short'],
    ['OUTBOUND_ALLOW', '10.0.0.0/8,not a host'],
    ['EXPRESSION_ENV', 'HOME,1X'],
    ['LOG_LEVEL', 'loud'],
    ['STEP_OUTPUT_LIMIT', '0'],
    ['DAG_MAX_STEPS', '0'],
    ['DRAIN_TIMEOUT', 'PT1H'],
    ['MONGODB_URL', 'db.example.com'],
    ['MONGODB_URL', 'mongodb://flow:x@db.example.com'],
    ['MONGODB_URL', 'mongodb://flow:x@db.example.com/'],
    ['MONGODB_URL', 'mongodb://flow:x@db.example.com/?replicaSet=rs'],
    ['MONGODB_POOL', '0'],
    ['MARIADB_URL', 'db.example.com'],
    ['MARIADB_URL', 'postgres://flow:x@db.example.com/flow'],
    ['MARIADB_URL', 'mysql://db.example.com/flow'],
    ['MARIADB_URL', 'mysql://flow:x@db.example.com'],
    ['MARIADB_URL', 'mysql://flow:x@db.example.com/flow/other'],
    ['MARIADB_URL', 'mysql://flow:x@db.example.com/flow?ssl=false'],
    ['MARIADB_URL', 'mysql://flow:100%@db.example.com/flow'],
    ['MARIADB_URL', 'mysql://flow:x@db.example.com:99999/flow'],
    ['MARIADB_POOL', '0'],
    ['MARIADB_TLS', 'true'],
    ['REDIS_URL', 'http://127.0.0.1'],
    ['REDIS_URL', '127.0.0.1:6379'],
    ['REDIS_URL', 'redis:///0'],
    ['REDIS_SENTINELS', 'one:26379,two:port'],
    ['REDIS_PREFIX', ''],
  ])('refuse %s=%s', (name, value) => {
    expect(faultsOf({}, { [name]: value }).map(({ pointer }) => pointer)).toEqual([name]);
  });

  it('read lists, sizes and durations', () => {
    const { settings } = loadSettings({
      folder: folderWith({}),
      environment: {
        OUTBOUND_ALLOW: ' 127.0.0.1, 10.0.0.0/8 ,*.internal.example,[::1], ',
        EXPRESSION_ENV: 'HOME,APP_STAGE',
        BODY_LIMIT: '512KiB',
        DRAIN_TIMEOUT: 'PT0.5S',
      },
    });
    expect(settings.outboundAllow).toEqual(['127.0.0.1', '10.0.0.0/8', '*.internal.example', '[::1]']);
    expect(settings.expressionEnv).toEqual(['HOME', 'APP_STAGE']);
    expect(settings.bodyLimit).toBe(524_288);
    expect(settings.drainTimeout).toBe(500);
  });

  it('mask secrets, in the listing and in faults', () => {
    const secret = 'a-long-and-private-admin-token';
    const { lines } = loadSettings({ folder: folderWith({}), environment: { ADMIN_TOKEN: secret } });
    expect(JSON.stringify(lines)).not.toContain(secret);
    expect(lines.find(({ name }) => name === 'ADMIN_TOKEN')?.value).toBe('********');
    expect(lines.find(({ name }) => name === 'METRICS_TOKEN')?.value).toBe('');
    expect(JSON.stringify(faultsOf({}, { ADMIN_TOKEN: 'tooshort' }))).not.toContain('tooshort');
    const url = { REDIS_URL: 'rediss://flow:sesame@redis.example:6380/2' };
    expect(JSON.stringify(loadSettings({ folder: folderWith({}), environment: url }).lines)).not.toContain('sesame');
    expect(JSON.stringify(faultsOf({}, { REDIS_URL: 'tcp://:sesame@host' }))).not.toContain('sesame');
    expect(JSON.stringify(faultsOf({}, { MARIADB_URL: 'mysql://flow:hunter2@' }))).not.toContain('hunter2');
  });

  it.each([
    'mysql://flow:password@db.example.com:3306/flow',
    'mariadb://flow:p%40ss%2Fw%3Ard%25@10.0.0.5/flow',
    'mysql://flow@[::1]:3306/flow',
  ])('take the address of a database, which is a secret: %s', (url) => {
    const { settings, lines } = loadSettings({
      folder: folderWith({}),
      environment: { MARIADB_URL: url, MARIADB_TLS: './ca.pem' },
    });
    expect(settings).toMatchObject({ mariadbUrl: url, mariadbPool: 10, mariadbTls: './ca.pem' });
    expect(lines.find(({ name }) => name === 'MARIADB_URL')?.value).toBe('********');
  });

  it.each([
    'mongodb://db.example.com/flow',
    'mongodb://flow:p%40ss@one.example.com:27017,two.example.com:27018/flow?replicaSet=rs&authSource=admin',
    'mongodb+srv://flow:x@cluster.example.com/flow',
  ])('take the address of a MongoDB, which is a secret: %s', (url) => {
    const { settings, lines } = loadSettings({ folder: folderWith({}), environment: { MONGODB_URL: url } });
    expect(settings.mongodbUrl).toBe(url);
    expect(lines.find(({ name }) => name === 'MONGODB_URL')?.value).toBe('********');
  });

  it('stand in the committed .env with their defaults, all of them and nothing else', () => {
    const file = parseEnv(readFileSync(resolve(__dirname, '../../../.env'), 'utf8'));
    expect(file).toEqual(Object.fromEntries(SETTING_NAMES.map((name) => [name, SETTINGS[name].fallback])));
  });
});
