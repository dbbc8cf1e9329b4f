import type { WorkerLog, WorkerReport, Workers } from '@flow/instances';
import type { WorkerId } from '@flow/kernel';
import { anId } from './an-instance';
import type { Opened } from './worker-log.contract';

function aReport(instances: number): WorkerReport {
  const process = { app: 'worker', version: '1.2.3', host: 'host-1', pid: 42 };
  const at = '2026-01-01T00:00:00.000Z';
  return { ...process, startedAt: at, at, instances, calls: 1, hasRoom: true };
}

/** What every Workers keeps (engine.md B5), beside the WorkerLog of the same rows. */
export function workersContract(
  name: string,
  open: () => Promise<Opened<{ readonly log: WorkerLog; readonly workers: Workers }>>,
): void {
  describe(`${name} as Workers`, () => {
    let log: WorkerLog;
    let workers: Workers;
    let world: Awaited<ReturnType<typeof open>>;
    let worker: WorkerId;

    beforeEach(async () => {
      world = await open();
      ({ log, workers } = world.store);
      worker = anId<WorkerId>();
      await log.open(worker);
    });
    afterEach(() => world.close());

    const sign = async () => (await (await world.reopen()).workers.unclosed()).find(({ id }) => id === worker);

    it('shows the beats of a worker to others, from 0', async () => {
      expect(await sign()).toEqual({ id: worker, beat: 0, isClosing: false });
      expect(await workers.beat(worker, 1, null)).toBe('taken');
      expect(await workers.beat(worker, 3, null)).toBe('taken');
      expect(await sign()).toEqual({ id: worker, beat: 3, isClosing: false });
    });

    it('takes a beat that comes late or again, and is not set back by it', async () => {
      await workers.beat(worker, 3, null);
      expect(await workers.beat(worker, 3, null)).toBe('taken');
      expect(await workers.beat(worker, 2, null)).toBe('taken');
      expect((await sign())?.beat).toBe(3);
    });

    it('makes no row by a beat', async () => {
      const stranger = anId<WorkerId>();
      expect(await workers.beat(stranger, 1, null)).toBe('refused');
      expect((await workers.unclosed()).map(({ id }) => id)).toEqual([worker]);
    });

    it('holds a worker dead only if its beat is the one that was watched', async () => {
      await workers.beat(worker, 2, null);
      expect(await workers.markClosing(worker, 1)).toBe(false);
      expect((await sign())?.isClosing).toBe(false);
      expect(await workers.markClosing(worker, 2)).toBe(true);
      expect(await sign()).toEqual({ id: worker, beat: 2, isClosing: true });
      expect(await workers.markClosing(anId<WorkerId>(), 0)).toBe(false);
    });

    it('lets anyone resume who asks the same', async () => {
      await workers.beat(worker, 2, null);
      const other = (await world.reopen()).workers;
      expect(await Promise.all([workers.markClosing(worker, 2), other.markClosing(worker, 2)])).toEqual([true, true]);
    });

    it('shows what they say of themselves last', async () => {
      const reported = async () => (await (await world.reopen()).workers.reported()).find(({ id }) => id === worker);
      const standing = { id: worker, beat: 0, isClosing: false, report: null, isDraining: false };
      expect(await reported()).toEqual(standing);
      await workers.beat(worker, 1, aReport(7));
      await workers.beat(worker, 2, aReport(8));
      expect(await reported()).toEqual({ ...standing, beat: 2, report: aReport(8) });
    });

    it('tells a worker with every beat that it is asked to let go, whoever asked', async () => {
      const other = (await world.reopen()).workers;
      expect(await other.askToDrain(worker)).toBe(true);
      expect(await workers.beat(worker, 1, null)).toBe('drain');
      expect(await workers.beat(worker, 2, null)).toBe('drain');
      expect((await other.reported()).find(({ id }) => id === worker)?.isDraining).toBe(true);
      await workers.markClosing(worker, 2);
      expect(await other.askToDrain(worker)).toBe(false);
      expect(await other.askToDrain(anId<WorkerId>())).toBe(false);
    });

    it('refuses the beats of a worker that is held dead, and of one that is closed', async () => {
      await workers.markClosing(worker, 0);
      expect(await workers.beat(worker, 1, null)).toBe('refused');
      expect((await sign())?.beat).toBe(0);
      await log.close(worker);
      expect(await workers.beat(worker, 1, null)).toBe('refused');
      expect(await sign()).toBeUndefined();
    });
  });
}
