// `npm run bench`: workloads 1 to 8 of docs/performance.md on this machine, beside what the machine itself can do in the same minute.
// With --plane production workloads 1 to 5 and 9 on servers (scripts/lib/plane.mjs).
// Options: --seconds N (per workload, default 5), --only 1,2,3,4,5,6,7,8, --json FILE,
// --schedules N (of workload 4),
// --dags N and --instances N (of workload 7). By name only: console (needs Chromium: --dags N rows), burst (--count N), soak (--minutes N, --rate N:
// starts a second, half of what it can take unless given).
import { DatabaseSync } from '@photostructure/sqlite';
import { fork } from 'node:child_process';
import { closeSync, fsyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { lists } from './lib/lists.mjs';
import { openPlane } from './lib/plane.mjs';
import { burst } from './lib/burst.mjs';
import { load } from './lib/load.mjs';
import { root, startService } from './lib/service.mjs';
import { schedules } from './lib/schedules.mjs';
import { soak } from './lib/soak.mjs';
import { takeOver } from './lib/take-over.mjs';
import { waiting } from './lib/waiting.mjs';
import { buildWhenNeeded } from './start.mjs';

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    only: { type: 'string' },
    plane: { type: 'string', default: 'embedded' },
    schedules: { type: 'string', default: '10000' },
    waiting: { type: 'string', default: '100000' },
    dags: { type: 'string', default: '100000' },
    instances: { type: 'string', default: '1000000' },
    count: { type: 'string', default: '100000' },
    minutes: { type: 'string', default: '10' },
    rate: { type: 'string' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (options.help) {
  console.log(
    'npm run bench -- [--seconds N] [--plane embedded|production] [--only 1,2,3,4,5,6,7,8,9,console,burst,soak] [--schedules N] [--waiting N] [--dags N] [--instances N] [--count N] [--minutes N] [--rate N] [--json FILE]',
  );
  process.exit(0);
}
const seconds = Number(options.seconds);
const ON_PLANE = { embedded: '1,2,3,4,5,6,7,8', production: '1,2,3,4,5,9' };
if (!(options.plane in ON_PLANE)) throw new Error(`--plane is embedded or production, not ${options.plane}.`);
const only = new Set((options.only ?? ON_PLANE[options.plane]).split(','));
const isProduction = options.plane === 'production';
if (isProduction)
  for (const one of only)
    if (!ON_PLANE.production.split(',').includes(one)) throw new Error(`Workload ${one} is of the embedded plane.`);
if (!isProduction && only.has('9')) throw new Error('Workload 9 is of the production plane: --plane production.');
/** One process that does everything, on the stores that were asked for. */
async function startOne() {
  // Databases of its own for each, so that none pays for the rows of another.
  const plane = isProduction ? await openPlane() : undefined;
  const service = await startService({ env: plane?.env ?? {} });
  return {
    ...service,
    async stop() {
      await service.stop();
      await plane?.drop();
    },
  };
}
const progress = (text) => process.stderr.write(`${text}\n`);

// Calibration

function perSecond(work, forMs = 1_000) {
  const startedAt = performance.now();
  let count = 0;
  while (performance.now() - startedAt < forMs) {
    work(count);
    count += 1;
  }
  return Math.round(count / ((performance.now() - startedAt) / 1_000));
}

function calibrateDisk() {
  const folder = mkdtempSync(join(tmpdir(), 'flow-calibration-'));
  const file = openSync(join(folder, 'fsync'), 'w');
  const block = Buffer.alloc(4_096, 1);
  const fsyncs = perSecond(() => {
    writeSync(file, block, 0, block.length, 0);
    fsyncSync(file);
  });
  closeSync(file);
  const db = new DatabaseSync(join(folder, 'commits.db'));
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (n INTEGER PRIMARY KEY, body TEXT)');
  const insert = db.prepare('INSERT INTO t (body) VALUES (?)');
  const commits = perSecond(() => insert.run('x'.repeat(200)));
  db.close();
  rmSync(folder, { recursive: true });
  return { fsyncs, commits };
}

async function calibrateHttp() {
  const server = fork(fileURLToPath(new URL('./lib/bare-server.mjs', import.meta.url)));
  const port = await new Promise((done) => server.once('message', done));
  const { perSecond: requests } = await load(
    `http://127.0.0.1:${port}`,
    { method: 'POST', path: '/', headers: { 'content-type': 'application/json' }, body: '{"a":1}' },
    50,
    2,
  );
  server.kill();
  return requests;
}

// Runs

const trigger = { id: '0', operator: '@trigger/manual' };
const chain = (count, operator, parameters) => [
  trigger,
  ...Array.from({ length: count }, (_, i) => ({ id: String(i + 1), operator, parameters })),
];

async function runWorkload(service, title, steps) {
  const { id } = await service.call('POST', '/dags', { title, steps });
  const request = {
    method: 'POST',
    path: `/api/automation/v1/dags/${id}/run?wait=PT30S`,
    headers: { ...service.headers, 'content-type': 'application/json' },
    body: '{}',
  };
  progress(`${title}: 50 callers ...`);
  const many = await load(service.origin, request, 50, seconds);
  const delay = await service.loopDelay();
  progress(`${title}: 1 caller ...`);
  const one = await load(service.origin, request, 1, seconds);
  return { many, one, delay };
}

const FAN_OUT = 1_000;
const FANS = {
  'loop, 100 at once, durable': [
    trigger,
    {
      id: 'each',
      operator: '@control/flow/loop',
      parameters: { mode: 'limit', limit: FAN_OUT, concurrency: 100 },
      steps: [{ id: 'item', operator: '@internal/checkpoint', parameters: { value: '{{__each.index}}' } }],
    },
  ],
  'loop, 100 at once, pure': [
    trigger,
    {
      id: 'each',
      operator: '@control/flow/loop',
      parameters: { mode: 'limit', limit: FAN_OUT, concurrency: 100 },
      steps: [{ id: 'item', operator: '@internal/define', parameters: { type: 'number', value: '{{__each.index}}' } }],
    },
  ],
  // A DAG has a thousand steps at most, trigger and join among them.
  'graph, all at once, durable': [
    trigger,
    ...Array.from({ length: FAN_OUT - 2 }, (_, i) => ({
      id: `s${i}`,
      operator: '@internal/checkpoint',
      parameters: { value: i },
      dependsOn: ['0'],
    })),
    {
      id: 'join',
      operator: '@internal/define',
      parameters: { type: 'number', value: 1 },
      dependsOn: Array.from({ length: FAN_OUT - 2 }, (_, i) => `s${i}`),
    },
  ],
};

/** Wall time of one instance that fans out and joins, from the request to the answer; one after another. */
async function fanOut(service, title, steps) {
  const { id } = await service.call('POST', '/dags', { title, steps });
  const times = [];
  for (let i = 0; i < 23; i += 1) {
    const startedAt = performance.now();
    const { status } = await service.call('POST', `/dags/${id}/run?wait=PT30S`, {});
    if (status !== 'succeeded') throw new Error(`${title} came to ${status}.`);
    if (i >= 3) times.push(performance.now() - startedAt);
  }
  times.sort((a, b) => a - b);
  return { p50: times[Math.floor(times.length / 2)], worst: times.at(-1) };
}

// Memory and start

const rssMb = (pid) =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? NaN) / 1_024);

