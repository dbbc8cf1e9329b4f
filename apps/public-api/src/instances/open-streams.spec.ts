import { get, type IncomingMessage } from 'node:http';
import { Callers, TokenVerifier, type VerifiedToken } from '@flow/auth';
import { Drain } from '@flow/http';
import { TooManyStreams, type LivePage, type LiveStream } from '@flow/instances';
import type { DomainId, PrincipalId, TokenId } from '@flow/kernel';
import { FixedClock, settle } from '@flow/testing/kernel';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { OpenStreams } from './open-streams';
import { NDJSON, SSE, formatFor, type StreamFormat } from './stream.format';

const GOOD: VerifiedToken = {
  tokenId: 'T' as TokenId,
  principal: 'ann' as PrincipalId,
  permissions: new Set(['instance.view']),
  domains: '*',
  expiresAt: null,
};

/** Says of every token what a test wants. */
class GivenVerifier extends TokenVerifier {
  says: () => Promise<VerifiedToken | undefined> = () => Promise.resolve(GOOD);
  override verify() {
    return this.says();
  }
}

/** Pages that a test hands out one by one. */
class HandedPages {
  private readonly waiting: LivePage[] = [];
  private wake: (() => void) | undefined;
  aborted = false;

  give(...pages: LivePage[]): void {
    this.waiting.push(...pages);
    this.wake?.();
  }

