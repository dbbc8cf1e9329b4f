import { demand, type Caller } from '@flow/auth';
import type { InstanceId, JsonObject } from '@flow/kernel';
import { isHiddenFrom } from './debug-run';
import { START, type HistoryPosition } from './history';
import type { HistoryReader } from './history.reader';
import { hasEnded, type Instance, type InstanceStatus } from './instance';
import { InstanceNotFound } from './instance.errors';
import type { InstanceStore } from './instance.store';
import { LastEventIdInvalid } from './live.errors';
import type { LiveEvents } from './live-events';
import type { News } from './live-fan-out';
import type { LogLine } from './task-log';
import type { TaskLog } from './task-log.store';

/** One event or line; `data` holds id and type too. */
export interface LiveItem {
  readonly id: string;
  readonly data: JsonObject;
}

/** What a stream gives at a time: items, nothing (it was quiet for a while), or its end with the status of the ended instance. */
export type LivePage =
  | { readonly kind: 'items'; readonly items: readonly LiveItem[] }
  | { readonly kind: 'quiet' }
  | { readonly kind: 'end'; readonly status: InstanceStatus };

export interface StreamRequest {
  /** The id of the last item that the reader has. */
  readonly after?: string;
  /** Whether to wait for what comes; else the stream ends with what there is. */
  readonly follow: boolean;
}

/** What the store has not yet of what this process has already done. */
export interface Behind {
  /** Resolves when the rows of this instance are written. */
  rows(id: InstanceId): Promise<void>;
  /** Resolves when the lines that its tasks have logged so far are stored. */
  lines(): Promise<void>;
}

/** Reads one kind of item behind a place that it holds, a page at a time. */
interface Feed {
  readonly news: readonly News[];
  read(instance: Instance): Promise<{ readonly items: readonly LiveItem[]; readonly more: boolean }>;
}

const ITEMS_A_PAGE = 100;
/** A stream that has had nothing to tell says so this often, and looks by itself too. */
export const QUIET_MS = 15_000;

/** Events and log lines of instances as they come: in order, each once, from any place on. */
export class LiveStreams {
  constructor(
    private readonly store: InstanceStore,
    private readonly log: TaskLog,
    private readonly histories: HistoryReader,
    private readonly live: LiveEvents,
    private readonly behind: Behind,
  ) {}

  /** Every change of the instance and its tasks. @throws InstanceNotFound, LastEventIdInvalid, before anything is given */
  async events(caller: Caller, id: InstanceId, request: StreamRequest): Promise<LiveStream> {
    const instance = await this.require(caller, id);
    return this.open(instance, request, new EventFeed(this.histories, positionFrom(request.after)));
  }

  /** Lines that the tasks log, of one task if it is named. @throws InstanceNotFound, LastEventIdInvalid, before anything is given */
  async logs(caller: Caller, id: InstanceId, request: StreamRequest, taskId?: string): Promise<LiveStream> {
    const instance = await this.require(caller, id);
    await this.behind.lines();
    const after = numberFrom(request.after);
    if (after > (await this.log.head(id)))
      throw new LastEventIdInvalid(String(after), 'this instance has no line of that number');
    return this.open(instance, request, new LineFeed(this.log, after, taskId));
  }

  private async open(instance: Instance, { follow }: StreamRequest, feed: Feed): Promise<LiveStream> {
    const now = async () => {
      await this.behind.rows(instance.id);
      const found = await this.store.find(instance.domain, instance.id);
      // Whatever it logged before its end is to be read before the end is told.
      if (found && hasEnded(found.status)) await this.behind.lines();
      return found;
    };
    const stream = new LiveStream(instance.id, feed, this.live, now, follow);
    await stream.begin();
    return stream;
  }

  private async require(caller: Caller, id: InstanceId): Promise<Instance> {
    demand(caller, 'instance.view');
    await this.behind.rows(id);
    const instance = await this.store.find(caller.domain, id);
    if (!instance || isHiddenFrom(caller, instance)) throw new InstanceNotFound(id);
    return instance;
  }
}

