// Workload 5: a hundred thousand instances that wait for an hour, and some among them whose time comes.
import { load } from './load.mjs';

const MIB = 1_024 * 1_024;
const WAKE_AFTER_MS = 15_000;

const waitingFor = (duration) => [
  { id: '0', operator: '@trigger/manual' },
  { id: '1', operator: '@control/wait', parameters: { duration } },
  { id: '2', operator: '@internal/checkpoint', parameters: { value: 1 } },
];

/** Submits `count` waiting instances: how fast, what each takes of memory, and how late others wake meanwhile. */
export async function waiting(service, { count, rssMb, progress }) {
  const start = async (title, duration, callers, total) => {
    const { id } = await service.call('POST', '/dags', { title, steps: waitingFor(duration) });
    const request = { path: `/api/automation/v1/dags/${id}/run`, headers: service.headers };
    return { id, ...(await load(service.origin, jsonRequest(request), callers, Infinity, total)) };
  };
  await start('Warm-up', 'PT1H', 50, 2_000);
  const [before, startedAt] = [await settled(rssMb), performance.now()];
  progress(`Submitting ${count} instances that wait ...`);
  await start('Waiting', 'PT1H', 50, count);
  const perSecond = Math.round(count / ((performance.now() - startedAt) / 1_000));
  const after = await settled(rssMb);
  await service.loopDelay();
  progress('Waking 2000 more among them ...');
  const waking = await start('Waking', `PT${WAKE_AFTER_MS / 1_000}S`, 10, 2_000);
  await new Promise((done) => setTimeout(done, WAKE_AFTER_MS + 3_000));
  const delay = await service.loopDelay();
  return {
    perSecond,
    kbEach: ((after - before) * MIB) / count / 1_024,
    late: await lateness(service, waking.id),
    delay,
  };
}

const jsonRequest = (request) => ({
  ...request,
  method: 'POST',
  headers: { ...request.headers, 'content-type': 'application/json' },
  body: '{}',
});

/** The collector gets its time: the least of several looks. */
async function settled(rssMb) {
  let least = Infinity;
  for (let look = 0; look < 10; look += 1) {
    await new Promise((done) => setTimeout(done, 500));
    least = Math.min(least, rssMb());
  }
  return least;
}

/** Milliseconds from the moment at which an instance was to go on to the durable end of its step. */
async function lateness(service, dagId) {
  const late = [];
  for (let cursor = ''; cursor !== null;) {
    const page = await service.call('GET', `/dags/${dagId}/instances?limit=200${cursor && `&cursor=${cursor}`}`);
    for (const { status, startedAt, endedAt } of page.items) {
      if (status !== 'succeeded') throw new Error(`An instance that was to wake is ${status}.`);
      late.push(Date.parse(endedAt) - Date.parse(startedAt) - WAKE_AFTER_MS);
    }
    cursor = page.nextCursor;
  }
  late.sort((a, b) => a - b);
  return { least: late[0], p50: late[late.length >> 1], p99: late[Math.floor(late.length * 0.99)] };
}
