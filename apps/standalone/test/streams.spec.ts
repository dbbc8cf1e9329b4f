import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LiveEvents, TaskLog, type KeptLine } from '@flow/instances';
import type { DomainId, InstanceId } from '@flow/kernel';
import { OpenStreams } from '../../public-api/src/instances/open-streams';
import { ApiWorld, MANUAL, until } from './api-world';
import { StreamReader, type Item } from './stream-reader';

const NDJSON = { accept: 'application/x-ndjson' };
const SECRET = 'hunter2-hunter2-hunter2';

describe('Events and logs of an instance', () => {
  let world: ApiWorld;
  let domain: string;
  let target: Server;
  let url: string;
  /** Calls that wait for their answer. */
  let open: ServerResponse[] = [];

  beforeAll(async () => {
    world = await ApiWorld.open({
      OUTBOUND_ALLOW: '127.0.0.1',
      DRAIN_TIMEOUT: 'PT5S',
      TASK_LOG_LINES: '5000',
      TASK_LOG_BYTES: '64MiB',
    });
    target = createServer((_request, response) => open.push(response)).listen(0, '127.0.0.1');
    await new Promise((resolve) => target.once('listening', resolve));
    url = `http://127.0.0.1:${(target.address() as AddressInfo).port}/`;
  });
  beforeEach(() => {
    domain = world.newDomain();
    open = [];
  });
  afterAll(async () => {
    await world.close();
    target.closeAllConnections();
    target.close();
  });

  const fetch = (id: string, parameters: object = {}) => ({
    id,
    operator: '@http/request',
    parameters: { url, ...parameters },
  });
  const start = async (...steps: object[]): Promise<string> => {
    const dag = (await world.must('POST', '/dags', { title: `Flow ${domain}`, steps: [MANUAL, ...steps] }, { domain }))
      .id;
    return (await world.must('POST', `/dags/${dag}/run`, {}, { domain })).id;
  };
  const reply = async () => (await until(() => open.shift())).end('ok');
  const follow = (path: string, headers: Record<string, string> = {}) =>
    StreamReader.open(world, path, { domain, headers });
  const list = async (path: string, headers: Record<string, string> = {}) => {
    const { text } = await world.must('GET', path, undefined, { domain, headers: { ...NDJSON, ...headers } });
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Item);
  };
  const isOver = (id: string) =>
    until(async () => {
      const { status } = (await world.must('GET', `/instances/${id}`, undefined, { domain })).as<{ status: string }>();
      return ['succeeded', 'failed', 'cancelled'].includes(status) ? status : undefined;
    });
  const write = async (instance: string, lines: number, message: string) => {
    const log = world.standalone.http.app.get(TaskLog, { strict: false });
    const first = (await log.head(instance as InstanceId)) + 1;
    const made = Array.from({ length: lines }, (_, i): KeptLine => ({
      domain: domain as DomainId,
      instance: instance as InstanceId,
      bytes: message.length,
      line: {
        seq: first + i,
        kind: 'line',
        at: '2026-01-01T00:00:00.000Z',
        level: 'info',
        message,
        taskId: 'task',
        stepId: 'a',
        path: 'a',
        attempt: 1,
      },
    }));
    await log.append(made);
    world.standalone.http.app.get(LiveEvents, { strict: false }).published(instance as InstanceId, 'lines');
  };
  const waitingBytes = () => world.standalone.http.app.get(OpenStreams, { strict: false }).bytes;
  const openCount = () => world.standalone.http.app.get(OpenStreams, { strict: false }).count;

  it('come as they happen, in order, and the stream ends with the instance', async () => {
    const id = await start(fetch('a'), fetch('b'));
    const stream = await follow(`/instances/${id}/events`);
    expect(stream.status).toBe(200);
    expect(stream.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'x-accel-buffering': 'no',
    });
    expect(stream.headers['x-request-id']).toBeDefined();
    expect(stream.headers['content-encoding']).toBeUndefined();
    const seen = (await stream.count(3)).map(({ type, path }) =>
      `${type} ${(path as string | undefined) ?? ''}`.trim(),
    );
    expect(seen.slice(0, 3)).toEqual(['instance.started', 'task.succeeded start', 'task.running a']);
    expect(stream.text.startsWith('retry: 2000\n\n')).toBe(true);
    await reply();
    await until(() => (stream.items.some(({ path }) => path === 'b') ? true : undefined));
    expect(stream.over).toBe(false);
    await reply();
    const all = await stream.rest();
    expect(all.map(({ type, path }) => `${type} ${(path as string | undefined) ?? ''}`.trim()).slice(-2)).toEqual([
      'task.succeeded b',
      'instance.succeeded',
    ]);
    expect(stream.end).toEqual({ type: 'end', status: 'succeeded' });
    expect(stream.complete).toBe(true);
    const history = (await world.must('GET', `/instances/${id}/history?limit=200`, undefined, { domain })).as<{
      items: object[];
    }>().items;
    expect(all.map(({ id: _id, ...event }) => event)).toEqual(history);
  });

  it('go on behind every event without a gap or a double', async () => {
    const id = await start(
      ...['a', 'b', 'c'].map((step) => ({ id: step, operator: '@internal/text/join', parameters: { texts: [step] } })),
      fetch('z'),
    );
    await reply();
    expect(await isOver(id)).toBe('succeeded');
    const all = await list(`/instances/${id}/events`);
    expect(all.length).toBeGreaterThan(8);
    for (const [i, { id: last }] of all.entries()) {
      const rest = all.slice(i + 1);
      expect(await list(`/instances/${id}/events`, { 'last-event-id': last })).toEqual(rest);
      expect(await list(`/instances/${id}/events?after=${last}`)).toEqual(rest);
      if (rest.length === 0) continue;
      const stream = await follow(`/instances/${id}/events`, { 'last-event-id': last });
      expect(await stream.rest()).toEqual(rest);
      expect(stream.end).toEqual({ type: 'end', status: 'succeeded' });
    }
  });

  it('tell a browser that has everything not to come again', async () => {
    const id = await start();
    await isOver(id);
    const last = (await list(`/instances/${id}/events`)).at(-1)!.id;
    const again = await world.call('GET', `/instances/${id}/events`, undefined, {
      domain,
      headers: { 'last-event-id': last },
    });
    expect([again.status, again.text]).toEqual([204, '']);
    expect((await follow(`/instances/${id}/logs`)).status).toBe(200);
  });

  it('go on over a restart of the service, and the stop does not wait for them', async () => {
    const id = await start(fetch('a'), fetch('b'));
    const before = await follow(`/instances/${id}/events`);
    const log = await follow(`/instances/${id}/logs`, { ...NDJSON, accept: 'application/x-ndjson' });
    log.close();
    await before.count(3);
    await reply();
    await until(() => (before.items.some(({ path }) => path === 'b') ? true : undefined));
    const follower = await follow(`/instances/${id}/events?follow=true`, NDJSON);
    await follower.count(4);
    // The answer that is under way would hold up the stop.
    await until(() => open[0]);
    const stopping = world.restart();
    await Promise.all([before.rest(), follower.rest()]);
    expect([before.end, before.complete, follower.end, follower.complete]).toEqual([undefined, true, undefined, true]);
    for (const response of open.splice(0)) response.destroy();
    await stopping;
    const last = before.ids.at(-1)!;
    const after = await follow(`/instances/${id}/events`, { 'last-event-id': last });
    // The call that the stop cut off is made again.
    await reply();
    await after.rest();
    expect(after.end).toEqual({ type: 'end', status: 'succeeded' });
    expect([...before.items, ...after.items]).toEqual(await list(`/instances/${id}/events`));
  });

  it('logs: each line once, masked, by task, behind any number, also after a restart', async () => {
    await world.must('POST', '/secrets', { name: 'key', value: SECRET, hosts: ['127.0.0.1'] }, { domain });
    const id = await start(
      fetch('a', { url: `${url}?key=${SECRET}`, headers: { authorization: 'Bearer {{secrets.key}}' } }),
      fetch('b'),
    );
    const stream = await follow(`/instances/${id}/logs`);
    await reply();
    await stream.count(1);
    await reply();
    const lines = await stream.rest();
    expect(lines).toMatchObject([
      { id: '1', type: 'log.line', seq: 1, level: 'info', stepId: 'a', path: 'a', attempt: 1 },
      { id: '2', type: 'log.line', seq: 2, level: 'info', stepId: 'b' },
    ]);
    expect(lines[0]!.message).toMatch(/^GET 127\.0\.0\.1:\d+ answered 200$/);
    expect(stream.text).not.toContain(SECRET);
    expect(stream.end).toEqual({ type: 'end', status: 'succeeded' });
    expect(await list(`/instances/${id}/logs`)).toEqual(lines);
    expect(await list(`/instances/${id}/logs?after=1`)).toEqual(lines.slice(1));
    expect(await list(`/instances/${id}/logs?taskId=${String(lines[1]!.taskId)}`)).toEqual(lines.slice(1));
    await world.restart();
    expect(await list(`/instances/${id}/logs`)).toEqual(lines);
  });

  it('do not fill the memory for a reader that stops reading, which gets everything later all the same', async () => {
    const id = await start(fetch('a'));
    await until(() => open[0]);
    const slow = await follow(`/instances/${id}/logs`);
    slow.stopReading();
    const message = 'x'.repeat(8_000);
    let highest = 0;
    for (let written = 0; written < 4_000; written += 200) {
      await write(id, 200, message);
      highest = Math.max(highest, waitingBytes());
    }
    await until(() => (waitingBytes() > 0 ? true : undefined));
    const fast = await follow(`/instances/${id}/logs?follow=true`, NDJSON);
    await fast.count(4_000);
    highest = Math.max(highest, waitingBytes());
    // 32 MB were written; what waits for the reader is a page or two.
    expect(highest).toBeLessThan(1_500_000);
    expect([waitingBytes() > 0, slow.items.length]).toEqual([true, 0]);
    slow.readOn();
    await slow.count(4_000);
    expect(slow.items.map(({ seq }) => seq)).toEqual(Array.from({ length: 4_000 }, (_, i) => i + 1));
    await reply();
    await Promise.all([slow.rest(), fast.rest()]);
    expect(slow.items).toEqual(fast.items);
    expect(slow.items).toHaveLength(4_001);
    expect([slow.end, fast.end]).toEqual([slow.end, { type: 'end', status: 'succeeded' }]);
  });

  it('a plain list ends though the instance goes on; with follow it stays open until its end', async () => {
    const id = await start(fetch('a'));
    const now = await world.must('GET', `/instances/${id}/events`, undefined, { domain, headers: NDJSON });
    expect(now.headers['content-type']).toBe('application/x-ndjson');
    expect(now.text.endsWith('\n')).toBe(true);
    expect(now.text).not.toContain('"end"');
    const stream = await follow(`/instances/${id}/logs?follow=true`, NDJSON);
    expect(stream.status).toBe(200);
    await reply();
    expect(await stream.rest()).toHaveLength(1);
    expect(stream.end).toEqual({ type: 'end', status: 'succeeded' });
  });

  it.each(['x', '1', '0.0', '1.0', '1.x', '-1.1', '1.1.1', '99.1', '1.99', '1e3.1', '99999999999999999999.1'])(
    'refuse the broken or unknown event id %s before anything is sent',
    async (last) => {
      const id = await start();
      await isOver(id);
      for (const accept of ['text/event-stream', 'application/x-ndjson']) {
        const answer = await world.call('GET', `/instances/${id}/events`, undefined, {
          domain,
          headers: { accept, 'last-event-id': last },
        });
        expect([answer.status, answer.problem.code]).toEqual([400, 'last_event_id.invalid']);
        expect(answer.headers['content-type']).toContain('application/problem+json');
      }
    },
  );

  it.each(['x', '0', '1.1', '-1', '2', '1e3', '99999999999999999999'])(
    'refuse the broken or unknown line number %s',
    async (last) => {
      const id = await start(fetch('a'));
      await reply();
      await isOver(id);
      const answer = await world.call('GET', `/instances/${id}/logs`, undefined, {
        domain,
        headers: { 'last-event-id': last },
      });
      expect([answer.status, answer.problem.code]).toEqual([400, 'last_event_id.invalid']);
    },
  );

  it('are not found in another domain, and nothing of a stream is sent', async () => {
    const id = await start(fetch('a'));
    for (const path of ['events', 'logs']) {
      const answer = await world.call('GET', `/instances/${id}/${path}`, undefined, { domain: world.newDomain() });
      expect([answer.status, answer.problem.code]).toEqual([404, 'instance.not_found']);
      expect(answer.headers['content-type']).toContain('problem+json');
    }
    await reply();
  });

  it('leave nothing behind when their reader goes, and answer HEAD without opening one', async () => {
    const id = await start(fetch('a'));
    const streams = await Promise.all(['events', 'logs', 'logs'].map((path) => follow(`/instances/${id}/${path}`)));
    expect(openCount()).toBe(3);
    for (const stream of streams) stream.close();
    await until(() => (openCount() === 0 ? true : undefined));
    const head = await world.call('HEAD', `/instances/${id}/events`, undefined, { domain });
    expect([head.status, head.headers['content-type'], openCount()]).toEqual([200, 'text/event-stream', 0]);
    await reply();
  });

  it('are named in the OpenAPI document with their media types and the header that resumes them', async () => {
    const { paths } = (await world.call('GET', '//openapi.json')).as<{
      paths: Record<
        string,
        { get: { parameters: { name: string }[]; responses: Record<string, { content?: object }> } }
      >;
    }>();
    for (const path of ['events', 'logs']) {
      const { parameters, responses } = paths[`/api/automation/v1/instances/{id}/${path}`]!.get;
      expect(Object.keys(responses['200']!.content!)).toEqual(['text/event-stream', 'application/x-ndjson']);
      expect(parameters.map(({ name }) => name)).toContain('Last-Event-ID');
    }
  });
});

