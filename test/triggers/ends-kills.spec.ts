import { Service, aFolder } from '../service';

const LONG = 300_000;
const SOON_MS = 60_000;
const POINTS = ['trigger.count', 'firing.accept'].flatMap((write) =>
  ['before', 'commit', 'after'].map((moment) => `${write}.${moment}`),
);
const fails = { id: '1', operator: '@internal/return', parameters: { result: 'failed' } };
const ends = { id: '1', operator: '@internal/return', parameters: {} };
const MANUAL = { id: '0', operator: '@trigger/manual' };

interface Firing {
  readonly status: string;
  readonly instanceId: string | null;
  readonly event: { readonly data: { readonly instanceId: string } };
}

describe('the ends of runs, told by processes that are killed', () => {
  const folder = aFolder();
  let service: Service;
  let failing = '';
  let schedule = '';
  let listener = '';
  afterAll(async () => {
    await service.kill();
    folder.remove();
  });

  const start = async (failpoint?: string) => {
    service = Service.spawn(folder.path, { LOG_LEVEL: 'error', ...(failpoint && { FAILPOINT: failpoint }) });
    await service.ready();
  };
  const must = <T>(method: string, path: string, body?: object): Promise<T> => service.must<T>(method, path, body);
  const aDag = async (title: string, step: object) =>
    (await must<{ id: string }>('POST', '/dags', { title, steps: [MANUAL, step] })).id;
  const aTrigger = async (dag: string, sent: object) =>
    (await must<{ id: string }>('POST', `/dags/${dag}/triggers`, sent)).id;
  const runs = async (dag: string) =>
    (await must<{ items: { id: string }[] }>('GET', `/dags/${dag}/instances?limit=200`)).items;
  const heard = async () =>
    (await must<{ items: Firing[] }>('GET', `/triggers/${listener}/firings?limit=200`)).items.filter(
      ({ status }) => status === 'fired',
    );
  const failures = async () => (await must<{ failures: number }>('GET', `/triggers/${schedule}`)).failures;

  it(
    'start each of their runs once, and count each failure once',
    async () => {
      await start();
      failing = await aDag('fails', fails);
      const listening = await aDag('listens', ends);
      schedule = await aTrigger(failing, { kind: 'cron', config: { cron: '0 0 1 1 *', pauseOnFailure: 100 } });
      listener = await aTrigger(listening, { kind: 'dag', config: { dagId: failing, on: ['failed'] } });
      for (const [n, point] of POINTS.entries()) {
        await service.kill();
        // Fired by hand is the first to be accepted; its end is the second.
        // What an earlier process has left may bring it there before it is ready.
        await start(point.startsWith('firing') ? `${point}@2` : point).catch(() => undefined);
        const key = { 'idempotency-key': `fire-${n}` };
        const fire = () => service.call('POST', `/triggers/${schedule}/fire`, { data: {} }, key).catch(() => undefined);
        await fire();
        expect((await service.exited).signal).toBe('SIGKILL');
        await start();
        for (const until = Date.now() + SOON_MS; (await fire())?.status !== 202;)
          if (Date.now() > until) throw new Error('It cannot be fired.');
      }
      for (
        const until = Date.now() + SOON_MS;
        (await failures()) < POINTS.length || (await heard()).length < POINTS.length;
      )
        if (Date.now() > until) break;
        else await new Promise((resolve) => setTimeout(resolve, 100));
      const failed = (await runs(failing)).map(({ id }) => id).sort();
      expect(failed).toHaveLength(POINTS.length);
      expect(await failures()).toBe(POINTS.length);
      const told = await heard();
      expect(told.map(({ event }) => event.data.instanceId).sort()).toEqual(failed);
      expect((await runs(listening)).map(({ id }) => id).sort()).toEqual(
        told.map(({ instanceId }) => instanceId).sort(),
      );
    },
    LONG,
  );
});
