import { lookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { createSecureContext, rootCertificates } from 'node:tls';
import type { buildConnector } from 'undici';
import { plainHost, type OutboundGuard } from './http-client-guard';
import { OutboundBlocked, OutboundFailed, OutboundTimeout } from './http-client.errors';

/** All addresses of a host name. Throws when there are none. */
export type ResolveHost = (hostname: string) => Promise<readonly string[]>;

/** The machine's own resolver, hosts file included. */
export async function resolveBySystem(hostname: string): Promise<readonly string[]> {
  return (await lookup(hostname, { all: true, verbatim: true })).map(({ address }) => address);
}

/**
 * Connects to addresses that were checked, and to no other: the name is resolved once, every answer is judged (one
 * that is denied refuses them all), and the socket gets those very answers instead of asking again. TLS still
 * names and verifies the host of the URL.
 */
export function guardedConnector(
  build: typeof buildConnector,
  guard: OutboundGuard,
  resolve: ResolveHost,
  options: { connectTimeoutMs: number; ca?: string },
): buildConnector.connector {
  const trust =
    options.ca === undefined ? {} : { secureContext: createSecureContext({ ca: [...rootCertificates, options.ca] }) };
  return (target, callback) => {
    const hostname = plainHost(target.hostname);
    const port = target.port ? Number(target.port) : target.protocol === 'https:' ? 443 : 80;
    within(options.connectTimeoutMs, hostname, checkedAddresses(guard, resolve, hostname, port)).then(
      (addresses) => {
        const connect = build({
          timeout: options.connectTimeoutMs,
          rejectUnauthorized: true,
          ...trust,
          autoSelectFamily: true,
          lookup: answering(addresses),
        });
        const name = isIP(hostname) === 0 ? { servername: hostname } : {};
        connect({ ...target, ...name, hostname }, (...result) => {
          const socket = result[1];
          // The last word: where the socket really ended up.
          if (socket && !guard.permits(hostname, port, socket.remoteAddress ?? '')) {
            socket.destroy();
            callback(new OutboundBlocked(hostname), null);
          } else callback(...result);
        });
      },
      (error: unknown) => {
        callback(error as Error, null);
      },
    );
  };
}

async function checkedAddresses(
  guard: OutboundGuard,
  resolve: ResolveHost,
  hostname: string,
  port: number,
): Promise<readonly string[]> {
  const addresses = isIP(hostname) === 0 ? await resolved(resolve, hostname) : [hostname];
  if (!addresses.every((address) => guard.permits(hostname, port, address))) throw new OutboundBlocked(hostname);
  return addresses;
}

async function resolved(resolve: ResolveHost, hostname: string): Promise<readonly string[]> {
  const addresses = await resolve(hostname).catch((cause: unknown) => {
    throw new OutboundFailed(`The host name ${hostname} cannot be resolved.`, true, { cause });
  });
  if (addresses.length === 0) throw new OutboundFailed(`The host name ${hostname} has no address.`, true);
  return addresses;
}

/** The system's resolver takes no signal; a caller does not wait for it longer than for a connection. */
function within<T>(timeoutMs: number, hostname: string, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new OutboundTimeout(hostname, timeoutMs));
    }, timeoutMs);
    answer.then(resolve, reject).finally(() => {
      clearTimeout(timer);
    });
  });
}

/** A lookup that gives the same answers whatever it is asked. */
function answering(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_hostname, options, callback) => {
    const first = all[0];
    if (options.all) callback(null, all);
    else callback(null, first?.address ?? '', first?.family);
  };
}
