// Workload 8: kill -9 with a thousand forty-step instances in flight, and what the next process makes of them.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from './load.mjs';
import { startService } from './service.mjs';

const RUNS = 1_000;
/** A wait that is as near as this is held by its worker like any run that goes on, not parked. */
const GATE_MS = 4_500;
const KILL_BEHIND_GATE_MS = 250;
const TRIES = 5;
const WARM_UP_RUNS = 300;
const ENDS_WITHIN_MS = 60_000;
const AT_ONCE = 20;
const LOOK_EVERY_MS = 50;

const after = (ms) => new Promise((done) => setTimeout(done, ms));

/**
 * All runs first wait for the same moment, a gate that opens when the last of them has been acknowledged; from then on they take their steps
 * side by side, and none has ended when the process is killed soon after. The gate is over by then: what is taken over stands in the
 * midst of its forty steps.
 */
export async function takeOver(steps) {
  for (let tried = 1; tried <= TRIES; tried += 1) {
    const found = await takeOverOnce(steps);
    if (found) return found;
  }
  throw new Error(
    `This machine does not take ${RUNS} starts within ${GATE_MS} ms: the gate opened before all were acknowledged.`,
  );
}

/** undefined when the gate opened too early. */
async function takeOverOnce(steps) {
  const folder = mkdtempSync(join(tmpdir(), 'flow-kill-'));
  try {
    const first = await startService({ folder, env: { LOG_LEVEL: 'error' } });
    const requestFor = (id, data) => ({
      method: 'POST',
      path: `/api/automation/v1/dags/${id}/run`,
      headers: { ...first.headers, 'content-type': 'application/json' },
      body: JSON.stringify({ data }),
    });
    const warm = await first.call('POST', '/dags', { title: 'Warm-up', steps });
    await load(first.origin, requestFor(warm.id, {}), 20, Infinity, WARM_UP_RUNS);
    const [trigger, ...others] = steps;
    const gate = { id: 'gate', operator: '@control/wait', parameters: { until: '{{trigger.at}}' } };
    const { id } = await first.call('POST', '/dags', { title: 'Killed', steps: [trigger, gate, ...others] });
    for (let live = 1; live > 0;)
      live = (await first.call('GET', `/dags/${warm.id}/instances?status=running&limit=1&count=true`)).total;
    const opensAt = Date.now() + GATE_MS;
    await load(first.origin, requestFor(id, { at: new Date(opensAt).toISOString() }), 100, Infinity, RUNS);
    if (Date.now() > opensAt - 100) {
      await first.kill();
      return undefined;
    }
    await after(opensAt + KILL_BEHIND_GATE_MS - Date.now());
    await first.kill();
    const killedAt = performance.now();
    const killedAtDate = Date.now();
    const next = await startService({ folder });
    const readyMs = performance.now() - killedAt;
    const count = async (query) => (await next.call('GET', `/dags/${id}/instances?limit=1&count=true${query}`)).total;
    const inFlight = Number(/Going on with (\d+) instance/.exec(next.output())?.[1] ?? 0);
    for (let all = 0; all < RUNS && performance.now() - killedAt < ENDS_WITHIN_MS;) {
      all = await count('&status=succeeded');
      await after(LOOK_EVERY_MS);
    }
    const allMs = performance.now() - killedAt;
    const lost = RUNS - (await count('&status=succeeded'));
    const { resumed, ...counts } = await stepsOf(next, id, steps.length - 1);
    await next.stop();
    const [firstMs = NaN, resumedMs = NaN] = [Math.min(...resumed), Math.max(...resumed)].map(
      (at) => at - killedAtDate,
    );
    return { inFlight, readyMs, firstMs, resumedMs, allMs, lost, ...counts };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Steps that were done before the kill, those that were in flight then and called again, and those with two completions; and when each run that
 * was taken over had its first new result, by the clock of the service.
 */
async function stepsOf(service, dagId, each) {
  const ids = [];
  for (let cursor = ''; cursor !== null;) {
    const page = await service.call('GET', `/dags/${dagId}/instances?limit=200${cursor && `&cursor=${cursor}`}`);
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  }
  const sum = { doneBefore: 0, repeated: 0, doubled: 0, resumed: [] };
  const look = async (id) => {
    const { items } = await service.call('GET', `/instances/${id}/history?limit=200`);
    const completed = new Set();
    let isBefore = true;
    let isResumed = false;
    for (const { type, path, at } of items) {
      if (type === 'instance.recovered') isBefore = false;
      if (type !== 'task.succeeded' || !/^\d+$/.test(path) || path === '0') continue;
      if (completed.has(path)) sum.doubled += 1;
      completed.add(path);
      if (isBefore) sum.doneBefore += 1;
      else if (!isResumed) {
        isResumed = true;
        sum.resumed.push(Date.parse(at));
      }
    }
    if (completed.size !== each) throw new Error(`${id} has done ${completed.size} of ${each} steps.`);
    if (!isBefore) sum.repeated += 1;
  };
  for (let i = 0; i < ids.length; i += AT_ONCE) await Promise.all(ids.slice(i, i + AT_ONCE).map(look));
  return sum;
}
