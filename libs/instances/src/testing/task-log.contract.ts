import type { DomainId, InstanceId } from '@flow/kernel';
import { LineNumberTaken, type KeptLine, type LogLine, type TaskLog } from '@flow/instances';
import { anId } from './an-instance';
import type { Opened } from './worker-log.contract';

const PUBLIC = 'public' as DomainId;
const ACME = 'acme' as DomainId;

/** The line of this number of an instance of domain `public`. */
export function aLine(seq: number, change: Partial<Omit<KeptLine, 'line'>> & Partial<LogLine> = {}): KeptLine {
  const { domain = PUBLIC, instance = '01J' as InstanceId, bytes = 100, ...fields } = change;
  const line: LogLine = {
    seq,
    kind: 'line',
    at: '2026-01-01T00:00:00.000Z',
    level: 'info',
    message: `line ${seq} ü 🙂 \u0000 \ud800`,
    fields: { 'key \u0000': ['ä', null, 1.5] },
    taskId: 'task-1',
    stepId: 'a',
    path: 'a',
    attempt: 1,
    ...fields,
  };
  return { domain, instance, bytes, line };
}

/** What every TaskLog keeps. */
export function taskLogContract(name: string, open: () => Promise<Opened<TaskLog>>): void {
  describe(`${name} as a TaskLog`, () => {
    let log: TaskLog;
    let world: Opened<TaskLog>;
    let instance: InstanceId;

    beforeEach(async () => {
      world = await open();
      log = world.store;
      instance = anId<InstanceId>();
    });
    afterEach(() => world.close());

    const line = (seq: number, change: Parameters<typeof aLine>[1] = {}) => aLine(seq, { instance, ...change });
    const numbers = async (after: number, limit: number, taskId?: string) =>
      (await log.read(PUBLIC, instance, after, limit, taskId)).map(({ seq }) => seq);

    it('gives lines back as they were written, in order, behind a number, in pages', async () => {
      await log.append([line(1), line(2, { level: 'error', attempt: 2 })]);
      await log.append([line(3)]);
      expect(await log.read(PUBLIC, instance, 0, 10)).toEqual(
        [line(1), line(2, { level: 'error', attempt: 2 }), line(3)].map((kept) => kept.line),
      );
      expect(await numbers(1, 1)).toEqual([2]);
      expect(await numbers(3, 10)).toEqual([]);
      expect(await log.head(instance)).toBe(3);
      expect(await log.head(anId())).toBe(0);
    });

    it('keeps them for whoever opens the store again', async () => {
      await log.append([line(1), line(2)]);
      const again = await world.reopen();
      expect(await again.read(PUBLIC, instance, 0, 10)).toHaveLength(2);
      expect(await again.head(instance)).toBe(2);
    });

    it('keeps instances and domains apart', async () => {
      const other = anId<InstanceId>();
      await log.append([line(1), aLine(1, { instance: other, domain: ACME }), line(2)]);
      expect(await numbers(0, 10)).toEqual([1, 2]);
      expect(await log.read(ACME, instance, 0, 10)).toEqual([]);
      expect(await log.read(ACME, instance, 0, 10, 'task-1')).toEqual([]);
      expect(await log.read(ACME, other, 0, 10)).toHaveLength(1);
    });

    it('removes all lines of the instances that are named, and begins at 1 again', async () => {
      const other = anId<InstanceId>();
      await log.append([line(1), line(2), aLine(1, { instance: other })]);
      expect(await log.purge([instance, anId()])).toBe(true);
      expect(await numbers(0, 10)).toEqual([]);
      expect(await log.head(instance)).toBe(0);
      expect(await log.head(other)).toBe(1);
      await expect(log.append([line(3)])).rejects.toThrow(LineNumberTaken);
      await log.append([line(1)]);
      expect(await numbers(0, 10)).toEqual([1]);
    });

    it('removes many lines in steps, the oldest first', async () => {
      const other = anId<InstanceId>();
      await log.append(Array.from({ length: 1_200 }, (_, i) => line(i + 1)));
      await log.append([aLine(1, { instance: other })]);
      expect(await log.purge([instance, other])).toBe(false);
      expect((await log.read(PUBLIC, instance, 0, 1)).map(({ seq }) => seq > 1)).toEqual([true]);
      let steps = 1;
      while (!(await log.purge([instance, other]))) steps += 1;
      expect(steps).toBeGreaterThan(1);
      expect([await log.head(instance), await log.head(other)]).toEqual([0, 0]);
    });

    it('gives the lines of one task alone, in pages', async () => {
      await log.append([1, 2, 3, 4, 5, 6].map((seq) => line(seq, { taskId: seq % 2 === 0 ? 'even' : 'odd' })));
      expect(await numbers(0, 2, 'even')).toEqual([2, 4]);
      expect(await numbers(4, 2, 'even')).toEqual([6]);
      expect(await numbers(0, 10, 'none')).toEqual([]);
    });

    it('measures each task, and knows when it is full', async () => {
      await log.append([line(1, { bytes: 10 }), line(2, { bytes: 20 }), line(3, { bytes: 5, taskId: 'other' })]);
      expect(await log.sizeOf(instance, 'task-1')).toEqual({ lines: 2, bytes: 30, full: false });
      await log.append([line(4, { bytes: 1, kind: 'full' })]);
      expect(await log.sizeOf(instance, 'task-1')).toEqual({ lines: 3, bytes: 31, full: true });
      expect(await log.sizeOf(instance, 'other')).toMatchObject({ lines: 1, full: false });
      expect(await log.sizeOf(instance, 'none')).toEqual({ lines: 0, bytes: 0, full: false });
    });

    it('takes a repeated append once', async () => {
      await log.append([line(1), line(2)]);
      await log.append([line(1), line(2)]);
      await log.append([line(2), line(3)]);
      expect(await numbers(0, 10)).toEqual([1, 2, 3]);
    });

    it('refuses a number at which another line stands, and a gap; nothing of the batch is kept then', async () => {
      await log.append([line(1)]);
      const other = anId<InstanceId>();
      await expect(log.append([aLine(1, { instance: other }), line(1, { message: 'another' })])).rejects.toThrow(
        LineNumberTaken,
      );
      await expect(log.append([aLine(1, { instance: other }), line(3)])).rejects.toThrow();
      await expect(log.append([aLine(2, { instance: other })])).rejects.toThrow();
      expect(await log.head(other)).toBe(0);
      expect(await numbers(0, 10)).toEqual([1]);
    });

    it('ends a page of long lines early, and loses none of them', async () => {
      const message = 'x'.repeat(15_000);
      for (let from = 1; from <= 100; from += 50)
        await log.append(Array.from({ length: 50 }, (_, i) => line(from + i, { message })));
      const pages: number[] = [];
      const seen: number[] = [];
      for (let after = 0; ;) {
        const page = await numbers(after, 100);
        if (page.length === 0) break;
        pages.push(page.length);
        seen.push(...page);
        after = seen.at(-1) ?? 0;
      }
      expect(Math.max(...pages)).toBeLessThan(40);
      expect(seen).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    });
  });
}
