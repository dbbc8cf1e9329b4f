import { demand, type Caller } from '@flow/auth';
import type {
  EndedGroup,
  EndedInstances,
  EndedPlace,
  HistoryReader,
  Instance,
  InstanceStore,
  LargeValues,
  TaskLog,
} from '@flow/instances';
import {
  AppError,
  END_STATUSES,
  RequestInvalid,
  decodeCursor,
  encodeCursor,
  type Clock,
  type DagId,
  type DomainId,
  type InstanceId,
  type WithPlaces,
} from '@flow/kernel';
import type { Purge, PurgeReport, Unwritten } from './purge';
import { PURGE_REQUEST_MS } from './retention.service';

/** A page ends behind the instance that goes past one of these. */
const INSTANCES_A_PAGE = 1_000;
const BYTES_A_PAGE = 16 * 1024 * 1024;
const INSTANCES_A_READ = 50;
const TASKS_A_READ = 200;
const EVENTS_A_READ = 200;
const LINES_A_READ = 500;

export interface ArchiveParts {
  readonly ended: EndedInstances;
  readonly store: InstanceStore;
  readonly histories: HistoryReader;
  readonly taskLog: TaskLog;
  readonly large: LargeValues;
  readonly unwritten: Unwritten;
  readonly purge: Purge;
  readonly clock: Clock;
}

/** What ended before a moment that has passed, of one DAG or of all of the domain. */
export interface ArchiveRequest {
  readonly endedBefore: Date;
  readonly dagId?: DagId;
}

/** How an instance is shown; its large values stand in their places behind that. */
export type InstanceShown = (instance: Omit<Instance, 'large'>) => object;

interface At {
  readonly group: EndedGroup;
  readonly place: EndedPlace;
}

/** Ended instances as lines of JSON, whole and in an order that stands, and their removal when they have been taken. */
export class ArchiveService {
  constructor(private readonly parts: ArchiveParts) {}

  /**
   * A page of lines, made as they are read: for each instance itself, its tasks, events and log lines, large values written out, and `whole`
   * behind them. The last line is `end` with the cursor of the next page, or null.
   * @throws RequestInvalid before anything is given
   */
  async page(
    caller: Caller,
    request: ArchiveRequest & { readonly cursor?: string },
    view: InstanceShown,
  ): Promise<AsyncIterable<Uint8Array>> {
    demand(caller, 'instance.view');
    this.assertPast(request.endedBefore);
    const from = request.cursor === undefined ? null : placeFrom(request.cursor, caller.domain);
    await this.parts.unwritten.caughtUp();
    return this.lines(caller.domain, request, from, view);
  }

  /** Removes what ended before the moment, whatever its retention says, as much as a request has time for. @throws RequestInvalid */
  async purge(caller: Caller, { endedBefore, dagId }: ArchiveRequest): Promise<PurgeReport> {
    demand(caller, 'instance.purge');
    this.assertPast(endedBefore);
    const { domain } = caller;
    return this.parts.purge.run({
      domain,
      endedBefore,
      ...(dagId !== undefined && { dagId }),
      withinMs: PURGE_REQUEST_MS,
    });
  }

  /** What ends later than an archive was made is not in it, and must not go with it. */
  private assertPast(moment: Date): void {
    if (moment > this.parts.clock.now())
      throw new RequestInvalid([
        {
          pointer: '/before',
          code: 'archive.not_past',
          message: 'Name a moment that has passed: others may end before a later one.',
        },
      ]);
  }

  private async *lines(
    domain: DomainId,
    request: ArchiveRequest,
    from: At | null,
    view: InstanceShown,
  ): AsyncGenerator<Uint8Array> {
    let bytes = 0;
    let instances = 0;
    for await (const { id, at } of this.found(domain, request, from)) {
      const instance = await this.parts.store.find(domain, id);
      if (!instance) continue;
      for await (const piece of this.linesOf(instance, view)) {
        bytes += piece.length;
        yield piece;
      }
      const cursor = cursorOf(at);
      // It may have been removed while it was read.
      const isWhole = (await this.parts.store.find(domain, id)) !== undefined;
      yield line({ record: isWhole ? 'whole' : 'removed', instance: id, cursor });
      instances += 1;
      if (bytes >= BYTES_A_PAGE || instances >= INSTANCES_A_PAGE) {
        yield line({ record: 'end', nextCursor: cursor });
        return;
      }
    }
    yield line({ record: 'end', nextCursor: null });
  }

