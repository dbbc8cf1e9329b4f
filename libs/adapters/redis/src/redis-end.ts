import type { Redis } from 'ioredis';

/** Drops the connection, also when the other side hangs and would never say goodbye; the next one is made by itself. */
export function cutNow(client: Redis): void {
  const { stream } = client as { readonly stream?: { destroy(): void } };
  stream?.destroy();
}

/** Ends a client for good, without a wait. */
export function endAtOnce(client: Redis): void {
  client.disconnect();
  cutNow(client);
}