  async *pages(signal: AbortSignal): AsyncGenerator<LivePage, void, void> {
    signal.addEventListener('abort', () => {
      this.aborted = true;
      this.wake?.();
    });
    while (!this.aborted) {
      const page = this.waiting.shift();
      if (page) yield page;
      if (page?.kind === 'end') return;
      if (!page) await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}

const item = (id: string): LivePage => ({ kind: 'items', items: [{ id, data: { id, type: 'x' } }] });
const large = (id: string): LivePage => ({ kind: 'items', items: [{ id, data: { id, text: 'x'.repeat(4_000_000) } }] });

describe('an open stream', () => {
  let clock: FixedClock;
  let drain: Drain;
  let verifier: GivenVerifier;
  let streams: OpenStreams;
  let server: FastifyInstance;
  let address: string;
  let source: HandedPages;
  let format: StreamFormat;
  let follow: boolean;
  let faults: unknown[];
  let asked: boolean;
  let served: boolean;
  let prepared: (request: FastifyRequest) => Promise<void>;

  beforeEach(async () => {
    clock = new FixedClock();
    drain = new Drain();
    verifier = new GivenVerifier();
    faults = [];
    format = SSE;
    follow = true;
    asked = served = false;
    prepared = () => Promise.resolve();
    source = new HandedPages();
    streams = new OpenStreams(clock, new Callers(verifier), drain, 2, (error) => faults.push(error));
    server = fastify({ forceCloseConnections: true });
    const config = { access: 'instance.view', server: 'public' } as const;
    server.get('/', { config }, async (request, reply) => {
      asked = true;
      await prepared(request);
      served = true;
      return reply
        .header('content-type', format.type)
        .send(streams.serve(source as unknown as LiveStream, format, request, reply, follow));
    });
    address = await server.listen({ host: '127.0.0.1', port: 0 });
  });
  afterEach(() => server.close());

  const open = (): Promise<{ response: IncomingMessage; text: () => string; over: Promise<boolean> }> =>
    new Promise((resolve, reject) => {
      get(address, { agent: false, headers: { authorization: 'Bearer t' } }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => (text += part)).on('error', () => undefined);
        const over = new Promise<boolean>((end) => response.once('close', () => end(response.complete)));
        resolve({ response, text: () => text, over });
      }).once('error', reject);
    });
  /** Waits for what comes over the loopback by itself. */
  const until = async (fact: () => boolean) => {
    while (!fact()) await new Promise((resolve) => setImmediate(resolve));
  };

  it('sends its head at once, each page as it comes, a comment when it is quiet, and its end', async () => {
    const { text, over } = await open();
    await until(() => text() === 'retry: 2000\n\n');
    source.give(item('1.1'));
    await until(() => text().includes('id: 1.1\ndata: {"id":"1.1","type":"x"}\n\n'));
    source.give({ kind: 'quiet' });
    await until(() => text().endsWith('\n\n:\n\n'));
    source.give({ kind: 'end', status: 'failed' });
    expect(await over).toBe(true);
    expect(text().endsWith('event: end\ndata: {"type":"end","status":"failed"}\n\n')).toBe(true);
    expect([streams.count, streams.bytes]).toEqual([0, 0]);
  });

  it('sends nothing but lines as NDJSON, its head at once too', async () => {
    format = NDJSON;
    const { response, text, over } = await open();
    expect(response.statusCode).toBe(200);
    source.give({ kind: 'quiet' }, item('1'), { kind: 'quiet' }, { kind: 'end', status: 'succeeded' });
    expect(await over).toBe(true);
    expect(text()).toBe('{"id":"1","type":"x"}\n{"type":"end","status":"succeeded"}\n');
  });

  it('does not outlive its token by more than a quarter of a minute', async () => {
    const { over, response } = await open();
    await clock.advance(60_000);
    expect(response.complete).toBe(false);
    verifier.says = () => Promise.resolve(undefined);
    await clock.advance(15_000);
    expect(await over).toBe(true);
    expect([streams.count, faults]).toEqual([0, []]);
  });

  it('does not outlive a permission or a domain that was taken from its token', async () => {
    const changes = [{ permissions: new Set<never>() }, { domains: ['other' as DomainId] }];
    for (const change of changes) {
      verifier.says = () => Promise.resolve(GOOD);
      source = new HandedPages();
      const { over } = await open();
      verifier.says = () => Promise.resolve({ ...GOOD, ...change });
      await clock.advance(15_000);
      expect(await over).toBe(true);
    }
  });

  it('goes on for less than a minute when nobody can say whether its token is good', async () => {
    const { over } = await open();
    verifier.says = () => Promise.reject(new Error('away'));
    await clock.advance(30_000);
    verifier.says = () => Promise.resolve(GOOD);
    await clock.advance(15_000);
    verifier.says = () => Promise.reject(new Error('away'));
    await clock.advance(30_000);
    expect(streams.count).toBe(1);
    await clock.advance(15_000);
    expect(await over).toBe(true);
  });

  it('ends when the server stops, and is broken off when its reader does not take the rest', async () => {
    const reading = await open();
    const first = source;
    source = new HandedPages();
    const stalled = await open();
    stalled.response.pause();
    for (let i = 0; i < 10; i += 1) source.give(large(`${i}`));
    await until(() => streams.bytes > 4_000_000);
    const stopped = drain.start(clock, 25_000);
    expect([await reading.over, first.aborted]).toEqual([true, true]);
    expect(streams.count).toBe(1);
    await clock.advance(1_000);
    await until(() => streams.count === 0);
    stalled.response.resume();
    expect(await stalled.over).toBe(false);
    await stopped;
  });

  it('a list that does not follow is sent to its end though the server stops', async () => {
    follow = false;
    const { text, over } = await open();
    await until(() => text() !== '');
    await drain.start(clock, 0);
    source.give(item('1'), { kind: 'end', status: 'succeeded' });
    expect(await over).toBe(true);
    expect(text()).toContain('id: 1\n');
  });

  it('is cut off when its reader takes nothing for five minutes, and not while it takes something', async () => {
    const { response, text } = await open();
    response.pause();
    for (let i = 0; i < 10; i += 1) source.give(large(`${i}`));
    await until(() => streams.bytes > 4_000_000);
    await clock.advance(200_000);
    response.resume();
    await until(() => text().includes('id: 9'));
    await clock.advance(400_000);
    expect(streams.count).toBe(1);
    response.pause();
    for (let i = 0; i < 10; i += 1) source.give(large(`${i}`));
    await until(() => streams.bytes > 4_000_000);
    await clock.advance(315_000);
    await until(() => streams.count === 0);
    expect(source.aborted).toBe(true);
  });

  it('lets go of everything when its reader is gone', async () => {
    const { response } = await open();
    response.destroy();
    await until(() => streams.count === 0);
    expect(source.aborted).toBe(true);
  });

  it('lets go too when its reader was gone before the answer began', async () => {
    const gone = new Promise<void>((left) => {
      prepared = async (request) => {
        await new Promise((closed) => request.raw.socket.once('close', closed));
        await settle();
        left();
      };
    });
    const client = get(address, { agent: false, headers: { authorization: 'Bearer t' } }).on('error', () => undefined);
    await until(() => asked);
    client.destroy();
    await gone;
    await until(() => served);
    await until(() => streams.count === 0);
    expect(faults).toEqual([]);
  });

  it('breaks off, so that its reader notices, and says why to whoever watches over the process', async () => {
    const broken = new Error('the store is away');
    source.pages = async function* () {
      await Promise.resolve();
      yield item('1');
      throw broken;
    };
    const { over } = await open();
    expect(await over).toBe(false);
    expect([faults, streams.count]).toEqual([[broken], 0]);
  });

  it('is refused when as many are open as may be', async () => {
    await open();
    await open();
    expect(() => streams.admit()).toThrow(TooManyStreams);
    await expect(fetch(address).then(({ status }) => status)).resolves.toBe(500);
    expect(streams.count).toBe(2);
  });
});

describe('the format of a stream', () => {
  it.each([
    [undefined, SSE],
    ['*/*', SSE],
    ['text/event-stream', SSE],
    ['application/x-ndjson', NDJSON],
    ['application/json, Application/X-NDJSON; q=0.9', NDJSON],
    ['text/event-stream, application/x-ndjson', SSE],
  ])('for Accept: %s', (accept, wanted) => {
    expect(formatFor(accept)).toBe(wanted);
  });
});
