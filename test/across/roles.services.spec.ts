import { TOKEN, bodyOf } from '../service';
import { Nodes } from './nodes';
import { Plane, Servers } from './servers';

const [API, PRIVATE, FIRST, SECOND] = [0, 1, 2, 3];
const trigger = { id: '0', operator: '@trigger/manual' };
const wait = (duration: string) => ({ id: 'w', operator: '@control/wait', parameters: { duration } });

interface Shown {
  readonly id: string;
  readonly status: string;
}
interface Task {
  readonly stepId: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}
interface Worker {
  readonly id: string;
  readonly app: string;
  readonly status: string;
}

/** One process for each thing, as a larger installation has them. */
describe('A public API, a private API and two workers', () => {
  let servers: Servers;
  let plane: Plane;
  let nodes: Nodes;

  beforeAll(async () => {
    servers = await Servers.open();
    plane = await Plane.open(servers, 4, () => 0);
    nodes = new Nodes(['public-api', 'private-api', 'worker', 'worker'], (place) => plane.settingsOf(place));
    await nodes.startAll();
  }, 120_000);
  afterAll(async () => {
    await nodes.close();
    await plane.close();
    await servers.close();
  });

  const api = async <T>(method: string, path: string, body?: object): Promise<T> =>
    nodes.at(API).must<T>(method, path, body);
  const privately = (place: number, method: string, path: string) => {
    const node = nodes.at(place);
    return node.call(method, path, undefined, {}, TOKEN, node.privateAddress);
  };
  const platform = (method: string, path: string) => privately(PRIVATE, method, path);
  const dag = async (title: string, step: object, more: object = {}) =>
    (await api<Shown>('POST', '/dags', { title, steps: [trigger, step], ...more })).id;
  const run = (id: string, query = '') => api<Shown>('POST', `/dags/${id}/run${query}`, {});
  const read = (id: string) => api<Shown>('GET', `/instances/${id}`);
  const workers = async () => bodyOf<{ items: Worker[] }>('GET /workers', await platform('GET', '/workers')).items;

  it('answer what each is for, and probes everywhere', async () => {
    for (const place of [API, PRIVATE, FIRST, SECOND]) {
      const at = nodes.at(place).privateAddress;
      expect((await fetch(`${at}/health/ready`)).status).toBe(200);
      expect((await fetch(`${at}/metrics`)).status).toBe(200);
    }
    // Those that serve an API answer it, public and private alike; a worker has probes alone.
    expect((await platform('GET', '/queues')).status).toBe(200);
    expect((await privately(API, 'GET', '/queues')).status).toBe(200);
    expect((await privately(FIRST, 'GET', '/queues')).status).toBe(404);
    expect((await privately(API, 'POST', '/retention/run')).status).toBe(404);
  });

  it('start here, run there, and tell whoever waits', async () => {
    const id = await dag('Short', wait('PT0.1S'));
    expect((await run(id, '?wait=PT20S')).status).toBe('succeeded');
  });

  it('show at once what became of a wish for a run that a worker holds or that nobody holds', async () => {
    const id = await dag('Long', wait('PT1H'));
    const { id: held } = await run(id);
    expect((await api<Shown>('POST', `/instances/${held}/pause`)).status).toBe('paused');
    expect((await api<Shown>('POST', `/instances/${held}/resume`)).status).not.toBe('paused');
    const { id: parked } = await run(id);
    await until(async () => (await read(parked)).status === 'waiting');
    for (const one of [held, parked])
      expect((await api<Shown>('POST', `/instances/${one}/cancel`, {})).status).toBe('cancelled');
  });

  it('let no more of a limited DAG run at once than it has slots, whichever worker runs them', async () => {
    const id = await dag('Limited', wait('PT1S'), { concurrency: { max: 2 } });
    const starts = await Promise.all(Array.from({ length: 8 }, () => run(id)));
    // An instance has begun when it was accepted, its first step when it has a slot.
    const waits = await Promise.all(
      starts.map(async ({ id: one }) => {
        await until(async () => (await read(one)).status === 'succeeded');
        const { items } = await api<{ items: Task[] }>('GET', `/instances/${one}/tasks`);
        return items.find(({ stepId }) => stepId === 'w')!;
      }),
    );
    const times = waits.flatMap(({ startedAt, endedAt }) => [
      { at: Date.parse(startedAt ?? ''), change: 1 },
      { at: Date.parse(endedAt ?? ''), change: -1 },
    ]);
    times.sort((a, b) => a.at - b.at || a.change - b.change);
    let [running, most] = [0, 0];
    for (const { change } of times) most = Math.max(most, (running += change));
    expect(most).toBe(2);
  });

  it('hand over what a worker holds that is to be drained, and stop it with 0', async () => {
    const id = await dag('Drained', wait('PT4S'));
    const { id: instance } = await run(id);
    const before = await workers();
    expect(before.map(({ app, status }) => `${app} ${status}`)).toEqual(['worker running', 'worker running']);
    const drained = before[0]!.id;
    expect((await platform('POST', `/workers/${drained}/drain`)).status).toBe(202);
    await until(async () => !(await workers()).some((worker) => worker.id === drained));
    const probes = [FIRST, SECOND].map(async (place) => ({
      place,
      status: (await fetch(`${nodes.at(place).privateAddress}/health/ready`)).status,
    }));
    const away = (await Promise.all(probes)).filter(({ status }) => status === 503);
    expect(away).toHaveLength(1);
    await until(async () => (await read(instance)).status === 'succeeded');
    expect(await nodes.at(away[0]!.place).stop()).toMatchObject({ code: 0 });
    expect((await platform('POST', `/workers/${drained}/drain`)).status).toBe(404);
  }, 60_000);
});

async function until<T>(find: () => Promise<T | false>): Promise<T> {
  for (const endMs = Date.now() + 30_000; ;) {
    const found = await find();
    if (found !== false) return found;
    if (Date.now() > endMs) throw new Error('That has not come to be within 30 s.');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