/** From the start of the process to the first durable result, with a folder that holds `count` DAGs. */
async function coldStart(count) {
  const folder = mkdtempSync(join(tmpdir(), 'flow-cold-'));
  const first = await startService({ folder });
  const { id } = await first.call('POST', '/dags', {
    title: 'First',
    steps: chain(1, '@internal/checkpoint', { value: 1 }),
  });
  for (let done = 1; done < count; done += 200) {
    const documents = Array.from({ length: Math.min(200, count - done) }, (_, i) => ({
      title: `DAG ${done + i}`,
      steps: chain(1, '@internal/time/now', {}),
    }));
    await first.call('POST', '/dags/import?mode=create', documents);
    if (done % 10_000 === 1) progress(`Cold start: ${done} of ${count} DAGs stored ...`);
  }
  await first.stop();
  const startedAt = performance.now();
  const service = await startService({ folder });
  const result = await service.call('POST', `/dags/${id}/run?wait=PT10S`, {});
  const ms = performance.now() - startedAt;
  if (result.status !== 'succeeded') throw new Error(`The first run came to ${result.status}.`);
  await new Promise((done) => setTimeout(done, 1_000));
  const idleMb = rssMb(service.pid);
  await service.stop();
  rmSync(folder, { recursive: true, force: true });
  return { ms: Math.round(ms), idleMb };
}

