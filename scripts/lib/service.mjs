// Starts the built service as a child on free ports with a throw-away data folder, for the demo and the benchmarks.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const mainOf = (app) => join(root, 'dist', 'apps', app, 'src', 'main.js');
const TOKEN = 'local-throw-away-token-that-protects-nothing';

export async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** A running process of an app: its address, its token, `call(method, path, body)`, `stop()`; `folder` is removed by `stop` unless it was given. */
export async function startService({ folder, env = {}, app = 'standalone' } = {}) {
  const dataDir = folder ?? (await mkdtemp(join(tmpdir(), 'flow-')));
  const [port, privatePort] = [await freePort(), await freePort()];
  const startedAt = performance.now();
  const child = spawn(process.execPath, [mainOf(app)], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      API_SERVER_PORT: String(port),
      API_SERVER_PRIVATE_PORT: String(privatePort),
      DATA_DIR: dataDir,
      ADMIN_TOKEN: TOKEN,
      LOG_LEVEL: 'warn',
      ...env,
    },
  });
  // A script that fails leaves no service behind.
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  let output = '';
  const keep = (chunk) => (output = (output + chunk).slice(-20_000));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const exited = new Promise((done) => child.once('exit', (code, signal) => done({ code, signal })));
  void exited.then(() => process.off('exit', end));
  const origin = `http://127.0.0.1:${port}`;
  const headers = { authorization: `Bearer ${TOKEN}` };

  /** The parsed answer; throws with the problem's detail when it is an error. */
  const call = (method, path, body, more = {}) => ask(origin, method, path, body, more);
  const callPrivate = (method, path, body) => ask(`http://127.0.0.1:${privatePort}`, method, path, body, {});

  async function ask(at, method, path, body, more) {
    const response = await fetch(`${at}/api/automation/v1${path}`, {
      method,
      headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }), ...more },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const value = text === '' ? null : JSON.parse(text);
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${value?.detail ?? text}`);
    return value;
  }

  async function untilReady() {
    for (;;) {
      const answer = await fetch(`http://127.0.0.1:${privatePort}/health/ready`).catch(() => undefined);
      if (answer?.ok) return;
      const ended = await Promise.race([exited, new Promise((done) => setTimeout(done, 5))]);
      if (ended) throw new Error(`The service ended before it was ready (${JSON.stringify(ended)}):\n${output}`);
    }
  }
  await untilReady();

  const metrics = async () => (await fetch(`http://127.0.0.1:${privatePort}/metrics`)).text();

  /** Bytes of JavaScript's heap, and milliseconds that work waited for its turn since anything of this was asked last: half of it less than p50, a hundredth more than p99. */
  async function look() {
    const text = await metrics();
    const read = (name) => Number(new RegExp(`^flow_nodejs_${name} (\\S+)`, 'm').exec(text)?.[1]);
    const lag = (name) => 1_000 * read(`eventloop_lag_${name}_seconds`);
    return { heapBytes: read('heap_size_used_bytes'), p50: lag('p50'), p99: lag('p99'), max: lag('max') };
  }

  return {
    pid: child.pid,
    loopDelay: look,
    look,
    callPrivate,
    origin,
    headers,
    call,
    dataDir,
    readyMs: performance.now() - startedAt,
    output: () => output,
    async kill(signal = 'SIGKILL') {
      child.kill(signal);
      return exited;
    },
    async stop() {
      child.kill('SIGTERM');
      const ended = await exited;
      if (!folder) await rm(dataDir, { recursive: true, force: true });
      return ended;
    },
  };
}
