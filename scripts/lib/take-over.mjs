// Workload 8: kill -9 with a thousand forty-step instances in flight, and what the next process makes of them.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from './load.mjs';
import { startService } from './service.mjs';

const RUNS = 1_000;

export async function takeOver(steps) {
  const folder = mkdtempSync(join(tmpdir(), 'flow-kill-'));
  try {
    const first = await startService({ folder, env: { LOG_LEVEL: 'error' } });
    const { id } = await first.call('POST', '/dags', { title: 'Killed', steps });
    const request = {
      method: 'POST',
      path: `/api/automation/v1/dags/${id}/run`,
      headers: { ...first.headers, 'content-type': 'application/json' },
      body: '{}',
    };
    await load(first.origin, request, 100, Infinity, RUNS);
    await first.kill();
    const killedAt = performance.now();
    const next = await startService({ folder });
    const ended = async () => {
      const { total } = await next.call('GET', `/dags/${id}/instances?status=succeeded&limit=1&count=true`);
      return total;
    };
    const inFlight = Number(/Going on with (\d+) instance/.exec(next.output())?.[1] ?? 0);
    let firstMs;
    for (let all = 0; all < RUNS && performance.now() - killedAt < 60_000;) {
      all = await ended();
      if (all > RUNS - inFlight) firstMs ??= performance.now() - killedAt;
    }
    const allMs = performance.now() - killedAt;
    const lost = RUNS - (await ended());
    await next.stop();
    return { inFlight, firstMs: firstMs ?? NaN, allMs, lost };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
