// Workload 4: ten thousand schedules that are due at the same moment.
const TRIGGERS_A_DAG = 50;
const STEPS = [
  { id: '0', operator: '@trigger/manual' },
  { id: '1', operator: '@internal/checkpoint', parameters: { value: 1 } },
];
const AT_ONCE = 20;
const LONGEST_MS = 120_000;

/** Makes `count` schedules that are due at one full minute, each once, and tells what became of that minute. */
export async function schedules(service, { count, progress }) {
  const dags = [];
  for (let i = 0; i < count / TRIGGERS_A_DAG; i += 1)
    dags.push((await service.call('POST', '/dags', { title: `Due ${i}`, steps: STEPS })).id);
  // Those that are still to be made when the minute comes would not be due; how long that takes is seen from the first hundreds.
  const make = (dag, cron) =>
    service.call('POST', `/dags/${dag}/triggers`, { kind: 'cron', config: { cron, timezone: 'UTC' } });
  const all = dags.flatMap((dag) => Array(Math.min(TRIGGERS_A_DAG, count)).fill(dag));
  const [first, rest] = [all.slice(0, AT_ONCE * 10), all.slice(AT_ONCE * 10)];
  const triggers = [];
  const made = performance.now();
  await eachOf(first, async (dag) => triggers.push(await make(dag, '0 0 1 1 *')));
  const leadMs = ((performance.now() - made) * count) / first.length + 10_000;
  const due = Math.ceil((Date.now() + leadMs) / 60_000) * 60_000;
  const at = new Date(due);
  const cron = `${at.getUTCMinutes()} ${at.getUTCHours()} ${at.getUTCDate()} ${at.getUTCMonth() + 1} *`;
  const move = ({ id }) => service.call('PUT', `/triggers/${id}`, { kind: 'cron', config: { cron, timezone: 'UTC' } });
  progress(`Making ${count} schedules that are due at ${at.toISOString()} ...`);
  await eachOf(triggers, move);
  await eachOf(rest, (dag) => make(dag, cron));
  const spareMs = due - Date.now();
  if (spareMs < 2_000) throw new Error(`Making ${count} schedules took longer than was thought: use fewer.`);
  await new Promise((done) => setTimeout(done, spareMs - 1_000));
  await service.loopDelay();
  const { runs, delay } = await ended(service, dags, { count, due });
  const scheduled = runs.map(({ trigger }) => trigger.id);
  const late = (key) => {
    const times = runs.map((run) => Date.parse(run[key]) - due).sort((a, b) => a - b);
    return { p50: times[times.length >> 1], last: times.at(-1) };
  };
  return {
    started: late('createdAt'),
    ended: late('endedAt'),
    delay,
    missed: count - new Set(scheduled).size,
    doubled: scheduled.length - new Set(scheduled).size,
  };
}

async function eachOf(items, act) {
  const waiting = items.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const item of waiting) await act(item);
    }),
  );
}

/** All runs of these DAGs, once there are so many and they have ended; nobody asks in the first seconds, so that no answer is in their way. */
async function ended(service, dags, { count, due }) {
  await new Promise((done) => setTimeout(done, due + 10_000 - Date.now()));
  const delay = await service.loopDelay();
  for (;;) {
    const runs = [];
    for (const dag of dags) runs.push(...(await runsOf(service, dag)));
    if (runs.filter(({ status }) => status === 'succeeded').length >= count) return { runs, delay };
    if (Date.now() > due + LONGEST_MS)
      throw new Error(`Of ${count} due runs ${runs.length} stand ${LONGEST_MS / 1_000} s later.`);
  }
}

async function runsOf(service, dag) {
  const runs = [];
  for (let cursor = ''; cursor !== null;) {
    const page = await service.call('GET', `/dags/${dag}/instances?limit=200${cursor && `&cursor=${cursor}`}`);
    runs.push(...page.items);
    cursor = page.nextCursor;
  }
  return runs;
}
