import { LineNumberTaken, TaskLog, type KeptLine, type LogLine, type TaskLogSize } from '@flow/instances';
import type { DomainId, InstanceId } from '@flow/kernel';
import type { LineDoc } from './collections';
import { isDuplicate, type Mongo } from './mongo';
import { pageOf } from './pages';

const PAGE_CHARACTERS = 256 * 1024;
/** Lines that one step removes; the longest have 16 KiB. */
const LINES_A_PURGE = 500;

/**
 * Lines of tasks. A batch is checked whole before any of it is written; then its lines go in one after another, so that numbers have no gap whatever
 * happens, and what was not written is written when the batch is repeated.
 */
export class MongoTaskLog extends TaskLog {
  constructor(private readonly mongo: Mongo) {
    super();
  }

  override async append(lines: readonly KeptLine[]): Promise<void> {
    const missing: LineDoc[] = [];
    for (const [instance, own] of byInstance(lines.map(docFrom))) missing.push(...(await this.missing(instance, own)));
    const [first] = missing;
    if (!first) return;
    try {
      await this.mongo.write('tasklog.append', () => this.lines.insertMany(missing, { ordered: true }));
    } catch (error) {
      // Somebody else numbers lines of this instance too.
      if (isDuplicate(error)) throw new LineNumberTaken(first.instance as InstanceId, first.seq);
      throw error;
    }
  }

  override async head(instance: InstanceId): Promise<number> {
    const last = await this.mongo.read(() =>
      this.lines.find({ instance }).sort({ seq: -1 }).limit(1).project<Pick<LineDoc, 'seq'>>({ seq: 1 }).next(),
    );
    return last?.seq ?? 0;
  }

  override async sizeOf(instance: InstanceId, task: string): Promise<TaskLogSize> {
    const [sum] = await this.mongo.read(() =>
      this.lines
        .aggregate<{ lines: number; bytes: number; full: boolean }>([
          { $match: { instance, task } },
          { $group: { _id: null, lines: { $sum: 1 }, bytes: { $sum: '$bytes' }, full: { $max: '$isFull' } } },
        ])
        .toArray(),
    );
    return { lines: sum?.lines ?? 0, bytes: sum?.bytes ?? 0, full: sum?.full ?? false };
  }

  override async purge(instances: readonly InstanceId[]): Promise<boolean> {
    let left = LINES_A_PURGE;
    for (const instance of instances) {
      left -= await this.removeFirst(instance, left);
      if (left <= 0) return false;
    }
    return true;
  }

  override async read(
    domain: DomainId,
    instance: InstanceId,
    after: number,
    limit: number,
    taskId?: string,
  ): Promise<readonly LogLine[]> {
    const of = { instance, ...(taskId !== undefined && { task: taskId }), seq: { $gt: after }, domain };
    const { items } = await pageOf(this.mongo, this.lines.find(of).sort({ seq: 1 }), limit, PAGE_CHARACTERS);
    return items.map(({ seq, doc }) => ({ seq, ...(JSON.parse(doc) as Omit<LogLine, 'seq'>) }));
  }

  private get lines() {
    return this.mongo.collection('task_lines');
  }

  /** Those of an instance's lines that do not stand. @throws LineNumberTaken where they do not follow what stands */
  private async missing(instance: InstanceId, own: readonly LineDoc[]): Promise<readonly LineDoc[]> {
    const inOrder = [...own].sort((a, b) => a.seq - b.seq);
    const [from = 1, to = 1] = [inOrder[0]?.seq, inOrder.at(-1)?.seq];
    const standing = await this.mongo.read(() =>
      this.lines.find({ instance, seq: { $gte: from - 1, $lte: to } }).toArray(),
    );
    const docs = new Map(standing.map(({ seq, doc }) => [seq, doc]));
    const missing: LineDoc[] = [];
    for (const line of inOrder) {
      const known = docs.get(line.seq);
      if (known === line.doc) continue;
      if (known !== undefined || (line.seq > 1 && !docs.has(line.seq - 1)))
        throw new LineNumberTaken(instance, line.seq);
      docs.set(line.seq, line.doc);
      missing.push(line);
    }
    return missing;
  }

  private async removeFirst(instance: InstanceId, limit: number): Promise<number> {
    const some = await this.mongo.read(() =>
      this.lines.find({ instance }).sort({ seq: 1 }).limit(limit).project<Pick<LineDoc, 'seq'>>({ seq: 1 }).toArray(),
    );
    const last = some.at(-1);
    if (!last) return 0;
    const { deletedCount } = await this.mongo.write('tasklog.purge', () =>
      this.lines.deleteMany({ instance, seq: { $lte: last.seq } }),
    );
    return deletedCount;
  }
}

export function docFrom({ instance, domain, bytes, line }: KeptLine): LineDoc {
  const { seq, ...rest } = line;
  return {
    ...{ instance, seq, domain, task: line.taskId, isFull: line.kind === 'full', bytes },
    doc: JSON.stringify(rest),
  };
}

function byInstance(lines: readonly LineDoc[]): ReadonlyMap<InstanceId, readonly LineDoc[]> {
  const all = new Map<InstanceId, LineDoc[]>();
  for (const line of lines) {
    const own = all.get(line.instance as InstanceId) ?? [];
    all.set(line.instance as InstanceId, own);
    own.push(line);
  }
  return all;
}
