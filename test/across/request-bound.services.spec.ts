import { randomBytes } from 'node:crypto';
import { request } from 'undici';
import { until } from '../chaos/house';
import { Service, TOKEN, aFolder } from '../service';
import { Plane, Servers } from './servers';

const BOUND_MS = 3_000;
/** Two busy cores. */
const LATE_MS = 2_000;
const SEEN_WITHIN_MS = 60_000;
const FLOW = { title: 'Adds', steps: [{ id: '0', operator: '@trigger/manual' }] };
const WAITS = {
  title: 'Waits',
  steps: [FLOW.steps[0], { id: '1', operator: '@control/wait', parameters: { duration: 'PT5S' } }],
};

describe('A request to a service whose stores say nothing', () => {
  let servers: Servers;
  let plane: Plane;
  let service: Service;
  const folder = aFolder();

  beforeAll(async () => {
    servers = await Servers.open();
    plane = await Plane.open(servers, 1, () => 0);
    service = await Service.start(folder.path, {
      SECRETS_KEY: randomBytes(32).toString('base64'),
      REQUEST_TIMEOUT: `PT${BOUND_MS / 1_000}S`,
      ...plane.settingsOf(0),
    });
  }, 120_000);
  afterAll(async () => {
    await service.kill();
    await plane.close();
    await servers.close();
    folder.remove();
  });

  const pass = (passage: 'held' | 'open') => {
    for (const store of ['mongo', 'mariadb', 'redis'] as const) plane.waysTo(store)[0]!.set(passage);
  };

  async function ask(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object, key?: string) {
    const since = performance.now();
    const {
      statusCode,
      headers,
      body: answer,
    } = await request(`${service.address}/api/automation/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${TOKEN}`,
        ...(body && { 'content-type': 'application/json' }),
        ...(key !== undefined && { 'idempotency-key': key }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const told = (await answer.json()) as { code?: string; detail?: string; id?: string };
    return { statusCode, retryAfter: Number(headers['retry-after']), ms: performance.now() - since, ...told };
  }

  it('is answered in time with 503 and when to come back, whatever it asks for; what it wrote is there once', async () => {
    const { id } = await service.must<{ id: string }>('POST', '/dags', FLOW);
    pass('held');
    const answers = await Promise.all([
      ask('GET', '/dags'),
      ask('GET', `/dags/${id}`),
      ask('GET', '/instances?count=true'),
      ask('GET', '/variables'),
      ask('PUT', '/variables/limit', { value: 'ten' }),
      ask('POST', '/secrets', { name: 'key', value: 'sesame' }),
      ask('POST', `/dags/${id}/run`, {}),
      ask('POST', '/dags', { ...FLOW, title: 'Once' }, 'the-key'),
      ask('DELETE', `/dags/${id}`),
    ]);
    for (const { statusCode, retryAfter, ms } of answers) {
      expect(statusCode).toBe(503);
      expect(retryAfter).toBeGreaterThan(0);
      expect(ms).toBeLessThan(BOUND_MS + LATE_MS);
    }
    expect(answers[7]).toMatchObject({
      code: 'request.timed_out',
      detail: expect.stringContaining('the same Idempotency-Key') as string,
    });
    pass('open');
    // It may be under way yet, as what was held arrives late.
    let made = answers[7];
    await until(async () => {
      made = await ask('POST', '/dags', { ...FLOW, title: 'Once' }, 'the-key');
      return made.statusCode === 201;
    }, SEEN_WITHIN_MS);
    const { items } = await service.must<{ items: readonly { id: string; title: string }[] }>('GET', '/dags');
    expect(items.filter(({ title }) => title === 'Once')).toEqual([expect.objectContaining({ id: made.id })]);
  }, 180_000);

  it('that asks to wait, or follows a run, is not cut by it', async () => {
    const { id } = await service.must<{ id: string }>('POST', '/dags', WAITS);
    const waited = await ask('POST', `/dags/${id}/run?wait=PT20S`, {});
    expect([waited.statusCode, waited.ms > BOUND_MS]).toEqual([200, true]);
    const started = await ask('POST', `/dags/${id}/run`, {});
    const { statusCode, body } = await request(`${service.address}/api/automation/v1/instances/${started.id}/events`, {
      headers: { authorization: `Bearer ${TOKEN}`, accept: 'text/event-stream' },
    });
    expect(statusCode).toBe(200);
    expect(await body.text()).toContain('succeeded');
  }, 120_000);
});
