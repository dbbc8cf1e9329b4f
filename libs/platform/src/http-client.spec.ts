import type { ServerResponse } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { HttpClient, OutboundBlocked, OutboundInvalid } from '@flow/platform';
import { FixedClock } from '@flow/testing/kernel';
import { localServer, selfSigned, type Hit, type LocalServer } from '@flow/testing/platform';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((thing) => thing.close()));
});

async function aServer(answer?: Parameters<typeof localServer>[0]): Promise<LocalServer> {
  const server = await localServer(answer);
  open.push(server);
  return server;
}

function aClient(server: LocalServer, config: ConstructorParameters<typeof HttpClient>[0] = {}): HttpClient {
  const client = new HttpClient({ allow: [`127.0.0.1:${server.port}`], ...config });
  open.push(client);
  return client;
}

const text = (body: Uint8Array) => Buffer.from(body).toString('utf8');

describe('HttpClient', () => {
  it('sends what it is given and gives back status, headers and body', async () => {
    const server = await aServer((_hit, response) => {
      response.writeHead(418, { 'X-Answer': 'yes', 'set-cookie': ['a=1', 'b=2'] });
      response.end('short and stout');
    });
    const answer = await aClient(server).request({
      url: `${server.url}/tea?milk=no`,
      method: 'POST',
      headers: { 'Content-Type': 'text/plain', 'X-Mine': '1' },
      body: 'käse',
    });
    expect(answer).toMatchObject({ status: 418, headers: { 'x-answer': 'yes', 'set-cookie': 'a=1, b=2' } });
    expect(text(answer.body)).toBe('short and stout');
    expect(server.hits[0]).toMatchObject({ method: 'POST', url: '/tea?milk=no', body: 'käse' });
    expect(server.hits[0]?.headers).toMatchObject({ 'x-mine': '1', 'content-type': 'text/plain' });
  });

  it('finds a working address when another of the same name refuses', async () => {
    const server = await aServer();
    const client = aClient(server, { allow: ['two.example'], resolve: async () => ['::1', '127.0.0.1'] });
    await expect(client.request({ url: `http://two.example:${server.port}/` })).resolves.toMatchObject({ status: 200 });
  });

  it.each(['Host', 'content-length', 'Transfer-Encoding', 'connection', 'Proxy-Authorization'])(
    'refuses to be given the header %s',
    async (name) => {
      const server = await aServer();
      const request = { url: server.url, headers: { [name]: 'other.example' } };
      await expect(aClient(server).request(request)).rejects.toMatchObject({ code: 'outbound.invalid' });
      expect(server.connections()).toBe(0);
    },
  );

  it('refuses line breaks in headers and methods that are none', async () => {
    const server = await aServer();
    const client = aClient(server);
    await expect(client.request({ url: server.url, headers: { 'x-a': 'b\r\nx-c: d' } })).rejects.toMatchObject({
      code: 'outbound.invalid',
    });
    await expect(client.request({ url: server.url, method: 'GET / HTTP/1.1\r\n' })).rejects.toMatchObject({
      code: 'outbound.invalid',
    });
    expect(server.hits).toHaveLength(0);
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ])('decompresses %s', async (encoding, compress) => {
    const server = await aServer((_hit, response) => {
      response.writeHead(200, { 'content-encoding': encoding });
      response.end(compress('expanded '.repeat(1000)));
    });
    expect(text((await aClient(server).request({ url: server.url })).body)).toBe('expanded '.repeat(1000));
  });

  it('takes an empty body that claims to be compressed', async () => {
    const server = await aServer((hit, response) => {
      response.writeHead(hit.url === '/204' ? 204 : 200, { 'content-encoding': 'gzip' });
      response.end();
    });
    const client = aClient(server);
    for (const request of [{ url: `${server.url}/204` }, { url: server.url, method: 'HEAD' }, { url: server.url }])
      expect((await client.request(request)).body).toHaveLength(0);
  });

  it('stops reading past the limit, long before the sender is done', async () => {
    let sent = 0;
    const server = await aServer((_hit, response) => {
      const push = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536))) sent += 65_536;
        if (!response.destroyed) response.once('drain', push);
      };
      push();
    });
    await expect(aClient(server).request({ url: server.url, maxResponseBytes: 1_000_000 })).rejects.toMatchObject({
      code: 'outbound.too_large',
    });
    expect(sent).toBeLessThan(50_000_000);
  });

  it.each<[what: string, send: (response: ServerResponse) => void]>([
    ['that is short', (response) => response.end('ok')],
    ['that is longer than anybody reads', (response) => response.end('x'.repeat(2 ** 20))],
    ['that breaks off', (response) => response.write('x', () => response.destroy())],
  ])('gives the status alone where nobody wants the body: one %s', async (_what, send) => {
    const server = await aServer((_hit, response) => {
      response.writeHead(202, { 'x-answer': 'yes' });
      send(response);
    });
    const answer = await aClient(server).request({ url: server.url, dropsBody: true });
    expect(answer).toMatchObject({ status: 202, headers: { 'x-answer': 'yes' } });
    expect(answer.body).toHaveLength(0);
  });

  it('cuts off a body that nobody wants and that does not end', async () => {
    const clock = new FixedClock();
    const server = await aServer((_hit, response) => response.writeHead(202).flushHeaders());
    const client = aClient(server, { clock });
    const answers: number[] = [];
    void client
      .request({ url: server.url, dropsBody: true, timeoutMs: Infinity })
      .then(({ status }) => answers.push(status));
    while (answers.length === 0) await clock.advance(100);
    expect(answers).toEqual([202]);
  });

  it('judges an address without a call, as it would before one', async () => {
    const server = await aServer();
    const client = aClient(server);
    client.check(`${server.url}/x?y=z`);
    client.check('https://api.example.com/');
    expect(() => client.check('http://127.0.0.1:1/')).toThrow(OutboundBlocked);
    for (const url of ['nonsense', 'ftp://api.example.com/', 'https://u:p@api.example.com/'])
      expect(() => client.check(url)).toThrow(OutboundInvalid);
    expect(server.connections()).toBe(0);
  });

  it('stops a small body that expands past the limit', async () => {
    const server = await aServer((_hit, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(gzipSync(Buffer.alloc(50_000_000)));
    });
    await expect(aClient(server).request({ url: server.url, maxResponseBytes: 1_000_000 })).rejects.toMatchObject({
      code: 'outbound.too_large',
    });
  });

  it('gives up when its time is over, whether headers or the body are missing', async () => {
    for (const begin of [false, true]) {
      const clock = new FixedClock();
      const server = await aServer((_hit, response) => {
        if (begin) response.write('a beginning');
        void clock.advance(1001);
      });
      await expect(aClient(server, { clock }).request({ url: server.url, timeoutMs: 1000 })).rejects.toMatchObject({
        code: 'outbound.timeout',
        retryable: true,
      });
    }
  });

  it('gives up when the caller does, also before the first byte', async () => {
    const stop = new AbortController();
    const server = await aServer(() => stop.abort());
    const client = aClient(server);
    await expect(client.request({ url: server.url, signal: stop.signal })).rejects.toMatchObject({
      code: 'outbound.aborted',
    });
    await expect(client.request({ url: server.url, signal: stop.signal })).rejects.toMatchObject({
      code: 'outbound.aborted',
    });
    expect(server.hits).toHaveLength(1);
  });

  it('does not wait for a resolver that never answers', async () => {
    const server = await aServer();
    const client = aClient(server, { connectTimeoutMs: 20, resolve: () => new Promise(() => undefined) });
    await expect(client.request({ url: 'http://silent.example/' })).rejects.toMatchObject({ code: 'outbound.timeout' });
  });

  it('says so when nobody listens, the name is unknown or the connection breaks', async () => {
    const server = await aServer((_hit, response) => response.destroy());
    const client = aClient(server, {
      resolve: () => Promise.reject(new Error('ENOTFOUND')),
    });
    await expect(client.request({ url: server.url })).rejects.toMatchObject({
      code: 'outbound.failed',
      retryable: true,
    });
    await expect(client.request({ url: 'http://nowhere.example/' })).rejects.toMatchObject({
      code: 'outbound.failed',
      message: 'The host name nowhere.example cannot be resolved.',
    });
    await server.close();
    await expect(client.request({ url: server.url })).rejects.toMatchObject({
      code: 'outbound.failed',
      message: `The connection to 127.0.0.1:${server.port} failed (ECONNREFUSED).`,
    });
  });
});

