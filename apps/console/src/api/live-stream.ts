/** What a stream of lines says of itself. */
export type LiveState =
  | { readonly kind: 'opening' }
  | { readonly kind: 'live' }
  | { readonly kind: 'reconnecting'; readonly sinceMs: number; readonly offline: boolean }
  /** Nothing comes any more: the instance has ended. */
  | { readonly kind: 'ended'; readonly status: string }
  /** It was refused for good; asking again would not help. */
  | { readonly kind: 'refused'; readonly error: unknown };

/** The clock, chance and the network as the browser knows them: what tests move by hand. */
export interface LiveWorld {
  nowMs(): number;
  /** Calls back once; gives what cancels that. */
  after(ms: number, work: () => void): () => void;
  /** From 0 up to 1. */
  random(): number;
  isOnline(): boolean;
  /** Tells when that may have changed; gives what ends the telling. */
  onNetwork(work: () => void): () => void;
}

/** An event or a line, with the place where one goes on behind it. */
export interface LiveItem {
  readonly id: string;
  readonly type: string;
}

export interface LiveSource<T extends LiveItem> {
  /** Opens the stream behind a place. @throws what `judge` understands */
  open(after: string | undefined, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
  /** What to do about a failure: come again (so much later at the earliest), begin anew, or give up. */
  judge(error: unknown): { readonly again: number } | 'anew' | 'never';
  /** New items, in order, each once. */
  onItems(items: readonly T[]): void;
  onState(state: LiveState): void;
  /** The place that was held is no place any more: what was told is void, and everything is told again. */
  onAnew(): void;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;
/** Silence is how NDJSON says that nothing happens, and also how a connection dies unseen: after so much of it the stream is opened anew. */
export const LONGEST_SILENCE_MS = 60_000;

/** Half of it is sure and half is chance, so that a thousand pages do not come back in the same moment. */
export function pauseMs(failures: number, random: number): number {
  const whole = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.max(0, failures - 1));
  return whole / 2 + (whole / 2) * random;
}

/** Whether one place lies behind another: `12.3` and `12` are compared number by number. */
export function isBehind(id: string, place: string | undefined): boolean {
  if (place === undefined) return true;
  const [one, other] = [id, place].map((text) => text.split('.').map(Number)) as [number[], number[]];
  for (let i = 0; i < Math.max(one.length, other.length); i += 1) {
    const difference = (one[i] ?? 0) - (other[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}

/** Whole lines out of pieces that may be cut anywhere, within a character too. */
export class LineReader {
  private readonly decoder = new TextDecoder();
  private pieces: string[] = [];

  take(bytes: Uint8Array): string[] {
    const lines = this.decoder.decode(bytes, { stream: true }).split('\n');
    const last = lines.pop() ?? '';
    const [first, ...rest] = lines;
    if (first === undefined) {
      this.pieces.push(last);
      return [];
    }
    const whole = [...this.pieces, first].join('');
    this.pieces = [last];
    return [whole, ...rest].filter((line) => line.trim() !== '');
  }
}

/**
 * Follows a stream to its end, whatever becomes of connections: it goes on behind the last item that came whole, so that nothing is
 * missing and nothing comes twice. Gives what stops it; nothing is told after that.
 */
export function follow<T extends LiveItem>(source: LiveSource<T>, world: LiveWorld): () => void {
  const stop = new AbortController();
  void new Follower(source, world, stop.signal).run();
  return () => stop.abort();
}

class Follower<T extends LiveItem> {
  private place: string | undefined;
  private failures = 0;
  private cutAtMs: number | undefined;

  constructor(
    private readonly source: LiveSource<T>,
    private readonly world: LiveWorld,
    private readonly stop: AbortSignal,
  ) {}

  async run(): Promise<void> {
    this.tell({ kind: 'opening' });
    while (!this.isStopped()) {
      let again = 0;
      try {
        const end = await this.readOnce();
        if (typeof end === 'object') {
          this.tell({ kind: 'ended', status: end.status });
          return;
        }
        if (end === 'silent') continue;
      } catch (error) {
        if (this.isStopped()) return;
        const verdict = this.source.judge(error);
        if (verdict === 'never') {
          this.tell({ kind: 'refused', error });
          return;
        }
        if (verdict === 'anew') {
          this.place = undefined;
          this.source.onAnew();
        } else again = verdict.again;
      }
      if (this.isStopped()) return;
      this.failures += 1;
      this.cutAtMs ??= this.world.nowMs();
      this.tellCut();
      await this.pause(Math.max(again, pauseMs(this.failures, this.world.random())));
    }
  }

  /** How one connection came to its end: with the end of the instance, after too long a silence, or before its time. */
  private async readOnce(): Promise<{ readonly status: string } | 'silent' | 'cut'> {
    const once = new AbortController();
    const end = () => once.abort();
    const heard = { nothing: false };
    const listen = () =>
      this.world.after(LONGEST_SILENCE_MS, () => {
        heard.nothing = true;
        end();
      });
    this.stop.addEventListener('abort', end);
    const forgetNetwork = this.world.onNetwork(() => {
      if (!this.world.isOnline()) end();
    });
    let quiet = listen();
    let opened = false;
    try {
      const body = await this.source.open(this.place, once.signal);
      opened = true;
      this.cutAtMs = undefined;
      this.tell({ kind: 'live' });
      const lines = new LineReader();
      for (const reader = body.getReader(); ;) {
        const { done, value } = await reader.read();
        if (done || this.isStopped()) return 'cut';
        quiet();
        quiet = listen();
        this.failures = 0;
        const status = this.take(lines.take(value));
        if (status !== undefined) return { status };
      }
    } catch (error) {
      if (heard.nothing && opened) return 'silent';
      throw error;
    } finally {
      quiet();
      forgetNetwork();
      this.stop.removeEventListener('abort', end);
      once.abort();
    }
  }

  private take(lines: readonly string[]): string | undefined {
    const fresh: T[] = [];
    let ended: string | undefined;
    for (const line of lines) {
      const item = JSON.parse(line) as T & { readonly status?: string };
      if (item.type === 'end') ended = item.status ?? '';
      else if (isBehind(item.id, this.place)) {
        fresh.push(item);
        this.place = item.id;
      }
    }
    if (fresh.length > 0) this.source.onItems(fresh);
    return ended;
  }

  private async pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const go = () => {
        cancel();
        forgetNetwork();
        this.stop.removeEventListener('abort', go);
        resolve();
      };
      // What is said of the network is not sure: without it one looks less often, and all the same.
      let cancel = this.world.after(this.world.isOnline() ? ms : LONGEST_PAUSE_MS, go);
      const forgetNetwork = this.world.onNetwork(() => {
        this.tellCut();
        // Back on the net there is nothing to wait for.
        if (this.world.isOnline()) cancel = replaced(cancel, this.world.after(0, go));
      });
      this.stop.addEventListener('abort', go);
    });
  }

  private isStopped(): boolean {
    return this.stop.aborted;
  }

  private tellCut(): void {
    this.tell({ kind: 'reconnecting', sinceMs: this.cutAtMs ?? this.world.nowMs(), offline: !this.world.isOnline() });
  }

  private tell(state: LiveState): void {
    if (!this.isStopped()) this.source.onState(state);
  }
}

function replaced(before: () => void, after: () => void): () => void {
  before();
  return after;
}
