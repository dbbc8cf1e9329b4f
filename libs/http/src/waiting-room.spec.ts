import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { WaitingRoom } from './waiting-room';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('WaitingRoom', () => {
  it('tells probes what is waited for, everybody else when to come back, and gives its ports up', async () => {
    const ports = { public: await freePort(), private: await freePort() };
    let awaited = ['mongodb', 'redis'];
    const room = await WaitingRoom.open('127.0.0.1', ports, () => awaited);
    const ask = async (port: number, path: string) => {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`);
      return { status: answer.status, after: answer.headers.get('retry-after'), body: (await answer.json()) as object };
    };
    for (const port of Object.values(ports)) {
      expect(await ask(port, '/health/alive')).toMatchObject({ status: 200, body: { status: 'up' } });
      expect(await ask(port, '/health/ready?x=1')).toMatchObject({
        status: 503,
        body: { status: 'down', checks: { mongodb: 'down', redis: 'down' } },
      });
      expect(await ask(port, '/anything')).toMatchObject({
        status: 503,
        after: '5',
        body: { code: 'server.starting' },
      });
    }
    awaited = ['redis'];
    expect((await ask(ports.public, '/health/startup')).body).toEqual({ status: 'down', checks: { redis: 'down' } });
    await room.close();
    for (const port of Object.values(ports)) {
      const server = createServer().listen(port, '127.0.0.1');
      await once(server, 'listening');
      server.close();
    }
  });

  it('opens nothing on a port that is chosen later, and leaves nothing open when one is taken', async () => {
    const [port, taken] = [await freePort(), await freePort()];
    const other = createServer().listen(taken, '127.0.0.1');
    await once(other, 'listening');
    await (await WaitingRoom.open('127.0.0.1', { public: 0 }, () => [])).close();
    const opening = WaitingRoom.open('127.0.0.1', { public: port, private: taken }, () => []);
    await expect(opening).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
    other.close();
  });
});