describe('redirects', () => {
  const chain = (hit: Hit, response: Parameters<NonNullable<Parameters<typeof localServer>[0]>>[1]) => {
    const [, status, location] = /^\/(\d+)\/(.*)$/.exec(hit.url) ?? [];
    if (status !== undefined) response.writeHead(Number(status), { location: decodeURIComponent(location ?? '') });
    response.end('end');
  };

  it('come back as they are unless they were asked for', async () => {
    const server = await aServer(chain);
    const answer = await aClient(server).request({ url: `${server.url}/302/%2Fnext` });
    expect(answer).toMatchObject({ status: 302, headers: { location: '/next' } });
    expect(server.hits).toHaveLength(1);
  });

  it('keep headers and body within the origin, and turn a POST into GET where HTTP says so', async () => {
    const server = await aServer(chain);
    const client = aClient(server);
    const post = { method: 'POST', headers: { authorization: 'Bearer t', 'content-type': 'text/plain' }, body: 'x' };
    expect(await client.request({ ...post, url: `${server.url}/307/%2Fa`, redirects: 1 })).toMatchObject({
      status: 200,
      url: `${server.url}/a`,
    });
    expect(server.hits[1]).toMatchObject({ method: 'POST', body: 'x', headers: { authorization: 'Bearer t' } });
    await client.request({ ...post, url: `${server.url}/302/%2Fb`, redirects: 1 });
    expect(server.hits[3]).toMatchObject({ method: 'GET', body: '', headers: { authorization: 'Bearer t' } });
    expect(server.hits[3]?.headers['content-type']).toBeUndefined();
  });

  it('drop whatever could be a credential on the way to another origin', async () => {
    const other = await aServer();
    const server = await aServer(chain);
    const client = aClient(server, { allow: ['127.0.0.1'] });
    await client.request({
      url: `${server.url}/302/${encodeURIComponent(other.url)}`,
      headers: { authorization: 'Bearer t', cookie: 'a=b', 'x-api-key': 'k', accept: 'text/html' },
      redirects: 2,
    });
    expect(other.hits[0]?.headers).toMatchObject({ accept: 'text/html' });
    for (const name of ['authorization', 'cookie', 'x-api-key'])
      expect(other.hits[0]?.headers).not.toHaveProperty(name);
  });

  it('never carry a body to another origin', async () => {
    const other = await aServer();
    const server = await aServer(chain);
    const request = {
      url: `${server.url}/308/${encodeURIComponent(other.url)}`,
      method: 'PUT',
      body: 'x',
      redirects: 2,
    };
    await expect(aClient(server, { allow: ['127.0.0.1'] }).request(request)).rejects.toMatchObject({
      code: 'outbound.redirect_refused',
    });
    expect(other.hits).toHaveLength(0);
  });

  it('end after as many as were asked for', async () => {
    const server = await aServer((_hit, response) => {
      response.writeHead(302, { location: '/again' });
      response.end();
    });
    await expect(aClient(server).request({ url: server.url, redirects: 3 })).rejects.toMatchObject({
      code: 'outbound.redirect_refused',
    });
    expect(server.hits).toHaveLength(4);
  });
});

