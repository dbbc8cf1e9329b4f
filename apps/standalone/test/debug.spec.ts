import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { API_PREFIX } from '@flow/http';
import { ADMIN_TOKEN, ApiWorld, MANUAL, until } from './api-world';
import { StreamReader } from './stream-reader';

interface Run {
  readonly id: string;
  readonly status: string;
  readonly version: string;
  readonly result: unknown;
  readonly debug: {
    readonly expiresAt: string;
    readonly breakpoints: string[];
    readonly pins: string[];
    readonly dryRun: boolean;
    readonly pausedAt: string | null;
    readonly held: { stepId: string; path: string }[];
  };
}
interface Task {
  readonly stepId: string;
  readonly path: string;
  readonly status: string;
  readonly output: unknown;
}

const END = { id: 'end', operator: '@internal/return', parameters: { got: '{{__define.value}}' } };
const define = (id: string, value: unknown) => ({
  id,
  operator: '@internal/define',
  parameters: { type: typeof value === 'number' || value === '{{trigger.n}}' ? 'number' : 'string', value },
});

describe('Debugging', () => {
  let world: ApiWorld;
  let domain: string;
  let target: Server;
  let url: string;
  let seen: string[];
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  /** Ann and Bob of the same domain may do everything. */
  let [ann, bob] = ['', ''];
  const call = (method: string, path: string, body?: object, token = ann) =>
    world.call(method, path, body, { domain, token });
  const must = async (method: string, path: string, body?: object) => {
    const given = await call(method, path, body);
    if (given.status >= 300) throw new Error(`${method} ${path}: ${given.status} ${given.text}`);
    return given;
  };
  const dag = (...steps: object[]) => ({ title: 'Debugged', steps: [MANUAL, ...steps] });
  const start = async (body: object) => (await must('POST', '/dags/debug/run', body)).as<Run>();
  const read = async (id: string) => (await must('GET', `/instances/${id}`)).as<Run>();
  const inStatus = (id: string, status: string) =>
    until(async () => {
      const run = await read(id);
      return run.status === status ? run : undefined;
    });
  const tasksOf = async (id: string) => (await must('GET', `/instances/${id}/tasks`)).as<{ items: Task[] }>().items;
  const step = async (id: string) => (await must('POST', `/instances/${id}/step`)).as<Run>();

  beforeAll(async () => {
    world = await ApiWorld.open({ OUTBOUND_ALLOW: '127.0.0.1' });
    target = createServer((asked, response) => {
      seen.push(`${asked.method} ${asked.url}`);
      answer(asked, response);
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => target.once('listening', resolve));
    url = `http://127.0.0.1:${(target.address() as AddressInfo).port}/`;
    const { permissions } = (await world.must('GET', '/me')).as<{ permissions: string[] }>();
    const tokenOf = async (principal: string) =>
      (await world.must('POST', '/me/tokens', { name: principal, permissions, domains: ['*'], principal })).as<{
        token: string;
      }>().token;
    [ann, bob] = [await tokenOf('ann'), await tokenOf('bob')];
  });
  beforeEach(() => {
    domain = world.newDomain();
    seen = [];
    answer = (_request, response) => response.setHeader('content-type', 'application/json').end('{"fine":true}');
  });
  afterAll(async () => {
    await world.close();
    target.closeAllConnections();
    target.close();
  });

  it('runs what nobody saved, stops before breakpoints in branches and loops, and goes on', async () => {
    const body = {
      dag: dag(
        {
          id: 'split',
          operator: '@control/flow/branches',
          branches: [
            {
              id: 'no',
              conditions: [[{ operator: '@internal/cmp/number-gt', parameters: { a: '{{trigger.n}}', b: 5 } }]],
              steps: [define('never', 1)],
            },
            {
              id: 'yes',
              steps: [
                {
                  id: 'loop',
                  operator: '@control/flow/loop',
                  parameters: { mode: 'array', array: ['a', 'b'] },
                  steps: [define('item', '{{__loop.value}}')],
                },
              ],
            },
          ],
        },
        define('define', '{{trigger.n}}'),
        END,
      ),
      data: { n: 1 },
      breakpoints: ['never', 'item', 'end'],
      expiresIn: 'PT10M',
    };
    const started = await must('POST', '/dags/debug/run', body);
    const run = started.as<Run>();
    expect(started.status).toBe(202);
    expect(started.headers.location).toBe(`/api/automation/v1/instances/${run.id}`);
    expect(run).toMatchObject({
      status: 'paused',
      version: 'draft',
      trigger: { kind: 'debug' },
      createdBy: 'ann',
      debug: { breakpoints: ['never', 'item', 'end'], pins: [], dryRun: false, pausedAt: 'split/yes/loop[0]/item' },
    });
    expect(run.debug).not.toHaveProperty('definition');
    expect(await read(run.id)).toEqual(run);
    const stops = [run.debug.pausedAt];
    for (let i = 0; i < 2; i += 1) {
      await must('POST', `/instances/${run.id}/continue`);
      // What takes long in one turn goes on in the next one.
      stops.push((await inStatus(run.id, 'paused')).debug.pausedAt);
    }
    expect(stops).toEqual(['split/yes/loop[0]/item', 'split/yes/loop[1]/item', 'end']);
    expect((await tasksOf(run.id)).map(({ path }) => path)).toContain('split/yes/loop[1]/item');
    expect((await step(run.id)).status).toBe('succeeded');
    expect(await read(run.id)).toMatchObject({ result: { got: 1 }, debug: { pausedAt: null, held: [] } });
  });

  it('goes step by step through parallel branches', async () => {
    const run = await start({
      dag: dag({
        id: 'both',
        operator: '@control/flow/parallel',
        branches: [
          { id: 'l', steps: [define('a', 1), define('b', 2)] },
          { id: 'r', steps: [define('c', 3)] },
        ],
      }),
      breakpoints: ['both'],
    });
    const order: string[] = [];
    for (let at = run; at.debug.held[0]; at = await step(run.id)) order.push(at.debug.held[0].path);
    expect(order).toEqual(['both', 'both/l/a', 'both/r/c', 'both/l/b']);
    const again = await call('POST', `/instances/${run.id}/step`);
    expect([again.status, again.problem.code]).toEqual([409, 'instance.has_ended']);
  });

  it('takes pins in the place of calls, and sends nothing that writes on a dry run', async () => {
    await must('POST', '/secrets', { name: 'api_key', value: 'hush-hush-hush', hosts: ['127.0.0.1'] });
    const steps = [
      { id: 'ask', operator: '@http/request', parameters: { url: `${url}pinned` } },
      { id: 'look', operator: '@http/request', parameters: { url: `${url}look` } },
      {
        id: 'post',
        operator: '@http/request',
        parameters: {
          method: 'POST',
          url: `${url}write`,
          headers: { authorization: 'Bearer {{secrets.api_key}}' },
          body: { n: '{{__ask.body.n}}' },
        },
      },
      { id: 'end', operator: '@internal/return', parameters: { got: '{{__ask.body.n}}' } },
    ];
    const request = { dag: dag(...steps), pins: { ask: { status: 200, body: { n: 7 } } } };
    const dry = await start({ ...request, dryRun: true });
    const ended = await inStatus(dry.id, 'succeeded');
    expect(ended).toMatchObject({ result: { got: 7 }, debug: { pins: ['ask'], dryRun: true } });
    expect(seen).toEqual(['GET /look']);
    const post = (await tasksOf(dry.id)).find(({ stepId }) => stepId === 'post');
    expect(post?.output).toMatchObject({
      dryRun: true,
      operator: '@http/request',
      parameters: { method: 'POST', headers: { authorization: 'Bearer {{secrets.api_key}}' }, body: { n: 7 } },
    });
    await inStatus((await start(request)).id, 'succeeded');
    expect(seen).toEqual(['GET /look', 'GET /look', 'POST /write']);
    expect(JSON.stringify([await tasksOf(dry.id), ended])).not.toContain('hush');
  });

  it('is in the same place after a restart of the service', async () => {
    const run = await start({ dag: dag(define('define', 'kept'), END), breakpoints: ['define'] });
    const before = await step(run.id);
    await world.restart();
    expect(await read(run.id)).toEqual(before);
    expect(before.debug.held).toEqual([{ stepId: 'end', path: 'end' }]);
    expect((await must('POST', `/instances/${run.id}/continue`)).as<Run>().result).toEqual({ got: 'kept' });
  });

  it('shows a debug run to whoever started it and to nobody else, in no list, no count and no deletion', async () => {
    const { id: saved } = await must('POST', '/dags', dag({ ...define('define', 1) }, END));
    await must('POST', '/dags/batch', { action: 'deactivate', ids: [saved] });
    const { id } = await start({ dagId: saved, breakpoints: ['end'] });
    const paths = ['', '/tasks', '/history', '/why', '/events?follow=false', '/logs?follow=false'];
    for (const path of paths) {
      expect([path, (await call('GET', `/instances/${id}${path}`)).status]).toEqual([path, 200]);
      const hidden = await call('GET', `/instances/${id}${path}`, undefined, bob);
      expect([path, hidden.status, hidden.problem.code]).toEqual([path, 404, 'instance.not_found']);
      const foreign = await world.call('GET', `/instances/${id}${path}`, undefined, {
        domain: 'elsewhere',
        token: ann,
      });
      expect([path, foreign.status]).toEqual([path, 404]);
    }
    for (const path of ['step', 'continue', 'cancel', 'pause', 'resume']) {
      const body = path === 'cancel' ? {} : undefined;
      expect([path, (await call('POST', `/instances/${id}/${path}`, body, bob)).status]).toEqual([path, 404]);
    }
    for (const path of ['/instances', `/dags/${saved}/instances`])
      expect((await must('GET', `${path}?count=true`)).as<{ total: number }>().total).toBe(0);
    expect((await must('POST', `/dags/${saved}/cancel`, { all: true })).json).toEqual({ items: [] });
    expect((await call('DELETE', `/dags/${saved}`)).status).toBe(204);
    expect((await must('POST', `/instances/${id}/continue`)).as<Run>()).toMatchObject({
      status: 'succeeded',
      dagId: saved,
      result: { got: 1 },
    });
  });

  it('tells its stops to who follows it', async () => {
    const { id } = await start({ dag: dag(define('define', 1), END), breakpoints: ['end'] });
    const reader = await StreamReader.open(world, `/instances/${id}/events`, { token: ann, domain });
    await until(() => reader.items.find(({ type }) => type === 'instance.paused'));
    await step(id);
    await until(() => reader.end);
    expect(reader.end?.status).toBe('succeeded');
    expect(reader.items.map(({ type }) => type)).toContain('instance.stepped');
  });

  it('starts one run for one Idempotency-Key', async () => {
    const ask = { domain, token: ann, headers: { 'idempotency-key': `debug-${domain}` } };
    const body = { dag: dag(define('define', 1)), breakpoints: ['define'] };
    const [first, second] = [
      await world.must('POST', '/dags/debug/run', body, ask),
      await world.must('POST', '/dags/debug/run', body, ask),
    ];
    expect(second.id).toBe(first.id);
  });

  it('refuses what does not go together, with pointers', async () => {
    const good = dag(define('define', 1), END);
    const saved = (await must('POST', '/dags', { ...good, title: 'Saved' })).id;
    const cases: [object, number, string, string[]][] = [
      [{}, 400, 'debug.target_missing', ['']],
      [{ dag: good, dagId: saved }, 400, 'debug.target_missing', ['']],
      [{ dagId: '01ARZ3NDEKTSV4RRFFQ69G5FAV' }, 404, 'dag.not_found', []],
      [{ dagId: saved, version: 'v9.0.0' }, 404, 'version.not_found', []],
      [{ dag: { ...good, steps: [] } }, 400, 'dag.invalid', ['/dag/steps']],
      [{ dag: { ...good, odd: 1 } }, 400, 'dag.invalid', ['/dag/odd']],
      [{ dag: good, breakpoints: ['end', 'none'] }, 400, 'debug.invalid', ['/breakpoints/1']],
      [
        { dag: good, pins: { none: 1, start: {}, end: {} } },
        400,
        'debug.invalid',
        ['/pins/none', '/pins/start', '/pins/end'],
      ],
      [{ dag: good, expiresIn: 'P2D' }, 400, 'debug.invalid', ['/expiresIn']],
      [{ dag: good, breakpoints: 'end' }, 400, 'request.invalid', ['/breakpoints']],
      [{ dag: good, odd: 1 }, 400, 'request.invalid', ['/odd']],
      [{ dag: 7 }, 400, 'request.invalid', ['/dag']],
      [
        {
          dag: {
            ...good,
            steps: [
              {
                id: 'in',
                operator: '@trigger/form',
                parameters: { fields: [{ key: 'n', type: 'number', required: true }] },
              },
            ],
          },
        },
        400,
        'input.invalid',
        ['/data/n'],
      ],
    ];
    for (const [body, status, code, pointers] of cases) {
      const refused = await call('POST', '/dags/debug/run', body);
      const told = refused.problem.errors?.map(({ pointer }) => pointer) ?? [];
      expect([body, refused.status, refused.problem.code, told]).toEqual([body, status, code, pointers]);
    }
    const ordinary = (await must('POST', `/dags/${saved}/run?wait=PT10S`)).id;
    for (const path of ['step', 'continue']) {
      const refused = await call('POST', `/instances/${ordinary}/${path}`);
      expect([path, refused.status, refused.problem.code]).toEqual([path, 409, 'instance.not_debugged']);
      expect((await call('POST', `/instances/01ARZ3NDEKTSV4RRFFQ69G5FAV/${path}`)).status).toBe(404);
    }
    answer = () => undefined;
    const busy = await start({ dag: dag({ id: 'hang', operator: '@http/request', parameters: { url } }) });
    for (const path of ['step', 'continue']) {
      const refused = await call('POST', `/instances/${busy.id}/${path}`);
      expect([path, refused.status, refused.problem.code]).toEqual([path, 409, 'instance.not_paused']);
    }
    await must('POST', `/instances/${busy.id}/pause`);
    const nothing = await call('POST', `/instances/${busy.id}/step`);
    expect([nothing.status, nothing.problem.code]).toEqual([409, 'debug.nothing_held']);
    await must('POST', `/instances/${busy.id}/cancel`, {});
  });

  describe('of one step', () => {
    it('gives its rendered parameters, its output, how long it took', async () => {
      const given = await must('POST', '/dags/debug/step', {
        step: {
          id: 'ask',
          operator: '@http/request',
          parameters: { url: `${url}{{__in.path}}?q={{vars.q}}&c={{city}}` },
        },
        context: { steps: { in: { path: 'there' } }, vars: { q: 1 }, trigger: { city: 'Oslo' } },
      });
      expect(seen).toEqual(['GET /there?q=1&c=Oslo']);
      expect(given.json).toMatchObject({
        status: 'succeeded',
        attempt: 1,
        parameters: { url: `${url}there?q=1&c=Oslo` },
        output: { status: 200, body: { fine: true } },
        error: null,
        logs: expect.any(Array) as object[],
        durationMs: expect.any(Number) as number,
      });
      const { instanceId } = given.as<{ instanceId: string }>();
      expect((await call('GET', `/instances/${instanceId}`)).status).toBe(200);
      expect((await call('GET', `/instances/${instanceId}`, undefined, bob)).status).toBe(404);
    });

    it('fails as in a run, and calls nothing that writes on a dry run', async () => {
      answer = (_asked, response) => response.writeHead(404).end('no');
      const failing = { id: 'ask', operator: '@http/request', parameters: { url } };
      expect((await must('POST', '/dags/debug/step', { step: failing })).json).toMatchObject({
        status: 'failed',
        output: null,
        error: { code: 'http.status' },
      });
      seen = [];
      const writing = { ...failing, parameters: { url, method: 'DELETE' } };
      expect((await must('POST', '/dags/debug/step', { step: writing, dryRun: true })).json).toMatchObject({
        output: { dryRun: true, parameters: { method: 'DELETE' } },
      });
      expect(seen).toEqual([]);
    });

    it('gives a large output in its place', async () => {
      const text = 'x'.repeat(600_000);
      answer = (_asked, response) => response.end(text);
      const step = { id: 'ask', operator: '@http/request', parameters: { url } };
      const given = (await must('POST', '/dags/debug/step', { step })).as<{
        status: string;
        output: { body: string };
      }>();
      expect([given.status, given.output.body === text]).toEqual(['succeeded', true]);
    });

    it('stops when the client leaves', async () => {
      let closed = false;
      answer = (asked) => asked.once('close', () => (closed = true));
      const body = JSON.stringify({ step: { id: 'hang', operator: '@http/request', parameters: { url } } });
      const client = request(`${world.addressOf('public')}${API_PREFIX}/dags/debug/step`, {
        method: 'POST',
        agent: false,
        headers: {
          authorization: `Bearer ${ADMIN_TOKEN}`,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
        },
      });
      client.on('error', () => undefined);
      client.end(body);
      await until(() => (seen.length > 0 ? true : undefined));
      client.destroy();
      await until(() => (closed ? true : undefined));
      expect(closed).toBe(true);
    });

    it.each<[string, object, string, string[]]>([
      ['a trigger', { step: MANUAL }, 'debug.invalid', ['/step/operator']],
      [
        'a construct',
        { step: { id: 'w', operator: '@control/wait', parameters: { duration: 'PT1S' } } },
        'debug.invalid',
        ['/step/operator'],
      ],
      [
        'a fault of it',
        { step: { id: 'x', operator: '@http/request', parameters: { odd: 1, url: 'http://a/' } } },
        'debug.invalid',
        ['/step/parameters/odd'],
      ],
      ['no step', {}, 'request.invalid', ['/step']],
      [
        'an odd context',
        { step: MANUAL, context: { odd: 1, vars: [] } },
        'request.invalid',
        ['/context/odd', '/context/vars'],
      ],
    ])('is refused: %s', async (_name, body, code, pointers) => {
      const refused = await call('POST', '/dags/debug/step', body);
      expect([refused.status, refused.problem.code]).toEqual([400, code]);
      expect(refused.problem.errors?.map(({ pointer }) => pointer)).toEqual(pointers);
    });
  });
});
