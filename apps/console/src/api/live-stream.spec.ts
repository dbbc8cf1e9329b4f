import {
  LineReader,
  LONGEST_SILENCE_MS,
  follow,
  isBehind,
  pauseMs,
  type LiveState,
  type LiveWorld,
} from './live-stream';

interface Item {
  readonly id: string;
  readonly type: string;
}

/** Moves only when a test moves it. */
class World implements LiveWorld {
  ms = 0;
  online = true;
  private timers: { at: number; work: () => void }[] = [];
  private readonly watchers = new Set<() => void>();

  nowMs = () => this.ms;
  random = () => 0.5;
  isOnline = () => this.online;
  after(ms: number, work: () => void) {
    const timer = { at: this.ms + ms, work };
    this.timers.push(timer);
    return () => void (this.timers = this.timers.filter((one) => one !== timer));
  }
  onNetwork(work: () => void) {
    this.watchers.add(work);
    return () => void this.watchers.delete(work);
  }
  get pending() {
    return this.timers.length;
  }
  async advance(ms: number) {
    await settle();
    this.ms += ms;
    const due = this.timers.filter(({ at }) => at <= this.ms);
    this.timers = this.timers.filter(({ at }) => at > this.ms);
    for (const { work } of due) work();
    await settle();
  }
  async goes(online: boolean) {
    this.online = online;
    for (const work of this.watchers) work();
    await settle();
  }
}

const settle = async () => {
  for (let i = 0; i < 30; i += 1) await Promise.resolve();
};

/** A server that holds items and may be cut at any byte. */
class Server {
  readonly asked: (string | undefined)[] = [];
  failure: unknown;
  private open: ReadableStreamDefaultController<Uint8Array> | undefined;

  connect(after: string | undefined, signal: AbortSignal): ReadableStream<Uint8Array> {
    this.asked.push(after);
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- what was thrown is told by its name
    if (this.failure !== undefined) throw this.failure;
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.open = controller;
        signal.addEventListener('abort', () => controller.error(new Error('aborted')));
      },
    });
  }
  async send(text: string) {
    this.open?.enqueue(new TextEncoder().encode(text));
    await settle();
  }
  async cut() {
    this.open?.error(new TypeError('network error'));
    await settle();
  }
  async close() {
    this.open?.close();
    await settle();
  }
}

const line = (id: string, type = 'task.running') => `${JSON.stringify({ id, type })}\n`;
const END = `${JSON.stringify({ type: 'end', status: 'failed' })}\n`;

function aFollower() {
  const world = new World();
  const server = new Server();
  const ids: string[] = [];
  const states: LiveState[] = [];
  let anew = 0;
  const stop = follow<Item>(
    {
      open: (after, signal) => Promise.resolve().then(() => server.connect(after, signal)),
      judge: (error) =>
        error === 'refused' ? 'never' : error === 'lost' ? 'anew' : { again: error === 'busy' ? 5_000 : 0 },
      onItems: (items) => ids.push(...items.map(({ id }) => id)),
      onState: (state) => states.push(state),
      onAnew: () => {
        anew += 1;
        ids.length = 0;
      },
    },
    world,
  );
  return { world, server, ids, states, stop, last: () => states.at(-1), anew: () => anew };
}

