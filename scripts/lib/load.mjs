// A load generator that costs next to nothing: one prepared request over keep-alive sockets, answers counted by their content-length.
import { connect } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');

function requestBytes({ host, port, method, path, headers, body }) {
  const lines = Object.entries({ host: `${host}:${port}`, ...headers, 'content-length': Buffer.byteLength(body) });
  return Buffer.from(
    `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}`).join('\r\n')}\r\n\r\n${body}`,
  );
}

/** Sends the request again and again on one connection while `goesOn()`; tells each answer's status and milliseconds. */
function caller(target, bytes, goesOn, answered) {
  return new Promise((resolve, reject) => {
    const socket = connect(target.port, target.host).setNoDelay(true);
    let pending = Buffer.alloc(0);
    let sentAt = 0;
    const send = () => {
      sentAt = performance.now();
      socket.write(bytes);
    };
    socket.once('error', reject).once('connect', send);
    socket.on('data', (chunk) => {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      const headEnd = pending.indexOf(HEAD_END);
      if (headEnd < 0) return;
      const head = pending.latin1Slice(0, headEnd);
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
      if (pending.length < headEnd + HEAD_END.length + length) return;
      pending = pending.subarray(headEnd + HEAD_END.length + length);
      answered(Number(head.slice(9, 12)), performance.now() - sentAt);
      if (goesOn()) send();
      else socket.end(() => resolve());
    });
  });
}

/** Sends `count` requests over `callers` connections, as fast as they are answered; gives how many came with each status, and the seconds. */
export async function fire(origin, { method = 'POST', path, headers = {}, body = '{}' }, callers, count) {
  const { hostname: host, port } = new URL(origin);
  const target = { host, port: Number(port) };
  const bytes = requestBytes({ ...target, method, path, headers, body });
  const startedAt = performance.now();
  const statuses = new Map();
  let sent = Math.min(callers, count);
  await Promise.all(
    Array.from({ length: sent }, () =>
      caller(
        target,
        bytes,
        () => sent < count && (sent += 1) > 0,
        (status) => statuses.set(status, (statuses.get(status) ?? 0) + 1),
      ),
    ),
  );
  return { statuses, seconds: (performance.now() - startedAt) / 1_000 };
}

/**
 * `callers` connections, each with one request under way, for `seconds` (a fifth of that before it is warm-up) or until `most` were sent.
 * Gives answers per second and the milliseconds of the median and the slowest hundredth. Throws when anything but 2xx came.
 */
export async function load(
  origin,
  { method = 'POST', path, headers = {}, body = '{}' },
  callers,
  seconds,
  most = Infinity,
) {
  const { hostname: host, port } = new URL(origin);
  const target = { host, port: Number(port) };
  const bytes = requestBytes({ ...target, method, path, headers, body });
  const countFrom = performance.now() + (most < Infinity ? 0 : seconds * 200);
  let sent = callers;
  const until = countFrom + seconds * 1_000;
  const times = [];
  const refused = new Map();
  await Promise.all(
    Array.from({ length: callers }, () =>
      caller(
        target,
        bytes,
        () => performance.now() < until && (sent += 1) <= most,
        (status, ms) => {
          if (status >= 300) refused.set(status, (refused.get(status) ?? 0) + 1);
          else if (performance.now() >= countFrom) times.push(ms);
        },
      ),
    ),
  );
  if (refused.size > 0) throw new Error(`Requests were refused: ${JSON.stringify(Object.fromEntries(refused))}`);
  const elapsed = (performance.now() - countFrom) / 1_000;
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? NaN;
  return { perSecond: Math.round(times.length / elapsed), p50: at(0.5), p99: at(0.99) };
}
