import { createServer, request, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { Proxy } from './proxy';

const BODY = 'an answer of some length';

describe('A wire with faults', () => {
  let server: Server;
  let proxy: Proxy;
  let calls = 0;
  beforeEach(async () => {
    calls = 0;
    server = createServer((_, response) => {
      calls += 1;
      response.end(BODY);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    proxy = await Proxy.open(() => 0.5);
    proxy.target = (server.address() as AddressInfo).port;
  });
  afterEach(async () => {
    await proxy.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  /** The body, or the code of the error. */
  const ask = (key = 'a'): Promise<string> =>
    new Promise((resolve) => {
      const asked = request({ port: proxy.port, method: 'POST', headers: { 'idempotency-key': key } }, (answer) => {
        let text = '';
        answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
        answer.on('end', () => resolve(text)).on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
      });
      asked.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? '')).end();
    });

  it('hands on what is sent while the weather is clear', async () => {
    expect([await ask(), calls, proxy.hurt]).toEqual([BODY, 1, 0]);
  });

  it('delays when it is slow', async () => {
    proxy.set({ kind: 'slow', mostMs: 40 });
    const since = performance.now();
    expect(await ask()).toBe(BODY);
    expect(performance.now() - since).toBeGreaterThanOrEqual(38);
    expect(proxy.hurt).toBeGreaterThanOrEqual(2);
  });

  it('cuts the answer to a request once, in its midst', async () => {
    proxy.set({ kind: 'cut' });
    expect([await ask('a'), await ask('a'), await ask('b')]).toEqual(['ECONNRESET', BODY, 'ECONNRESET']);
    expect([calls, proxy.hurt]).toEqual([3, 2]);
  });

  it('leaves no connection behind that nobody answers', async () => {
    proxy.set({ kind: 'half open' });
    // Made while there is no far end, used when the weather is clear again.
    const socket = connect(proxy.port, '127.0.0.1');
    const closed = new Promise((resolve) => socket.once('error', () => resolve('reset')));
    await new Promise((resolve) => socket.once('connect', resolve));
    while (proxy.connections === 0) await new Promise(setImmediate);
    proxy.clear();
    expect(await closed).toBe('reset');
  });

  it('swallows what is sent, and hangs up when the weather clears', async () => {
    for (const kind of ['black hole', 'half open'] as const) {
      proxy.set({ kind });
      const asked = ask();
      const before = proxy.hurt;
      while (proxy.hurt === before) await new Promise(setImmediate);
      proxy.clear();
      expect([kind, await asked, calls]).toEqual([kind, 'ECONNRESET', 0]);
    }
    expect(await ask()).toBe(BODY);
  });
});