describe('TLS', () => {
  it('names and verifies the host of the URL although the socket goes to a checked address', async () => {
    const tls = selfSigned('api.example');
    const server = await localServer(undefined, tls);
    open.push(server);
    const config = { allow: [`127.0.0.1:${server.port}`], resolve: async () => ['127.0.0.1'] };
    const trusting = aClient(server, { ...config, ca: tls.cert });
    const url = `https://api.example:${server.port}/`;
    await expect(trusting.request({ url })).resolves.toMatchObject({ status: 200 });
    expect(server.hits[0]).toMatchObject({ servername: 'api.example' });
    await expect(trusting.request({ url: url.replace('api', 'other') })).rejects.toMatchObject({
      code: 'outbound.failed',
      retryable: false,
    });
    expect(server.hits).toHaveLength(1);
  });

  it('trusts no certificate that nobody vouches for, whatever the environment says', async () => {
    const server = await localServer(undefined, selfSigned('api.example'));
    open.push(server);
    const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    try {
      const client = aClient(server, { resolve: async () => ['127.0.0.1'] });
      await expect(client.request({ url: `https://api.example:${server.port}/` })).rejects.toMatchObject({
        code: 'outbound.failed',
        retryable: false,
      });
    } finally {
      if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
    }
    expect(server.hits).toHaveLength(0);
  });
});
