import { Readable } from 'node:stream';
import type { Callers } from '@flow/auth';
import { credentialsOf, type Drain } from '@flow/http';
import { TooManyStreams, type LivePage, type LiveStream } from '@flow/instances';
import { AppError, type Clock } from '@flow/kernel';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { StreamFormat } from './stream.format';

/** How often it is asked whether the reader may still read, and whether it reads at all. */
const CHECK_EVERY_MS = 15_000;
/** How long a stream goes on while nobody can say whether its token is still good. */
const LONGEST_UNKNOWN_MS = 45_000;
/** A reader that takes nothing for so long is cut off; it can come again and go on where it was. */
const LONGEST_STALL_MS = 300_000;
/** How long a stream that is to end waits for its reader to take the rest. */
const LONGEST_FAREWELL_MS = 1_000;
const KEEP_ALIVE_MS = 30_000;
/** Bytes that are made ready before the reader has taken them, beside one page and what the socket holds. */
const READY_BYTES = 16 * 1024;

/** The streams that this process serves: how many, for whom, and until when. */
export class OpenStreams {
  private readonly open = new Set<StreamBody>();

  constructor(
    private readonly clock: Clock,
    private readonly callers: Callers,
    private readonly drain: Drain,
    private readonly limit: number,
    private readonly onFault: (error: unknown) => void,
  ) {}

  get count(): number {
    return this.open.size;
  }

  /** Bytes that were made ready and that readers have not taken. */
  get bytes(): number {
    let sum = 0;
    for (const body of this.open) sum += body.waitingBytes;
    return sum;
  }

  /** To be asked before a stream is prepared. @throws TooManyStreams */
  admit(): void {
    if (this.open.size >= this.limit) throw new TooManyStreams(this.limit);
  }

  /**
   * The body of an answer that follows the stream. It ends with the stream, when the server stops (a follower comes again and goes on),
   * and within a minute after its token is no longer good; it breaks off when its reader is gone or stalls. @throws TooManyStreams
   */
  serve(
    stream: LiveStream,
    format: StreamFormat,
    request: FastifyRequest,
    reply: FastifyReply,
    follow: boolean,
  ): Readable {
    this.admit();
    const body = new StreamBody(stream, format, reply, this.clock, this.onFault);
    this.open.add(body);
    const forgetDrain = follow ? this.drain.onDrain(() => body.finish()) : () => undefined;
    const cancelChecks = this.check(body, request);
    body.once('close', () => {
      this.open.delete(body);
      forgetDrain();
      cancelChecks();
    });
    return body;
  }

  private check(body: StreamBody, request: FastifyRequest): () => void {
    const access = request.routeOptions.config.access ?? 'token';
    const credentials = credentialsOf(request);
    let knownMs = this.clock.monotonicMs();
    const check = async () => {
      const nowMs = this.clock.monotonicMs();
      try {
        if (access !== 'public') await this.callers.admit(credentials, access);
        knownMs = nowMs;
      } catch (error) {
        if (error instanceof AppError || nowMs - knownMs >= LONGEST_UNKNOWN_MS) body.finish();
      }
      if (body.stalledMs >= LONGEST_STALL_MS) body.destroy();
      if (!body.closed) cancel = this.clock.after(CHECK_EVERY_MS, () => void check());
    };
    let cancel = this.clock.after(CHECK_EVERY_MS, () => void check());
    return () => cancel();
  }
}

/** Text of a stream, made when the socket takes it and not before. */
class StreamBody extends Readable {
  private readonly end = new AbortController();
  private readonly pages: AsyncGenerator<LivePage, void, void>;
  private opened = false;
  private fullSinceMs: number | undefined;

  constructor(
    stream: LiveStream,
    private readonly format: StreamFormat,
    private readonly reply: FastifyReply,
    private readonly clock: Clock,
    private readonly onFault: (error: unknown) => void,
  ) {
    super({ highWaterMark: READY_BYTES });
    this.pages = stream.pages(this.end.signal);
  }

  get waitingBytes(): number {
    return this.readableLength + this.reply.raw.writableLength;
  }

  /** How long the reader has taken nothing though there is something to take. */
  get stalledMs(): number {
    return this.fullSinceMs === undefined ? 0 : this.clock.monotonicMs() - this.fullSinceMs;
  }

  /** Ends the answer as it should be ended, behind what was made ready already; breaks it off when the reader does not take that. */
  finish(): void {
    this.end.abort();
    const cancelTimer = this.clock.after(LONGEST_FAREWELL_MS, () => this.destroy());
    this.once('close', cancelTimer);
  }

  override _read(): void {
    this.fullSinceMs = undefined;
    if (this.opened) void this.pull();
    else this.begin();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.end.abort();
    void this.pages.return().catch(this.onFault);
    callback(error);
  }

  /** The head goes out at once, however long the first item takes. */
  private begin(): void {
    this.opened = true;
    this.reply.raw.flushHeaders();
    this.reply.raw.socket?.setKeepAlive(true, KEEP_ALIVE_MS);
    if (this.format.opening === '') void this.pull();
    else this.give(this.format.opening);
  }

  private async pull(): Promise<void> {
    try {
      for (;;) {
        const { value, done } = await this.pages.next();
        if (this.destroyed) return;
        if (done) {
          this.push(null);
          return;
        }
        const text = this.format.textOf(value);
        if (text === '') continue;
        this.give(text);
        return;
      }
    } catch (error) {
      this.onFault(error);
      this.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  }

  private give(text: string): void {
    if (!this.push(text)) this.fullSinceMs = this.clock.monotonicMs();
  }
}
