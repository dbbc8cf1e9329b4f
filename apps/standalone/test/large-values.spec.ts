import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { API_PREFIX } from '@flow/http';
import { ADMIN_TOKEN, ApiWorld, MANUAL } from './api-world';

const MIB = 1024 * 1024;

/** JSON of nearly so many bytes: a list of small objects, as a query of a data base answers. */
function jsonOf(bytes: number): Buffer {
  const items: string[] = [];
  for (let size = 30, i = 0; ; i += 1) {
    const item = JSON.stringify({ id: i, name: `item ${i}`, text: 'x'.repeat(200), tags: ['a', 'b'] });
    size += item.length + 1;
    if (size > bytes) return Buffer.from(`{"title":"Many","items":[${items.join(',')}]}`);
    items.push(item);
  }
}

const ms = (nanoseconds: number) => Math.round(nanoseconds / 1e6);

/** How late the event loop comes round while the work is done, and how much memory the process takes more than before. */
async function measured<T>(name: string, work: () => Promise<T>) {
  global.gc?.();
  const before = process.memoryUsage.rss();
  let peak = before;
  const sampler = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20);
  const delay = monitorEventLoopDelay({ resolution: 10 });
  const startedAt = performance.now();
  delay.enable();
  const value = await work();
  delay.disable();
  clearInterval(sampler);
  const [p50, p99, max] = [ms(delay.percentile(50)), ms(delay.percentile(99)), ms(delay.max)];
  const moreMiB = Math.round((peak - before) / MIB);
  process.stdout.write(
    `${name}: ${Math.round(performance.now() - startedAt)} ms; loop delay p50 ${p50} ms, p99 ${p99} ms, max ${max} ms; memory +${moreMiB} MiB\n`,
  );
  return { value, p50, p99, max, moreMiB };
}

