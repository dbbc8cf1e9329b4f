// The soak: a mixed load at half of what the service can take, for minutes, and what grows meanwhile.
import { statSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { Agent, request } from 'undici';

const WARM_UP_SHARE = 0.2;
const TRIAL_MS = 8_000;
const TRIAL_CALLERS = 50;
const TICK_MS = 10;
/** When so many are out, the service has stalled: those that were to follow are counted, not sent. */
const MOST_OUT = 1_000;
const MIB = 1_024 * 1_024;
const trigger = { id: '0', operator: '@trigger/manual' };
const checkpoint = (id) => ({ id: String(id), operator: '@internal/checkpoint', parameters: { value: 1 } });
const wait = (duration) => ({ id: 'w', operator: '@control/wait', parameters: { duration } });

/** Shares of the starts in a hundred, and the steps of each. */
const kinds = (badUrl) => [
  { name: 'one step', share: 50, steps: [trigger, checkpoint(1)], query: '?wait=PT30S' },
  { name: 'forty steps', share: 10, steps: [trigger, ...Array.from({ length: 40 }, (_, i) => checkpoint(i + 1))] },
  { name: 'waiting a little', share: 12, steps: [trigger, wait('PT2S'), checkpoint(1)] },
  { name: 'waiting longer', share: 12, steps: [trigger, wait('PT20S'), checkpoint(1)] },
  {
    name: 'failing',
    share: 15,
    fails: true,
    steps: [
      trigger,
      {
        id: '1',
        operator: '@http/request',
        parameters: { method: 'POST', url: badUrl, body: {} },
        settings: { retry: { max: 2, delay: 0.2 } },
      },
    ],
  },
  {
    name: 'with a large value',
    share: 1,
    steps: [
      trigger,
      { id: '1', operator: '@internal/define', parameters: { type: 'string', value: 'x'.repeat(400_000) } },
      { id: '2', operator: '@internal/define', parameters: { type: 'string', value: '{{__1.value}}' } },
    ],
  },
];

/** `{ url, close() }` of a server that answers 503 to everything. */
async function refusing() {
  const server = createServer((asked, answer) => asked.resume().on('end', () => answer.writeHead(503).end()));
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

export async function soak(startService, { minutes, rate: given, rssMb, progress }) {
  const bad = await refusing();
  const env = { OUTBOUND_ALLOW: '127.0.0.1', RETENTION: 'PT1M', LOG_LEVEL: 'error' };
  const service = await startService({ env });
  const agent = new Agent({ connections: 256, pipelining: 1 });
  try {
    const mix = [];
    for (const kind of kinds(bad.url)) {
      const { id } = await service.call('POST', '/dags', { title: kind.name, steps: kind.steps });
      const one = { ...kind, path: `/api/automation/v1/dags/${id}/run${kind.query ?? ''}` };
      // Dealt out evenly: every hundred starts are the same mix.
      for (let n = 0; n < kind.share; n += 1) mix.push({ at: (n + 0.5) / kind.share, one });
    }
    mix.sort((a, b) => a.at - b.at);
    const refused = new Map();
    let started = 0;
    const start = async () => {
      const { one } = mix[started % mix.length];
      started += 1;
      const since = performance.now();
      const answer = await request(`${service.origin}${one.path}`, {
        dispatcher: agent,
        method: 'POST',
        headers: { ...service.headers, 'content-type': 'application/json' },
        body: '{}',
      });
      await answer.body.dump();
      if (answer.statusCode >= 300) refused.set(answer.statusCode, (refused.get(answer.statusCode) ?? 0) + 1);
      return one.query ? performance.now() - since : undefined;
    };

    progress('Soak: what the service can take ...');
    const perSecond = given ? undefined : await capacityOf(start);
    const rate = given ?? Math.max(1, Math.round(perSecond / 2));
    refused.clear();
    await service.loopDelay();
    progress(`Soak: ${rate} starts a second for ${minutes} minutes ...`);
    const run = { rate, perSecond, minutes, startedBefore: started };
    const watched = await steadily(service, start, { rate, minutes, rssMb, progress });
    const total = started - run.startedBefore;

    const live = async () =>
      (await service.call('GET', '/instances?status=queued,running,waiting&limit=1&count=true')).total;
    for (const until = Date.now() + 60_000; (await live()) > 0 && Date.now() < until;)
      await new Promise((done) => setTimeout(done, 250));
    return { ...run, ...watched, total, refused, left: await live(), walMb: fileMb(service, 'documents.db-wal') };
  } finally {
    await agent.destroy();
    await service.stop();
    bad.close();
  }
}

async function purgeAll(service) {
  while (!(await service.callPrivate('POST', '/retention/run', {})).done);
}

/** Starts that are answered a second with so many callers, their work included as far as the service falls behind by it. */
async function capacityOf(start) {
  const until = performance.now() + TRIAL_MS;
  let count = 0;
  const caller = async () => {
    while (performance.now() < until) {
      await start();
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: TRIAL_CALLERS }, caller));
  return Math.round(count / (TRIAL_MS / 1_000));
}

/** Starts at a fixed rate, whatever the answers take, and looks at the process meanwhile. */
async function steadily(service, start, { rate, minutes, rssMb, progress }) {
  const startedAt = performance.now();
  const forMs = minutes * 60_000;
  const samples = [];
  const slices = [];
  let [times, out, sent, unsent] = [[], 0, 0, 0];
  let failure;
  let purging;
  const ticking = setInterval(() => {
    const due = Math.floor(((performance.now() - startedAt) / 1_000) * rate);
    for (; sent < due; sent += 1) {
      if (out >= MOST_OUT) {
        unsent += 1;
        continue;
      }
      out += 1;
      start()
        .then((ms) => ms !== undefined && times.push(ms))
        .catch((error) => (failure ??= error))
        .finally(() => (out -= 1));
    }
  }, TICK_MS);
  for (let second = 1; second <= minutes * 60 && !failure; second += 1) {
    await new Promise((done) => setTimeout(done, Math.max(0, startedAt + second * 1_000 - performance.now())));
    const { heapBytes, p99: lag, max: most } = await service.look();
    samples.push({ minute: second / 60, rssKb: rssMb() * 1_024, heapKb: heapBytes / 1_024, lag, most });
    if (second % 60 !== 0) continue;
    const minute = samples.slice(-60);
    const delay = Math.max(...minute.map((sample) => sample.lag));
    const max = Math.max(...minute.map((sample) => sample.most));
    times.sort((a, b) => a - b);
    const [p50, p99] = [0.5, 0.99].map((share) => times[Math.floor(times.length * share)] ?? NaN);
    const slice = { p50, p99, delay, max, rssMb: rssMb(), documentsMb: fileMb(service, 'documents.db') };
    slices.push(slice);
    times = [];
    // Ended runs go meanwhile, as they do in earnest; one call does so much and says what is left.
    purging ??= purgeAll(service).finally(() => (purging = undefined));
    progress(
      `Soak: minute ${second / 60}, one step p50 ${p50.toFixed(1)} p99 ${p99.toFixed(1)} ms, loop delay ${delay.toFixed(1)} ms, ` +
        `${slice.rssMb} MB, documents.db ${slice.documentsMb} MB`,
    );
    if (performance.now() - startedAt >= forMs) break;
  }
  clearInterval(ticking);
  await purging;
  if (failure) throw failure;
  while (out > 0) await new Promise((done) => setTimeout(done, 20));
  const warm = samples.filter(({ minute }) => minute > minutes * WARM_UP_SHARE);
  const slope = (key) => slopeOf(warm.map((sample) => [sample.minute, sample[key]]));
  return { rssKbAMinute: slope('rssKb'), heapKbAMinute: slope('heapKb'), slices, unsent };
}

/** By least squares. */
function slopeOf(points) {
  const mean = (at) => points.reduce((sum, point) => sum + point[at], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const over = points.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0);
  return over / points.reduce((sum, [a]) => sum + (a - x) ** 2, 0);
}

function fileMb({ dataDir }, name) {
  return Math.round(statSync(join(dataDir, name)).size / MIB);
}