// The table

buildWhenNeeded();
const rows = [];
const row = (workload, figure, value, beside = '') => rows.push({ workload, figure, value, beside });
const ms = (value) => `${value.toFixed(2)} ms`;

progress('Calibrating ...');
const disk = calibrateDisk();
const http = await calibrateHttp();
row(
  'machine',
  `${cpus()[0]?.model ?? 'CPU'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`,
  '',
);
row('calibration', 'fsync of 4 KiB', `${disk.fsyncs}/s`);
row('calibration', 'SQLite commits, WAL, FULL', `${disk.commits}/s`);
row('calibration', 'bare Fastify POST, 50 callers', `${http}/s`);

if (only.has('1') || only.has('2')) {
  let service = await startOne();
  const workloads = [
    ['1', 'one step', chain(1, '@internal/checkpoint', { value: 1 })],
    ['2', 'forty durable steps', chain(40, '@internal/checkpoint', { value: 1 })],
    ['2', 'forty pure steps', chain(40, '@internal/define', { type: 'number', value: 1 })],
  ];
  for (const [number, title, steps] of workloads) {
    if (!only.has(number)) continue;
    if (isProduction) {
      await service.stop();
      service = await startOne();
    }
    const { many, one, delay } = await runWorkload(service, title, steps);
    row(
      number,
      `${title}, 50 callers`,
      `${many.perSecond} runs/s`,
      `p50 ${ms(many.p50)}, p99 ${ms(many.p99)}; ${(many.perSecond / http).toFixed(3)} of bare HTTP`,
    );
    row(
      number,
      `${title}, 50 callers: loop delay`,
      `p99 ${ms(delay.p99)}`,
      `p50 ${ms(delay.p50)}, max ${ms(delay.max)}`,
    );
    row(
      number,
      `${title}, 1 caller`,
      `p50 ${ms(one.p50)}`,
      `p99 ${ms(one.p99)}; ${(one.p50 / (1_000 / disk.commits)).toFixed(1)} commits`,
    );
  }
  await service.stop();
}

if (only.has('3')) {
  const service = await startOne();
  for (const [title, steps] of Object.entries(FANS)) {
    progress(`Fan-out of ${FAN_OUT}: ${title} ...`);
    const { p50, worst } = await fanOut(service, title, steps);
    row('3', `fan-out of ${FAN_OUT} and join: ${title}`, `p50 ${ms(p50)}`, `worst of 20 ${ms(worst)}`);
  }
  await service.stop();
}

if (only.has('4')) {
  const count = Number(options.schedules);
  const service = await startOne();
  const found = await schedules(service, { count, progress });
  const what = `${count.toLocaleString('en')} schedules due at one moment`;
  const { started, ended, delay, missed, doubled } = found;
  row('4', `${what}: last start`, `${started.last} ms`, `p50 ${started.p50} ms`);
  row('4', `${what}: last end`, `${ended.last} ms`, `p50 ${ended.p50} ms; missed ${missed}, doubled ${doubled}`);
  row('4', `${what}: loop delay`, `p99 ${ms(delay.p99)}`, `p50 ${ms(delay.p50)}, max ${ms(delay.max)}`);
  await service.stop();
}

if (only.has('5')) {
  const count = Number(options.waiting);
  const service = await startOne();
  const found = await waiting(service, { count, rssMb: () => rssMb(service.pid), progress });
  const { perSecond, kbEach, late, delay } = found;
  const what = `${count.toLocaleString('en')} waiting instances`;
  row('5', `${what}: submitted`, `${perSecond}/s`, `50 callers; ${(perSecond / http).toFixed(3)} of bare HTTP`);
  row('5', `${what}: memory`, `${kbEach.toFixed(2)} KB each`, `${rssMb(service.pid)} MB in all`);
  row(
    '5',
    `${what}: 2,000 others wake`,
    `p99 ${late.p99} ms late`,
    `p50 ${late.p50} ms, earliest ${late.least} ms; loop delay p99 ${ms(delay.p99)}`,
  );
  await service.stop();
}

