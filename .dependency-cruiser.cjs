// The arrows of ARCHITECTURE.md, one line a lib: who may import whom. Everything that is not allowed here is an error.
const MAY_IMPORT = {
  kernel: [],
  settings: ['kernel'],
  expressions: ['kernel'],
  platform: ['kernel'],
  http: ['kernel', 'settings', 'platform', 'auth', 'quotas', 'audit'],
  audit: ['kernel', 'platform', 'auth', 'events'],
  quotas: ['kernel', 'auth'],
  auth: ['kernel', 'platform'],
  secrets: ['kernel', 'platform', 'auth'],
  operators: ['kernel', 'expressions'],
  engine: ['kernel', 'expressions', 'operators'],
  dags: ['kernel', 'platform', 'operators', 'expressions', 'auth', 'events'],
  deliveries: ['kernel', 'platform', 'secrets', 'auth'],
  events: ['kernel', 'platform'],
  files: ['kernel', 'platform', 'auth'],
  instances: [
    'kernel',
    'platform',
    'expressions',
    'operators',
    'engine',
    'dags',
    'secrets',
    'deliveries',
    'events',
    'files',
    'auth',
    'quotas',
  ],
  triggers: [
    'kernel',
    'platform',
    'expressions',
    'operators',
    'dags',
    'instances',
    'secrets',
    'events',
    'files',
    'auth',
    'quotas',
  ],
  retention: ['kernel', 'platform', 'auth', 'dags', 'files', 'instances'],
  moving: ['kernel', 'platform', 'dags', 'events', 'instances', 'deliveries'],
  builtins: ['kernel', 'operators', 'expressions', 'secrets', 'platform'],
  observability: ['kernel', 'platform'],
};

const ADAPTERS = ['embedded', 'kafka', 'mongo', 'redis', 'sql'];

const arrows = Object.entries(MAY_IMPORT).map(([lib, allowed]) => ({
  name: `${lib}-imports`,
  comment: `libs/${lib} may import ${allowed.join(', ') || 'no other lib'}`,
  severity: 'error',
  from: { path: `^libs/${lib}/` },
  to: { path: '^(libs|apps)/', pathNot: `^libs/(${[lib, ...allowed].join('|')})/` },
}));

module.exports = {
  forbidden: [
    ...arrows,
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'unlisted-lib',
      severity: 'error',
      from: { path: '^libs/', pathNot: `^libs/(adapters|composition|${Object.keys(MAY_IMPORT).join('|')})/` },
      to: {},
    },
    ...ADAPTERS.map((adapter) => ({
      name: `adapter-${adapter}-alone`,
      severity: 'error',
      from: { path: `^libs/adapters/${adapter}/` },
      to: { path: '^(libs/adapters|apps)/', pathNot: `^libs/adapters/(${adapter}|sqlite)/` },
    })),
    {
      name: 'composition-for-apps-only',
      comment: 'the one lib that may import all others, adapters too, is imported by apps alone',
      severity: 'error',
      from: { path: '^libs/', pathNot: '^libs/composition/' },
      to: { path: '^libs/composition/' },
    },
    { name: 'no-lib-imports-an-app', severity: 'error', from: { path: '^libs/' }, to: { path: '^apps/' } },
    {
      name: 'apps-stand-alone',
      severity: 'error',
      from: { path: '^apps/([^/]+)/', pathNot: '^apps/(standalone|cli)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'one-door-to-sqlite',
      severity: 'error',
      from: { pathNot: '^libs/adapters/sqlite/src/database.ts$' },
      to: { path: 'node_modules/(@photostructure/sqlite|better-sqlite3)|^node:sqlite$' },
    },
    {
      name: 'technology-in-adapters-only',
      severity: 'error',
      from: { path: '^libs/', pathNot: '^libs/adapters/' },
      to: { path: 'node_modules/(typeorm|mysql2|ioredis|mongoose|kafkajs|bullmq)/' },
    },
    {
      name: 'pure-libs-stay-pure',
      severity: 'error',
      from: {
        path: '^libs/((kernel|engine|expressions|operators)/src/|triggers/src/(schedule[.-]|cron-|backfill-range))',
        pathNot: '(spec\\.ts$|/testing/)',
      },
      to: { path: '^node:|node_modules/(@nestjs|rxjs|typeorm|fastify)/' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(\\.spec\\.ts$|/testing/|/test/)' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['require', 'import', 'node', 'default', 'types'],
    },
  },
};