describe('following a stream', () => {
  it('goes on behind the last whole line after a cut within a line, without gap and without doubles', async () => {
    const { world, server, ids, last } = aFollower();
    await settle();
    await server.send(line('1.1') + line('1.2') + line('2.1').slice(0, 7));
    await server.cut();
    expect(last()).toMatchObject({ kind: 'reconnecting', offline: false });
    await world.advance(1_000);
    expect(server.asked).toEqual([undefined, '1.2']);
    expect(last()).toEqual({ kind: 'live' });
    // A server that tells one again is not believed.
    await server.send(line('1.2') + line('2.1') + line('10.1'));
    await server.send(END);
    expect(ids).toEqual(['1.1', '1.2', '2.1', '10.1']);
    expect(last()).toEqual({ kind: 'ended', status: 'failed' });
    expect(world.pending).toBe(0);
  });

  it('says since when it is cut, however often it fails, and waits longer each time', async () => {
    const { world, server, last, states } = aFollower();
    await settle();
    await world.advance(4_000);
    server.failure = new TypeError('refused connection');
    await server.cut();
    for (let i = 0; i < 8; i += 1) await world.advance(10_000);
    expect(last()).toMatchObject({ kind: 'reconnecting', sinceMs: 4_000 });
    const asked = server.asked.length;
    await world.advance(1_000);
    expect(server.asked).toHaveLength(asked);
    server.failure = undefined;
    await world.advance(10_000);
    expect(states.at(-1)).toEqual({ kind: 'live' });
  });

  it('comes back at once when the network is back', async () => {
    const { world, server, last } = aFollower();
    await settle();
    await server.send(line('1.1'));
    await world.goes(false);
    expect(last()).toMatchObject({ kind: 'reconnecting', offline: true });
    await world.goes(true);
    await world.advance(0);
    expect(server.asked).toEqual([undefined, '1.1']);
    expect(last()).toEqual({ kind: 'live' });
  });

  it('opens a silent stream anew and does not call that a cut', async () => {
    const { world, server, states } = aFollower();
    await settle();
    await server.send(line('3.1'));
    await world.advance(LONGEST_SILENCE_MS);
    expect(server.asked).toEqual([undefined, '3.1']);
    expect(states.map(({ kind }) => kind)).toEqual(['opening', 'live', 'live']);
  });

  it('asks no sooner than it was told to', async () => {
    const { world, server } = aFollower();
    server.failure = 'busy';
    await settle();
    await world.advance(4_900);
    expect(server.asked).toHaveLength(1);
    await world.advance(200);
    expect(server.asked).toHaveLength(2);
  });

  it('begins anew when its place is gone, and gives up when it is refused', async () => {
    const { world, server, ids, last, anew } = aFollower();
    await settle();
    await server.send(line('7'));
    server.failure = 'lost';
    await server.close();
    await world.advance(1_000);
    expect([anew(), ids]).toEqual([1, []]);
    server.failure = 'refused';
    await world.advance(1_000);
    expect(server.asked).toEqual([undefined, '7', undefined]);
    expect(last()).toEqual({ kind: 'refused', error: 'refused' });
    expect(world.pending).toBe(0);
  });

  it('tells nothing and leaves nothing behind once it is stopped', async () => {
    const { world, server, ids, states, stop } = aFollower();
    await settle();
    await server.send(line('1'));
    stop();
    const told = states.length;
    await world.advance(LONGEST_SILENCE_MS);
    expect([ids, states.length, server.asked.length, world.pending]).toEqual([['1'], told, 1, 0]);
  });
});

describe('lines', () => {
  it('come out whole wherever the bytes are cut', () => {
    const text = '{"a":"ä€😀"}\n\n{"b":1}\n{"c":';
    const bytes = new TextEncoder().encode(text);
    for (let size = 1; size <= bytes.length; size += 1) {
      const reader = new LineReader();
      const lines: string[] = [];
      for (let at = 0; at < bytes.length; at += size) lines.push(...reader.take(bytes.subarray(at, at + size)));
      expect(lines).toEqual(['{"a":"ä€😀"}', '{"b":1}']);
    }
  });

  it('are placed by number', () => {
    expect(isBehind('10.1', '9.7')).toBe(true);
    expect(isBehind('9.10', '9.9')).toBe(true);
    expect(isBehind('9.9', '9.9')).toBe(false);
    expect(isBehind('12', '100')).toBe(false);
    expect(isBehind('1', undefined)).toBe(true);
  });

  it('pauses grow to ten seconds, and chance parts them', () => {
    expect([1, 2, 3].map((failures) => pauseMs(failures, 1))).toEqual([250, 500, 1_000]);
    expect(pauseMs(50, 0.999)).toBeLessThan(10_000);
    expect(pauseMs(50, 0)).toBe(5_000);
  });
});
