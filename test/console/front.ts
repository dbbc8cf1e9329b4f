import { readFile } from 'node:fs/promises';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

/** Built files before a service that does not serve them itself: what is no file goes to the service, and breaks off as it does. */
export async function frontOf(service: string, folder: string) {
  const server = createServer((incoming, outgoing) => {
    const path = normalize(new URL(incoming.url ?? '/', service).pathname);
    if (/^\/(api|docs|openapi)/.test(path)) pass(service, incoming, outgoing);
    else void give(folder, extname(path) === '' ? '/index.html' : path, outgoing);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function give(folder: string, path: string, outgoing: ServerResponse): Promise<void> {
  try {
    const bytes = await readFile(join(folder, path));
    outgoing.setHeader('content-type', TYPES[extname(path)] ?? 'application/octet-stream');
    outgoing.end(bytes);
  } catch {
    outgoing.statusCode = 404;
    outgoing.end();
  }
}

function pass(service: string, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { hostname, port } = new URL(service);
  const { method, url, headers } = incoming;
  const onward = request({ hostname, port, method, path: url, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    outgoing.flushHeaders();
    answer.pipe(outgoing);
    answer.once('error', () => outgoing.destroy());
    answer.once('close', () => !answer.complete && outgoing.destroy());
  });
  onward.once('error', () => outgoing.destroy());
  outgoing.once('close', () => onward.destroy());
  incoming.pipe(onward);
}