if (only.has('6')) {
  for (const count of [10, 1_000, 100_000]) {
    const { ms: toFirst, idleMb } = await coldStart(count);
    row(
      '6',
      `cold start to the first durable result, ${count.toLocaleString('en')} DAGs`,
      `${toFirst} ms`,
      `idle ${idleMb} MB`,
    );
  }
}

if (only.has('7')) {
  const [dags, instances] = [Number(options.dags), Number(options.instances)];
  const { figures, madeMs, fileMb } = await lists({ dags, instances, seconds: Math.min(seconds, 2), progress });
  const [dagsText, instancesText] = [dags, instances].map((count) => count.toLocaleString('en'));
  row('7', `${dagsText} DAGs, ${instancesText} instances: made`, `${Math.round(madeMs / 1_000)} s`, `${fileMb} MB`);
  for (const { what, pages } of figures)
    row(
      '7',
      `${what}, 10 callers`,
      pages.map(({ page, p99 }) => `page ${page} p99 ${ms(p99)}`).join(', '),
      pages.map(({ page, p50, alone }) => `page ${page} p50 ${ms(p50)}, 1 caller ${ms(alone)}`).join('; '),
    );
}

if (only.has('8')) {
  progress('kill -9 with a thousand instances in flight ...');
  const found = await takeOver(chain(40, '@internal/checkpoint', { value: 1 }));
  const what = `kill -9, ${found.inFlight} of 1,000 forty-step runs in flight`;
  row(
    '8',
    `${what}: first new result`,
    `${Math.round(found.firstMs)} ms`,
    `ready after ${Math.round(found.readyMs)} ms`,
  );
  row('8', `${what}: all resumed`, `${Math.round(found.resumedMs)} ms`, 'each has a new result');
  row('8', `${what}: all ended`, `${Math.round(found.allMs)} ms`, `${found.doneBefore} steps were done before`);
  row(
    '8',
    `${what}: lost`,
    String(found.lost),
    `${found.doubled} steps completed twice; ${found.repeated} calls that were in flight were made again`,
  );
}

if (only.has('9')) {
  const rates = [];
  for (const workers of [1, 2, 4]) {
    const plane = await openPlane();
    progress(`Forty durable steps by one public-api and ${workers} workers ...`);
    const started = await Promise.all([
      startService({ app: 'public-api', env: plane.env }),
      ...Array.from({ length: workers }, () => startService({ app: 'worker', env: plane.env })),
    ]);
    const title = `forty durable steps, ${workers} workers`;
    const { many } = await runWorkload(started[0], title, chain(40, '@internal/checkpoint', { value: 1 }));
    rates.push(many.perSecond);
    row(
      '9',
      `${title}, 50 callers`,
      `${many.perSecond} runs/s`,
      `${(many.perSecond / rates[0]).toFixed(2)} of one worker; p50 ${ms(many.p50)}, p99 ${ms(many.p99)}`,
    );
    for (const one of started) await one.stop();
    await plane.drop();
  }
}