describe('A large body', () => {
  const SECRET = 'the-secret-of-the-shop';
  const long = `${'x'.repeat(65_530)}${SECRET}${'ü'.repeat(300_000)}`;
  const bytes = Buffer.from(Array.from({ length: 400_000 }, (_, i) => i % 256));
  const answers: Record<string, readonly [number, string, string | Buffer]> = {
    '/text': [200, 'text/plain; charset=utf-8', long],
    '/json': [200, 'application/json', JSON.stringify({ said: long, [SECRET]: 1 })],
    '/bytes': [200, 'application/octet-stream', bytes],
    '/latin': [200, 'text/plain; charset=latin1', Buffer.from('ü'.repeat(300_000), 'latin1')],
    '/no-json': [200, 'application/json', `{${long}`],
    '/failed': [418, 'text/plain', long],
  };
  let world: ApiWorld;
  let domain: string;
  let other: Server;
  let url: string;

  beforeAll(async () => {
    world = await ApiWorld.open({ OUTBOUND_ALLOW: '127.0.0.1' });
    other = createServer((request, response) => {
      const [status, type, content] = answers[request.url ?? ''] ?? [404, 'text/plain', ''];
      response.writeHead(status, { 'content-type': type }).end(content);
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  });
  beforeEach(async () => {
    domain = world.newDomain();
    await world.must('POST', '/secrets', { name: 'shop', value: SECRET, hosts: ['127.0.0.1'] }, { domain });
  });
  afterAll(async () => {
    other.close();
    await world.close();
  });

  interface Ran {
    readonly status: string;
    readonly result: { readonly body: unknown; readonly type: unknown } | null;
    readonly reason: { readonly code: string; readonly message: string } | null;
  }
  async function get(path: string, more: object = {}): Promise<Ran> {
    const headers = { authorization: 'Bearer {{secrets.shop}}' };
    const steps = [MANUAL, { id: 'get', operator: '@http/request', parameters: { url: url + path, headers, ...more } }];
    const outputs = { body: '{{__get.body}}', type: '{{__get.bodyType}}' };
    const dag = await world.must(
      'POST',
      '/dags',
      { title: `Get ${path.slice(1)} ${JSON.stringify(more).length}`, steps, outputs },
      { domain },
    );
    const run = await world.must('POST', `/dags/${dag.id}/run?wait=PT30S`, {}, { domain });
    return (await world.must('GET', `/instances/${run.id}`, undefined, { domain })).as<Ran>();
  }
  const masked = long.replace(SECRET, '***');

  it('is text, the secret hidden that it gives back', async () => {
    expect((await get('/text')).result).toEqual({ body: masked, type: 'text' });
  });

  it('is JSON, the secret hidden in texts and keys', async () => {
    expect((await get('/json')).result).toEqual({ body: { said: masked, '***': 1 }, type: 'json' });
  });

  it('is Base64 of what is no text', async () => {
    expect((await get('/bytes')).result).toEqual({ body: bytes.toString('base64'), type: 'base64' });
  });

  it('is text of another charset', async () => {
    expect((await get('/latin')).result).toEqual({ body: 'ü'.repeat(300_000), type: 'text' });
  });

  it('is text when it only claims to be JSON, and a failure when JSON was asked for', async () => {
    expect((await get('/no-json')).result).toEqual({ body: `{${masked}`, type: 'text' });
    expect((await get('/no-json', { responseType: 'json' })).reason).toMatchObject({ code: 'http.body_invalid' });
  });

  it('is not kept when the status was not expected', async () => {
    const { reason } = await get('/failed');
    expect(reason).toMatchObject({ code: 'http.status', output: { status: 418, body: null } });
    expect(reason?.message).toContain('Its long body is not kept.');
    expect(world.errors).toEqual([]);
  });
});

describe('An output of 64 MiB', () => {
  const body = jsonOf(64 * MIB);
  const digest = createHash('sha256').update(body).digest('hex');
  let world: ApiWorld;
  let other: Server;
  let url: string;
  let received: string[];

  beforeAll(async () => {
    world = await ApiWorld.open({ OUTBOUND_ALLOW: '127.0.0.1' });
    other = createServer((request, response) => {
      if (request.method === 'GET') {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(body);
        return;
      }
      const hash = createHash('sha256');
      request.on('data', (piece: Buffer) => hash.update(piece));
      request.on('end', () => {
        received.push(hash.digest('hex'));
        response.end('taken');
      });
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    url = `http://127.0.0.1:${(other.address() as AddressInfo).port}/`;
  });
  beforeEach(() => {
    received = [];
  });
  afterAll(async () => {
    other.close();
    await world.close();
  });

  it('goes through a run and comes back whole without holding up the event loop', async () => {
    expect(body.length).toBeGreaterThan(63.9 * MIB);
    const domain = world.newDomain();
    const steps = [
      MANUAL,
      { id: 'get', operator: '@http/request', parameters: { url, maxResponseBytes: 64 * MIB } },
      { id: 'put', operator: '@http/request', parameters: { url, method: 'PUT', body: '{{__get.body}}' } },
      {
        id: 'part',
        operator: '@internal/text/template',
        parameters: { template: 'It is {{ . }}', data: '{{__get.body.items.77777.name}}' },
      },
    ];
    const outputs = { name: '{{__part.text}}', last: '{{__get.body.items.5.tags[1]}}' };
    const dag = await world.must('POST', '/dags', { title: 'Large', steps, outputs }, { domain });
    const run = await measured('64 MiB got, sent and read', async () =>
      (await world.must('POST', `/dags/${dag.id}/run?wait=PT50S`, {}, { domain })).as<{
        id: string;
        status: string;
        reason: unknown;
        result: unknown;
      }>(),
    );
    expect(run.value).toMatchObject({ status: 'succeeded', result: { name: 'It is item 77777', last: 'b' } });
    expect(received).toEqual([digest]);

    const { items } = (await world.must('GET', `/instances/${run.value.id}/tasks`, undefined, { domain })).as<{
      items: { id: string; output: unknown; large?: unknown }[];
    }>();
    expect(items[1]).toMatchObject({ output: { status: 200, body: null } });
    expect(items[1]?.large).toEqual([{ pointer: '/output/body', bytes: body.length }]);

    const read = await measured('64 MiB read by GET of the task', async () => {
      const answer = await fetch(
        `${world.addressOf('public')}${API_PREFIX}/instances/${run.value.id}/tasks/${items[1]?.id ?? ''}`,
        { headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'x-business-domain': domain } },
      );
      let size = 0;
      for await (const piece of answer.body as unknown as AsyncIterable<Uint8Array>) size += piece.length;
      return { status: answer.status, size };
    });
    expect(read.value.status).toBe(200);
    expect(read.value.size).toBeGreaterThan(body.length);

    const looking = {
      title: 'Looking',
      steps: steps.slice(0, 2),
      outputs: {
        late: '{{__get.body.items.slice(77777, 77779).map(i, i.name)}}',
        last: '{{__get.body.items[vars.n].id}}',
      },
      vars: { n: { type: 'number', default: 200_000 } },
    };
    const looks = await world.must('POST', '/dags', looking, { domain });
    const looked = await measured('64 MiB looked into by an expression', async () =>
      (await world.must('POST', `/dags/${looks.id}/run?wait=PT50S`, {}, { domain })).as<object>(),
    );
    expect(looked.value).toMatchObject({
      status: 'succeeded',
      result: { late: ['item 77777', 'item 77778'], last: 200_000 },
    });

    for (const { p99, max, moreMiB } of [run, read, looked]) {
      // Of a process that does nothing else: some 30 ms; a machine that others use as well takes several times as long.
      expect(p99).toBeLessThan(200);
      expect(max).toBeLessThan(1_000);
      expect(moreMiB).toBeLessThan(1_500);
    }
    expect(world.errors).toEqual([]);
  });
});