/** An open stream. It holds a place and at most one page: a reader that takes its time costs no memory. */
export class LiveStream {
  private first: LivePage[] = [];
  private over = false;

  constructor(
    private readonly id: InstanceId,
    private readonly feed: Feed,
    private readonly live: LiveEvents,
    private readonly now: () => Promise<Instance | undefined>,
    private readonly follow: boolean,
  ) {}

  /** Reads the first page, so that what is wrong is known before anything is given. */
  async begin(): Promise<void> {
    for await (const page of this.read(new AbortController().signal)) {
      this.first.push(page);
      return;
    }
  }

  /** Whether the instance has ended and nothing is left to tell. */
  get isOver(): boolean {
    return this.first[0]?.kind === 'end';
  }

  /** All pages, to be read once. Ends behind `end`, without one when it does not follow, and when it is aborted. */
  async *pages(signal: AbortSignal): AsyncGenerator<LivePage, void, void> {
    const watch = this.live.watch(this.id, this.feed.news);
    try {
      yield* this.first.splice(0);
      while (this.goesOn(signal)) {
        for await (const page of this.read(signal)) yield page;
        if (!this.follow || !this.goesOn(signal)) return;
        if ((await watch.next(QUIET_MS, signal)) === 'quiet' && this.goesOn(signal)) yield { kind: 'quiet' };
      }
    } finally {
      watch.stop();
    }
  }

  private goesOn(signal: AbortSignal): boolean {
    return !this.over && !signal.aborted;
  }

  /** Everything that stands behind the place. */
  private async *read(signal: AbortSignal): AsyncGenerator<LivePage, void, void> {
    // Asked before reading: what has ended then has nothing more behind what is read.
    const instance = await this.now();
    if (!instance) {
      this.over = true;
      return;
    }
    for (let more = true; more && !signal.aborted;) {
      const page = await this.feed.read(instance);
      more = page.more;
      if (page.items.length > 0) yield { kind: 'items', items: page.items };
    }
    if (signal.aborted || !hasEnded(instance.status)) return;
    this.over = true;
    if (this.follow) yield { kind: 'end', status: instance.status };
  }
}

class EventFeed implements Feed {
  readonly news: readonly News[] = ['events'];

  constructor(
    private readonly histories: HistoryReader,
    private position: HistoryPosition,
  ) {}

  async read(instance: Instance) {
    const { events, more } = await this.histories.behind(instance, this.position, ITEMS_A_PAGE);
    this.position = events.at(-1) ?? this.position;
    const items = events.map(({ seq, index, event }) => {
      const id = `${seq}.${index}`;
      return { id, data: { id, ...event } };
    });
    return { items, more };
  }
}

class LineFeed implements Feed {
  /** Also told of events: the end of the instance is one. */
  readonly news: readonly News[] = ['lines', 'events'];

  constructor(
    private readonly log: TaskLog,
    private after: number,
    private readonly taskId: string | undefined,
  ) {}

  async read({ domain, id }: Instance) {
    const lines = await this.log.read(domain, id, this.after, ITEMS_A_PAGE, this.taskId);
    this.after = lines.at(-1)?.seq ?? this.after;
    // Pages end by size too: only an empty one is the last.
    return { items: lines.map(toItem), more: lines.length > 0 };
  }
}

function toItem({ kind, seq, ...line }: LogLine): LiveItem {
  const id = String(seq);
  return { id, data: { id, type: `log.${kind}`, seq, ...line } };
}

function positionFrom(after: string | undefined): HistoryPosition {
  if (after === undefined) return START;
  const [, seq, index] = /^([1-9]\d{0,14})\.([1-9]\d{0,14})$/.exec(after) ?? [];
  if (seq === undefined) throw new LastEventIdInvalid(after, 'ids of events look like 12.3');
  return { seq: Number(seq), index: Number(index) };
}

function numberFrom(after: string | undefined): number {
  if (after === undefined) return 0;
  if (!/^[1-9]\d{0,14}$/.test(after)) throw new LastEventIdInvalid(after, 'ids of lines are whole numbers');
  return Number(after);
}
