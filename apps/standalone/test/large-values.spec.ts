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
        `${world.standalone.addresses.public}${API_PREFIX}/instances/${run.value.id}/tasks/${items[1]?.id ?? ''}`,
        { headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'x-business-domain': domain } },
      );
      let size = 0;
      for await (const piece of answer.body as unknown as AsyncIterable<Uint8Array>) size += piece.length;
      return { status: answer.status, size };
    });
    expect(read.value.status).toBe(200);
    expect(read.value.size).toBeGreaterThan(body.length);

    for (const { p99, max, moreMiB } of [run, read]) {
      expect(p99).toBeLessThan(100);
      expect(max).toBeLessThan(1_000);
      expect(moreMiB).toBeLessThan(1_500);
    }
    expect(world.errors).toEqual([]);
  });
});
