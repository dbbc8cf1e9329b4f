import { Load } from './load';
import { Service, aFolder } from './service';
import { Sink } from './sink';

/** So long that a stop in a test's time has waited for what was under way, not for the end of its patience. */
const ENVIRONMENT = { OUTBOUND_ALLOW: '127.0.0.1', DRAIN_TIMEOUT: 'PT10M' };

describe('A stop under load', () => {
  let folder: ReturnType<typeof aFolder>;
  let sink: Sink;
  let service: Service;

  beforeEach(async () => {
    folder = aFolder();
    sink = await Sink.open((call) => (call * 7) % 40);
    service = await Service.start(folder.path, ENVIRONMENT);
  });
  afterEach(async () => {
    await sink.close();
    await service.kill();
    folder.remove();
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'by %s exits 0 when all is done and loses nothing that was acknowledged',
    async (signal) => {
      const load = new Load(sink);
      await load.prepare(service);
      const calls = load.call(service, 20);
      const inFlight = () => load.acknowledged.length - sink.effects.length / 2;
      await untilCount(() => (inFlight() > 0 ? load.acknowledged.length : 0), 60);
      const exit = await service.kill(signal);
      await calls;
      expect(exit).toEqual({ code: 0, signal: null });
      expect(service.output + service.errors).not.toMatch(/"level":"(error|fatal)"/);
      service = await Service.start(folder.path, ENVIRONMENT);
      await load.settle(service);
      expect(await load.violations(service)).toEqual([]);
      await load.close();
    },
  );

  it('answers requests that are under way, refuses new ones with 503, and a second signal ends it at once', async () => {
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const slow = await Sink.open(() => gate);
    const { id } = await service.must<{ id: string }>('POST', '/dags', {
      title: 'Slow',
      steps: [
        { id: '0', operator: '@trigger/manual' },
        {
          id: '1',
          operator: '@http/request',
          parameters: { method: 'POST', url: slow.url, body: { n: 1, step: 'double' } },
        },
      ],
    });
    const waiting = service.call('POST', `/dags/${id}/run?wait=PT10S`, {});
    await untilCount(() => slow.effects.length, 1);
    service.child.kill('SIGTERM');
    const refused = await untilRefused(() => service.call('GET', '/dags'));
    expect(refused).toEqual({ status: 503, code: 'server.draining' });
    open();
    const answer = await waiting;
    expect([200, 202]).toContain(answer.status);
    expect(await service.exited).toEqual({ code: 0, signal: null });
    await slow.close();
  });
});

async function untilCount(count: () => number, least: number): Promise<void> {
  for (const endMs = Date.now() + 30_000; count() < least;) {
    if (Date.now() > endMs) throw new Error(`${count()} instead of ${least} within 30 seconds.`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** The first answer that is no success; the process may also be gone already. */
async function untilRefused(
  ask: () => Promise<{ status: number; text: string }>,
): Promise<{ status: number; code: string }> {
  for (;;) {
    const { status, text } = await ask();
    if (status >= 300) return { status, code: (JSON.parse(text) as { code: string }).code };
  }
}