if (only.has('console')) {
  const { looks } = await import('./lib/console.mjs');
  const service = await startService({ env: { LOG_LEVEL: 'error' } });
  const dags = Number(options.dags);
  const { empty, visits, graphs, list } = await looks(service, { dags, progress });
  const drawn = (what, { p50, p95, worst, late, of }) =>
    row('console', what, `p50 ${ms(p50)}`, `p95 ${ms(p95)}, worst ${ms(worst)}; ${late} of ${of} late`);
  drawn('frames of an empty page', empty);
  for (const [visit, times] of Object.entries(visits))
    row('console', `${visit} visit: its figures are there`, `p50 ${ms(times.at(Math.floor(times.length / 2)))}`, `best ${ms(times[0])}, worst ${ms(times.at(-1))}`); // prettier-ignore
  for (const [shape, { shownMs, moved, zoomed }] of Object.entries(graphs)) {
    row('console', `a graph of 1,000 steps ${shape}: shown`, ms(shownMs));
    drawn(`a graph of 1,000 steps ${shape}: frames while it is moved`, moved);
    drawn(`a graph of 1,000 steps ${shape}: frames while it is zoomed`, zoomed);
  }
  const rowsText = `${dags.toLocaleString('en')} DAGs`;
  drawn('list of DAGs: frames while it is scrolled', list.scrolled);
  row('console', `list of ${rowsText}: all read by scrolling to the end`, ms(list.readMs), `${Math.round((1_000 * dags) / list.readMs)} rows/s`); // prettier-ignore
  drawn(`list of ${rowsText}, all read: frames while it is scrolled`, list.afterAll);
  drawn(`list of ${rowsText}, all read: frames of leaps through all of it`, list.leapt);
  await service.stop();
}

if (only.has('burst')) {
  const service = await startService({ env: { LOG_LEVEL: 'error' } });
  const found = await burst(service, { count: Number(options.count), rssMb: () => rssMb(service.pid), progress });
  for (const { what, accepted, others, seconds: took, before, most, settledMs, lost } of found) {
    const burstOf = `burst of ${Number(options.count).toLocaleString('en')} starts ${what}`;
    const refused = others.map(([status, count]) => `, ${count} answered ${status}`).join('');
    row('burst', `${burstOf}: accepted`, String(accepted), `in ${took.toFixed(1)} s${refused}`);
    row('burst', `${burstOf}: the most memory`, `${most} MB`, `${before} MB before`);
    row('burst', `${burstOf}: ended after the last answer`, `${Math.round(settledMs)} ms`, `lost ${lost}`);
  }
  await service.stop();
}

if (only.has('soak')) {
  const pidOf = { pid: 0 };
  const start = async (given) => {
    const service = await startService(given);
    pidOf.pid = service.pid;
    return service;
  };
  const minutes = Number(options.minutes);
  const found = await soak(start, {
    minutes,
    ...(options.rate && { rate: Number(options.rate) }),
    rssMb: () => rssMb(pidOf.pid),
    progress,
  });
  const { slices } = found;
  const [early, late] = [slices[Math.min(1, slices.length - 1)], slices.at(-1)];
  const refused = [...found.refused].map(([status, count]) => `, ${count} answered ${status}`).join('');
  const what = `${minutes} minutes of mixed load`;
  row(
    'soak',
    what,
    `${found.rate} starts/s`,
    `${found.perSecond ? `of ${found.perSecond}/s; ` : ''}${found.total} in all${refused}, ${found.unsent} unsent`,
  );
  row(
    'soak',
    `${what}: memory`,
    `${Math.round(found.rssKbAMinute)} KB/min`,
    `heap ${Math.round(found.heapKbAMinute)} KB/min; ${late.rssMb} MB at its end`,
  );
  row(
    'soak',
    `${what}: one step`,
    `p99 ${ms(late.p99)}`,
    `p99 ${ms(early.p99)} in the second minute; p50 ${ms(early.p50)}, then ${ms(late.p50)}`,
  );
  row(
    'soak',
    `${what}: loop delay`,
    `p99 of its worst second ${ms(late.delay)}`,
    `most ${ms(Math.max(...slices.map(({ max }) => max)))}`,
  );
  row(
    'soak',
    `${what}: documents.db`,
    `${late.documentsMb} MB`,
    `${early.documentsMb} MB after two minutes; its log ${found.walMb} MB`,
  );
  row('soak', `${what}: live a minute later`, String(found.left));
}

const widths = ['workload', 'figure', 'value', 'beside'].map((key) =>
  Math.max(key.length, ...rows.map((line) => line[key].length)),
);
const line = (cells) => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`;
console.log(line(['workload', 'figure', 'value', 'beside']));
console.log(`|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`);
for (const { workload, figure, value, beside } of rows) console.log(line([workload, figure, value, beside]));
if (options.json) writeFileSync(resolve(options.json), `${JSON.stringify(rows, null, 2)}\n`);
