// A burst: very many starts as fast as they are answered, far beyond what can be carried out meanwhile.
import { fire } from './load.mjs';

const CALLERS = 1_000;
const SETTLES_WITHIN_MS = 300_000;

const trigger = { id: '0', operator: '@trigger/manual' };
const BURSTS = {
  'of one step': [trigger, { id: '1', operator: '@internal/checkpoint', parameters: { value: 1 } }],
  // So near that each is held by the worker until then: what it holds at once has a bound.
  'that wait four seconds': [trigger, { id: '1', operator: '@control/wait', parameters: { duration: 'PT4S' } }],
};

/** What came of each burst: answers by status, the most memory, and whether exactly what was accepted has ended. */
export async function burst(service, { count, rssMb, progress }) {
  const found = [];
  for (const [what, steps] of Object.entries(BURSTS)) {
    progress(`A burst of ${count} runs ${what} ...`);
    const { id } = await service.call('POST', '/dags', { title: `Burst ${what}`, steps });
    const before = rssMb();
    let most = before;
    const look = setInterval(() => (most = Math.max(most, rssMb())), 50);
    const request = {
      path: `/api/automation/v1/dags/${id}/run`,
      headers: { ...service.headers, 'content-type': 'application/json' },
    };
    const { statuses, seconds } = await fire(service.origin, request, CALLERS, count);
    const ended = async (query) =>
      (await service.call('GET', `/dags/${id}/instances?limit=1&count=true${query}`)).total;
    const startedAt = performance.now();
    const accepted = statuses.get(202) ?? 0;
    let succeeded = 0;
    while ((succeeded = await ended('&status=succeeded')) < accepted) {
      if (performance.now() - startedAt > SETTLES_WITHIN_MS) break;
      await new Promise((done) => setTimeout(done, 100));
    }
    const settledMs = performance.now() - startedAt;
    clearInterval(look);
    const all = await ended('');
    const others = [...statuses].filter(([status]) => status !== 202);
    found.push({ what, accepted, others, seconds, before, most, settledMs, lost: accepted - succeeded, all });
    if (all !== accepted || succeeded !== accepted)
      throw new Error(`Of ${accepted} accepted runs ${what}, ${succeeded} have succeeded, and ${all} are there.`);
    const unforeseen = others.filter(([status]) => status !== 503 && status !== 429);
    if (unforeseen.length > 0) throw new Error(`Answers that nobody expects: ${JSON.stringify(unforeseen)}`);
  }
  return found;
}
