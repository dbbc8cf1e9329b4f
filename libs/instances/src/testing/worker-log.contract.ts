import type { WorkerId } from '@flow/kernel';
import { WorkerFenced, sealLog, type LogRecord, type WorkerLog } from '@flow/instances';
import { anId } from './an-instance';

/** What `open` gives: a store on fresh ground, a second view of the same ground (another process), and how to end. */
export interface Opened<T> {
  readonly store: T;
  readonly reopen: () => Promise<T>;
  readonly close: () => Promise<void> | void;
}

export function aRecord(n: number, change: Partial<LogRecord> = {}): LogRecord {
  return { n, kind: 'transitions', nonce: `nonce-${n}`, body: `[{"n":${n},"text":"Ü 🙂 \\u0000"}]`, ...change };
}

/** What every WorkerLog keeps (engine.md B1, B4). */
export function workerLogContract(name: string, open: () => Promise<Opened<WorkerLog>>): void {
  describe(`${name} as a WorkerLog`, () => {
    let log: WorkerLog;
    let world: Opened<WorkerLog>;
    let worker: WorkerId;

    beforeEach(async () => {
      world = await open();
      log = world.store;
      worker = anId<WorkerId>();
      await log.open(worker);
    });
    afterEach(() => world.close());

    const appendUpTo = async (last: number) => {
      for (let n = 1; n <= last; n += 1) await log.append(worker, aRecord(n));
    };

    it('gives records back as they were appended, in order, in pages', async () => {
      await appendUpTo(5);
      expect(await log.read(worker, 0, 100)).toEqual([1, 2, 3, 4, 5].map((n) => aRecord(n)));
      expect((await log.read(worker, 2, 2)).map(({ n }) => n)).toEqual([3, 4]);
      expect(await log.read(worker, 5, 100)).toEqual([]);
    });

    it('keeps bodies of 4 MiB', async () => {
      const body = JSON.stringify('ü🙂x'.repeat(600_000)).slice(0, 4 * 1024 * 1024 - 2);
      await log.append(worker, aRecord(1, { body }));
      const [record] = await log.read(worker, 0, 1);
      expect(record?.body === body).toBe(true);
    });

    it('replays the same records to whoever opens the store again', async () => {
      await appendUpTo(3);
      const again = await world.reopen();
      expect(await again.read(worker, 0, 100)).toEqual([1, 2, 3].map((n) => aRecord(n)));
      expect(await again.unclosed()).toEqual([{ id: worker, projected: 0 }]);
    });

    it('uses a worker id once', async () => {
      await expect(log.open(worker)).rejects.toThrow();
    });

    it('refuses a record that would leave a gap', async () => {
      await expect(log.append(worker, aRecord(2))).rejects.toThrow();
      await appendUpTo(2);
      await expect(log.append(worker, aRecord(4))).rejects.toThrow();
      expect(await log.read(worker, 0, 100)).toHaveLength(2);
    });

    it('takes an append of unknown outcome again when its nonce is the same', async () => {
      await appendUpTo(2);
      await log.append(worker, aRecord(2));
      expect(await log.read(worker, 0, 100)).toHaveLength(2);
    });

    it("refuses a record where another's stands", async () => {
      await appendUpTo(2);
      await expect(log.append(worker, aRecord(2, { nonce: 'another' }))).rejects.toThrow(WorkerFenced);
      expect(await log.read(worker, 1, 100)).toEqual([aRecord(2)]);
    });

    it('keeps the logs of workers apart', async () => {
      const other = anId<WorkerId>();
      await log.open(other);
      await appendUpTo(2);
      await log.append(other, aRecord(1, { body: '[]' }));
      expect(await log.read(other, 0, 100)).toEqual([aRecord(1, { body: '[]' })]);
      expect(await sealLog(log, other)).toBe(2);
      await log.append(worker, aRecord(3));
    });

    it('seals behind the head, once: racing successors get the same answer', async () => {
      await appendUpTo(3);
      const second = await world.reopen();
      const answers = await Promise.all([
        sealLog(log, worker),
        sealLog(second, worker),
        sealLog(log, worker),
        sealLog(second, worker),
      ]);
      expect(answers).toEqual([4, 4, 4, 4]);
      const records = await log.read(worker, 3, 100);
      expect(records).toEqual([expect.objectContaining({ n: 4, kind: 'sealed' })]);
    });

    it('seals a log that holds nothing', async () => {
      expect(await sealLog(log, worker)).toBe(1);
      await expect(log.append(worker, aRecord(1))).rejects.toThrow(WorkerFenced);
    });

    it("refuses a zombie's append at the seal and behind it", async () => {
      await appendUpTo(2);
      const seal = await sealLog(await world.reopen(), worker);
      await expect(log.append(worker, aRecord(seal))).rejects.toThrow(WorkerFenced);
      await expect(log.append(worker, aRecord(seal + 1))).rejects.toThrow(WorkerFenced);
      expect(await log.read(worker, 0, 100)).toHaveLength(3);
    });

    it('lets exactly one win when the worker appends while it is sealed', async () => {
      await appendUpTo(1);
      const successor = await world.reopen();
      const [append, seal] = await Promise.allSettled([log.append(worker, aRecord(2)), sealLog(successor, worker)]);
      const kinds = (await log.read(worker, 0, 100)).map(({ kind }) => kind);
      expect(seal.status).toBe('fulfilled');
      expect(kinds).toEqual(
        append.status === 'fulfilled' ? ['transitions', 'transitions', 'sealed'] : ['transitions', 'sealed'],
      );
    });

    it('raises the mark and never lowers it', async () => {
      await appendUpTo(4);
      await log.raiseMark(worker, 3);
      await log.raiseMark(worker, 2);
      expect(await log.unclosed()).toEqual([{ id: worker, projected: 3 }]);
      expect((await log.read(worker, 3, 100)).map(({ n }) => n)).toEqual([4]);
    });

    it('goes on behind the mark when everything before it is gone', async () => {
      await appendUpTo(2);
      await log.raiseMark(worker, 2);
      await log.append(worker, aRecord(3));
      await log.raiseMark(worker, 3);
      expect(await sealLog(log, worker)).toBe(4);
    });

    it('refuses a late repeat of a record that is projected and gone', async () => {
      await appendUpTo(2);
      await log.raiseMark(worker, 2);
      await sealLog(log, worker);
      await expect(log.append(worker, aRecord(2, { nonce: 'another' }))).rejects.toThrow(WorkerFenced);
    });

    it('keeps a seal for ever', async () => {
      await appendUpTo(2);
      const seal = await sealLog(log, worker);
      await log.raiseMark(worker, seal - 1);
      await log.close(worker);
      expect((await log.read(worker, seal - 1, 100)).map(({ kind }) => kind)).toEqual(['sealed']);
      await expect(log.append(worker, aRecord(seal))).rejects.toThrow(WorkerFenced);
      expect(await sealLog(log, worker)).toBe(seal);
    });

    it('is not ended by a seal that was put where a record had been', async () => {
      await appendUpTo(3);
      await log.raiseMark(worker, 3);
      const late = await world.reopen();
      expect(await late.trySeal(worker, 2)).toBe(true);
      expect(await late.head(worker)).toEqual({ n: 3, isSealed: false });
      await log.append(worker, aRecord(4));
      expect(await sealLog(late, worker)).toBe(5);
      await expect(log.append(worker, aRecord(5))).rejects.toThrow(WorkerFenced);
      expect((await log.read(worker, 3, 100)).map(({ kind }) => kind)).toEqual(['transitions', 'sealed']);
    });

    it('tells whether a seal stands where one is tried, and puts none in the place of a record', async () => {
      await appendUpTo(2);
      expect(await log.trySeal(worker, 2)).toBe(false);
      expect(await log.trySeal(worker, 3)).toBe(true);
      expect(await (await world.reopen()).trySeal(worker, 3)).toBe(true);
      expect(await log.head(worker)).toEqual({ n: 3, isSealed: true });
      expect((await log.read(worker, 1, 100)).map(({ kind }) => kind)).toEqual(['transitions', 'sealed']);
    });

    it('tells its mark and its head', async () => {
      expect([await log.mark(worker), await log.head(worker)]).toEqual([0, { n: 0, isSealed: false }]);
      await appendUpTo(3);
      await log.raiseMark(worker, 2);
      const view = await world.reopen();
      expect([await view.mark(worker), await view.head(worker)]).toEqual([2, { n: 3, isSealed: false }]);
      await log.raiseMark(worker, 3);
      expect(await view.head(worker)).toEqual({ n: 3, isSealed: false });
    });

    it('tells the logs that are not closed, oldest first', async () => {
      const second = anId<WorkerId>();
      const third = anId<WorkerId>();
      await log.open(third);
      await log.open(second);
      await log.close(worker);
      expect((await log.unclosed()).map(({ id }) => id)).toEqual([third, second]);
    });
  });
}
