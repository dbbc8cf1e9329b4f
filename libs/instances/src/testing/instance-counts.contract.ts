import type { Instance, InstanceCounts, InstanceStore } from '@flow/instances';
import type { DagId, DomainId, WorkerId } from '@flow/kernel';
import { anInstance, rowsOf } from './an-instance';
import type { Opened } from './worker-log.contract';

const PUBLIC = 'public' as DomainId;
const ACME = 'acme' as DomainId;
const NOON = Date.parse('2026-01-02T12:00:00.000Z');
const at = (seconds: number) => new Date(NOON + seconds * 1_000);
const DEBUG = {
  ...{ expiresAt: '2026-01-01T01:00:00.000Z', breakpoints: [], pins: [], dryRun: false, pausedAt: null, held: [] },
};

/** What every InstanceCounts keeps, beside the InstanceStore of the same rows. */
export function instanceCountsContract(
  name: string,
  open: () => Promise<Opened<{ readonly instances: InstanceStore; readonly counts: InstanceCounts }>>,
): void {
  describe(`${name} as InstanceCounts`, () => {
    let world: Awaited<ReturnType<typeof open>>;
    let counts: InstanceCounts;

    beforeEach(async () => {
      world = await open();
      ({ counts } = world.store);
    });
    afterEach(() => world.close());

    const add = (...changes: Partial<Instance>[]) =>
      world.store.instances.project(
        changes.map((change) =>
          rowsOf(anInstance(change), { owner: change.endedAt === undefined ? ('worker-1' as WorkerId) : null }),
        ),
      );
    const end = (seconds: number, change: Partial<Instance> = {}): Partial<Instance> => ({
      status: 'succeeded',
      endedAt: at(seconds).toISOString(),
      ...change,
    });
    const ended = async (since: Date, limit = 100) =>
      (await counts.ended(PUBLIC, since, limit))
        .map(({ minute, status, count }) => `${minute.toISOString().slice(11, 16)} ${status} ${count}`)
        .sort();

    it('counts what has not ended by status, in its own domain alone, without debug runs', async () => {
      await add(
        { status: 'queued' },
        { status: 'running' },
        { status: 'running' },
        { status: 'waiting' },
        { status: 'paused' },
        { status: 'cancelling' },
        { status: 'running', domain: ACME },
        { status: 'running', debug: DEBUG },
        end(0),
      );
      expect(await counts.live(PUBLIC, 100)).toEqual({ queued: 1, running: 2, waiting: 1, paused: 1, cancelling: 1 });
      expect(await counts.live(ACME, 100)).toMatchObject({ running: 1, queued: 0 });
      expect(await counts.live('nobody' as DomainId, 100)).toMatchObject({ running: 0 });
    });

    it('counts no status further than it is asked to', async () => {
      await add(...Array.from({ length: 5 }, () => ({ status: 'running' as const })), { status: 'queued' });
      expect(await counts.live(PUBLIC, 3)).toMatchObject({ running: 3, queued: 1 });
    });

    it('counts what ended by minute and status, of all DAGs, from a moment on', async () => {
      await add(
        end(-1),
        end(0),
        end(59.999),
        end(30, { status: 'failed' }),
        end(60, { status: 'cancelled' }),
        end(61, { dagId: '01HDAG0000000000000000000Z' as DagId }),
        end(61, { domain: ACME }),
        end(61, { debug: DEBUG }),
        { status: 'running' },
      );
      const whole = ['12:00 failed 1', '12:00 succeeded 2', '12:01 cancelled 1', '12:01 succeeded 1'];
      expect(await ended(at(0))).toEqual(whole);
      expect(await ended(at(-60))).toEqual(['11:59 succeeded 1', ...whole]);
      expect(await ended(at(3_600))).toEqual([]);
    });

    it('leaves out the oldest when more ended than it is asked for', async () => {
      await add(end(0), end(1), end(61), end(62, { status: 'failed' }));
      expect(await ended(at(-3_600), 3)).toEqual(['12:00 succeeded 1', '12:01 failed 1', '12:01 succeeded 1']);
    });
  });
}