  private async *found(
    domain: DomainId,
    { endedBefore, dagId }: ArchiveRequest,
    from: At | null,
  ): AsyncGenerator<{ readonly id: InstanceId; readonly at: At }> {
    const { ended } = this.parts;
    if (from) yield* this.ofGroup(from.group, endedBefore, from.place);
    for (let after = from?.group ?? null; ;) {
      const [group] = await ended.groups(domain, after, 1);
      if (!group) return;
      after = group;
      if (dagId === undefined || group.dagId === dagId) yield* this.ofGroup(group, endedBefore, null);
    }
  }

  private async *ofGroup(
    { domain, dagId, status }: EndedGroup,
    before: Date,
    from: EndedPlace | null,
  ): AsyncGenerator<{ readonly id: InstanceId; readonly at: At }> {
    const group = { domain, dagId, status };
    for (let after = from; ;) {
      const found = await this.parts.ended.endedBefore(group, before, after, INSTANCES_A_READ);
      for (const { id, place } of found) yield { id, at: { group, place } };
      const last = found.at(-1);
      if (!last) return;
      after = last.place;
    }
  }

  private async *linesOf(instance: Instance, view: InstanceShown): AsyncGenerator<Uint8Array> {
    const { store, taskLog } = this.parts;
    const { id, domain } = instance;
    const { large, ...plain } = instance;
    yield* this.written(instance, { record: 'instance', ...view(plain), ...(large && { large }) });
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = await store.tasks(domain, id, { limit: TASKS_A_READ, ...(cursor !== undefined && { cursor }) });
      for (const task of page.items) yield* this.written(instance, { record: 'task', instance: id, ...task });
      cursor = page.nextCursor;
    }
    yield* this.events(instance);
    for (let after = 0; ;) {
      const lines = await taskLog.read(domain, id, after, LINES_A_READ);
      for (const one of lines) yield line({ record: 'line', instance: id, ...one });
      const last = lines.at(-1);
      if (!last) return;
      after = last.seq;
    }
  }

  private async *events(instance: Instance): AsyncGenerator<Uint8Array> {
    for (let after: number | null = 0; after !== null;) {
      const page = await this.eventsBehind(instance, after);
      if ('unreadable' in page) {
        yield line({ record: 'unreadable', instance: instance.id, ...page.unreadable });
        return;
      }
      for (const event of page.items) yield line({ record: 'event', instance: instance.id, ...event });
      after = page.nextSeq;
    }
  }

  /** A definition that this build does not read any more must not keep the rest from being archived. */
  private async eventsBehind(instance: Instance, after: number) {
    try {
      return await this.parts.histories.page(instance, after, EVENTS_A_READ);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { unreadable: { code: error.code, message: error.message } };
    }
  }

  private async *written(
    { domain, id }: Instance,
    row: WithPlaces<object> & { readonly record: string; readonly instance?: InstanceId },
  ): AsyncGenerator<Uint8Array> {
    yield* this.parts.large.jsonOfRow({ domain, owner: id }, row);
    yield NEWLINE;
  }
}

const NEWLINE = Buffer.from('\n');

function line(record: object): Uint8Array {
  return Buffer.from(`${JSON.stringify(record)}\n`);
}

function cursorOf({ group: { dagId, status }, place: { endedMs, tie } }: At): string {
  return encodeCursor([dagId, status, endedMs, tie]);
}

function placeFrom(cursor: string, domain: DomainId): At {
  const [dagId, ending, endedMs, tie] = decodeCursor(cursor, ['string', 'string', 'number', 'string']);
  const status = END_STATUSES.find((known) => known === ending);
  if (!status)
    throw new RequestInvalid([
      {
        pointer: '/cursor',
        code: 'cursor.invalid',
        message: 'The cursor is not one that this list gave; start without it.',
      },
    ]);
  return {
    group: { domain, dagId: String(dagId) as DagId, status },
    place: { endedMs: Number(endedMs), tie: String(tie) },
  };
}
