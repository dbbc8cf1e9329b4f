import type { Redis, RedisOptions } from 'ioredis';

const ended = new WeakSet<Redis>();
const REVIVED_AFTER_MS = 500;

/** A client that is connected again for as long as nobody has ended it, also where the driver gives up (it does when a Sentinel says so at a bad moment). */
export async function makeClient(options: RedisOptions): Promise<Redis> {
  // Loaded here, so that services without Redis do not wait for it.
  const { Redis: Client } = await import('ioredis');
  const client = new Client(options);
  let isUp = false;
  client.on('ready', () => (isUp = true));
  client.on('end', () => {
    // One that never was connected is for whoever wanted it.
    if (!isUp) return;
    const timer = setTimeout(() => {
      if (!ended.has(client) && client.status === 'end') client.connect().catch(() => undefined);
    }, REVIVED_AFTER_MS);
    timer.unref();
  });
  return client;
}

/** Drops the connection, also when the other side hangs and would never say goodbye; the next one is made by itself. */
export function cutNow(client: Redis): void {
  const { stream } = client as { readonly stream?: { destroy(): void } };
  stream?.destroy();
}

/** Ends a client for good, without a wait. */
export function endAtOnce(client: Redis): void {
  ended.add(client);
  client.disconnect();
  cutNow(client);
}