describe('Limits of streams and logs', () => {
  it('MAX_STREAMS refuses one more with 503 and Retry-After, and lets it in when another has gone', async () => {
    const world = await ApiWorld.open({ MAX_STREAMS: '2', OUTBOUND_ALLOW: '127.0.0.1', DRAIN_TIMEOUT: 'PT0.1S' });
    const target = createServer(() => undefined).listen(0, '127.0.0.1');
    try {
      await new Promise((resolve) => target.once('listening', resolve));
      const url = `http://127.0.0.1:${(target.address() as AddressInfo).port}/`;
      const dag = await world.must('POST', '/dags', {
        title: 'Hang',
        steps: [MANUAL, { id: 'a', operator: '@http/request', parameters: { url } }],
      });
      const { id } = await world.must('POST', `/dags/${dag.id}/run`, {});
      const path = `/instances/${id}/events`;
      const [first] = [await StreamReader.open(world, path), await StreamReader.open(world, path)];
      const refused = await world.call('GET', path);
      expect([refused.status, refused.problem.code, refused.headers['retry-after']]).toEqual([
        503,
        'stream.too_many',
        '5',
      ]);
      first.close();
      const third = await until(async () => {
        const stream = await StreamReader.open(world, path);
        return stream.status === 200 ? stream : undefined;
      });
      await third.count(1);
    } finally {
      await world.close();
      target.closeAllConnections();
      target.close();
    }
  });

  it('a task that logs too much is told so in its last line', async () => {
    const world = await ApiWorld.open({ TASK_LOG_LINES: '3', OUTBOUND_ALLOW: '127.0.0.1' });
    let asked = 0;
    const target = createServer((_request, response) => {
      asked += 1;
      response.statusCode = 503;
      response.end();
    }).listen(0, '127.0.0.1');
    try {
      await new Promise((resolve) => target.once('listening', resolve));
      const url = `http://127.0.0.1:${(target.address() as AddressInfo).port}/`;
      const dag = await world.must('POST', '/dags', {
        title: 'Retries',
        steps: [
          MANUAL,
          {
            id: 'a',
            operator: '@http/request',
            parameters: { url },
            settings: { retry: { max: 5, delay: 0.1, backoff: 'fixed', jitter: false } },
          },
        ],
      });
      const { id } = await world.must('POST', `/dags/${dag.id}/run?wait=PT10S`, {});
      expect(asked).toBe(6);
      const { text } = await world.must('GET', `/instances/${id}/logs`, undefined, { headers: NDJSON });
      const lines = text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Item);
      expect(lines.map(({ type, attempt }) => `${type} ${String(attempt)}`)).toEqual([
        'log.line 1',
        'log.line 2',
        'log.line 3',
        'log.full 4',
      ]);
      expect(lines[3]!.message).toContain('TASK_LOG_LINES 3');
    } finally {
      await world.close();
      target.close();
    }
  });
});
