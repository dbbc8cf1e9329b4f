import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiWorld, MANUAL, aDefinition, until } from './api-world';

interface Instance {
  readonly id: string;
  readonly dagId: string;
  readonly version: string;
  readonly status: string;
  readonly result: unknown;
  readonly reason: { code: string; stepId: string | null; attempt: number | null } | null;
  readonly progress: { total: number; done: number };
}
interface Page<T> {
  readonly items: T[];
  readonly nextCursor: string | null;
  readonly total?: number;
}
interface Task {
  readonly id: string;
  readonly stepId: string;
  readonly status: string;
  readonly attempt: number;
}

const form = (...fields: object[]) => ({ id: 'in', operator: '@trigger/form', parameters: { fields } });

describe('A run', () => {
  let world: ApiWorld;
  let domain: string;
  let target: Server;
  let url: string;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  const call = (method: string, path: string, body?: object, headers: Record<string, string> = {}) =>
    world.call(method, path, body, { domain, headers });
  const must = (method: string, path: string, body?: object, headers: Record<string, string> = {}) =>
    world.must(method, path, body, { domain, headers });
  const aDag = async (...steps: object[]) =>
    (await must('POST', '/dags', { title: `DAG ${Math.random()}`.replace('.', ''), steps })).id;
  const run = async (dag: string, data: object = {}) =>
    (await must('POST', `/dags/${dag}/run?wait=PT10S`, { data })).as<Instance>();
  const read = async (id: string) => (await must('GET', `/instances/${id}`)).as<Instance>();
  const inStatus = (id: string, status: string) =>
    until(async () => {
      const instance = await read(id);
      return instance.status === status ? instance : undefined;
    });

  beforeAll(async () => {
    world = await ApiWorld.open({ OUTBOUND_ALLOW: '127.0.0.1' });
    target = createServer((request, response) => answer(request, response)).listen(0, '127.0.0.1');
    await new Promise((resolve) => target.once('listening', resolve));
    url = `http://127.0.0.1:${(target.address() as AddressInfo).port}/`;
  });
  beforeEach(() => {
    domain = world.newDomain();
    answer = (_request, response) => response.end('ok');
  });
  afterAll(async () => {
    await world.close();
    target.closeAllConnections();
    target.close();
  });

  it('is answered 202 when it is durable, and is there under its Location', async () => {
    const dag = await aDag(MANUAL, { id: 'end', operator: '@internal/return', parameters: { n: 1 } });
    const started = await must('POST', `/dags/${dag}/run`, { labels: { who: 'me' }, priority: 'high' });
    expect(started.status).toBe(202);
    expect(started.headers.location).toBe(`/api/automation/v1/instances/${started.id}`);
    expect(await inStatus(started.id, 'succeeded')).toMatchObject({
      dagId: dag,
      version: 'v0.0.0',
      result: { n: 1 },
      reason: null,
      labels: { who: 'me' },
      priority: 'high',
      trigger: { kind: 'manual' },
      attempt: 1,
      rootId: started.id,
      createdBy: 'admin',
      progress: { total: 2, done: 2 },
    });
  });

  it('gives its whole result with ?wait, and 202 when it takes longer', async () => {
    const dag = await aDag(
      form({ key: 'a', type: 'number', required: true }, { key: 'b', type: 'number', default: 2 }),
      {
        id: 'end',
        operator: '@internal/return',
        parameters: { sum: '{{__in.a + __in.b}}', text: 'a={{trigger.a}}' },
      },
    );
    const done = await must('POST', `/dags/${dag}/run?wait=PT10S`, { data: { a: 40 } });
    expect([done.status, done.as<Instance>().result]).toEqual([200, { sum: 42, text: 'a=40' }]);
    answer = () => undefined;
    const slow = await aDag(MANUAL, { id: 'hang', operator: '@http/request', parameters: { url } });
    const waiting = await must('POST', `/dags/${slow}/run?wait=PT0.05S`);
    expect([waiting.status, waiting.as<Instance>().status]).toEqual([202, 'running']);
    await must('POST', `/instances/${waiting.id}/cancel`);
    await inStatus(waiting.id, 'cancelled');
  });

  it('takes only input that fits the fields of its trigger, and tells every fault with its pointer', async () => {
    const dag = await aDag(
      form(
        { key: 'name', type: 'string', required: true },
        { key: 'n', type: 'integer' },
        { key: 'pick', type: 'string', enum: ['a', 'b'] },
      ),
      { id: 'end', operator: '@internal/return', parameters: {} },
    );
    const refused = await call('POST', `/dags/${dag}/run`, { data: { n: 1.5, pick: 'c', 'o/t~r': 1 } });
    expect([refused.status, refused.problem.code]).toEqual([400, 'input.invalid']);
    expect(refused.problem.errors?.map(({ pointer }) => pointer).sort()).toEqual([
      '/data/n',
      '/data/name',
      '/data/o~1t~0r',
      '/data/pick',
    ]);
    expect((await must('GET', `/dags/${dag}/instances?count=true`)).as<Page<Instance>>().total).toBe(0);
    for (const body of [
      { data: [] },
      { data: 'x' },
      { nothing: 1 },
      { priority: 'x' },
      { version: '' },
      { labels: { a: 1 } },
      { callbackUrl: 'http://x/' },
    ])
      expect([body, (await call('POST', `/dags/${dag}/run`, body)).status]).toEqual([body, 400]);
    for (const wait of ['1', 'PT', 'P1D', 'PT61S', '-PT1S', 'PT1S&wait=PT2S'])
      expect([wait, (await call('POST', `/dags/${dag}/run?wait=${wait}`, { data: { name: 'x' } })).status]).toEqual([
        wait,
        400,
      ]);
    expect((await must('GET', `/dags/${dag}/instances?count=true`)).as<Page<Instance>>().total).toBe(0);
  });

  it('starts no more once its DAG is stopped, and keeps to the version that it started on', async () => {
    const { id: dag } = await must('POST', '/dags', aDefinition('Versions'));
    await must('PUT', `/dags/${dag}`, {
      title: 'Versions',
      steps: [MANUAL, { id: 'end', operator: '@internal/return', parameters: { answer: 43 } }],
    });
    expect((await run(dag)).result).toEqual({ answer: 43 });
    const old = (await must('POST', `/dags/${dag}/run?wait=PT10S`, { version: 'v0.0.0' })).as<Instance>();
    expect([old.version, old.result]).toEqual(['v0.0.0', { answer: 42 }]);
    expect((await call('POST', `/dags/${dag}/run`, { version: 'v7.0.0' })).problem.code).toBe('version.not_found');
    await must('POST', '/dags/batch', { action: 'deactivate', ids: [dag] });
    const stopped = await call('POST', `/dags/${dag}/run`);
    expect([stopped.status, stopped.problem.code]).toEqual([409, 'dag.stopped']);
    expect((await must('GET', `/instances/${old.id}/history`)).status).toBe(200);
    await must('DELETE', `/dags/${dag}`);
    expect((await read(old.id)).result).toEqual({ answer: 42 });
    expect((await must('GET', `/instances/${old.id}/tasks`)).as<Page<Task>>().items).toHaveLength(2);
    expect((await call('POST', `/dags/${dag}/run`)).status).toBe(404);
  });

  it('takes the branches whose conditions hold, with every comparison', async () => {
    const compare = (operator: string, a: unknown, b: unknown) => [
      { operator: `@internal/cmp/${operator}`, parameters: { a, b } },
    ];
    const branch = (id: string, conditions: object[][], more: object = {}) => ({
      id,
      conditions,
      ...more,
      steps: [{ id: `${id}-end`, operator: '@internal/return', parameters: { took: id } }],
    });
    const dag = await aDag(form({ key: 'n', type: 'number' }, { key: 's', type: 'string', default: '' }), {
      id: 'split',
      operator: '@control/flow/branches',
      parameters: { exclusive: true },
      branches: [
        branch('low', [compare('number-lt', '{{__in.n}}', 10)]),
        branch('mid', [[...compare('number-gte', '{{__in.n}}', 10), ...compare('number-lte', '{{__in.n}}', 20)]]),
        branch('text', [compare('string-contains', '{{__in.s}}', 'yes')]),
        branch('rest', [], { default: true }),
      ],
    });
    expect((await run(dag, { n: 1 })).result).toEqual({ took: 'low' });
    expect((await run(dag, { n: 20 })).result).toEqual({ took: 'mid' });
    expect((await run(dag, { n: 30, s: 'oh yes' })).result).toEqual({ took: 'text' });
    expect((await run(dag, { n: 30 })).result).toEqual({ took: 'rest' });
  });

  it('retries with its own key until it works, and shows the attempts', async () => {
    const keys: (string | string[] | undefined)[] = [];
    answer = (request, response) => {
      keys.push(request.headers['idempotency-key']);
      response.statusCode = keys.length < 3 ? 503 : 200;
      response.end('{"fine":true}');
    };
    const dag = await aDag(MANUAL, {
      id: 'ask',
      operator: '@http/request',
      parameters: { method: 'POST', url },
      settings: { retry: { max: 3, delay: 0.1 } },
    });
    const done = await run(dag);
    expect(done.status).toBe('succeeded');
    expect(keys).toHaveLength(3);
    expect(new Set(keys)).toEqual(new Set([expect.stringContaining(done.id)]));
    const tasks = (await must('GET', `/instances/${done.id}/tasks`)).as<Page<Task>>().items;
    expect(tasks.find(({ stepId }) => stepId === 'ask')).toMatchObject({ status: 'succeeded', attempt: 3 });
  });

  it('fails with a reason that names the step, after its time is over too', async () => {
    answer = (request, response) => (request.url === '/no' ? response.writeHead(404).end('no') : undefined);
    const failing = await aDag(MANUAL, { id: 'ask', operator: '@http/request', parameters: { url: `${url}no` } });
    expect(await run(failing)).toMatchObject({
      status: 'failed',
      reason: { code: 'http.status', stepId: 'ask', attempt: 1 },
    });
    const slow = await aDag(MANUAL, {
      id: 'hang',
      operator: '@http/request',
      parameters: { url },
      settings: { timeout: { delay: 0.1 } },
    });
    expect(await run(slow)).toMatchObject({ status: 'failed', reason: { code: 'task.timeout', stepId: 'hang' } });
    const returned = await aDag(MANUAL, {
      id: 'end',
      operator: '@internal/return',
      parameters: { result: 'failed', why: 'x' },
    });
    expect(await run(returned)).toMatchObject({ status: 'failed', result: { why: 'x' } });
  });

  it('is cancelled alone, with all of its DAG, or through its own address, once', async () => {
    let [came, aborted] = [0, 0];
    answer = (request) => {
      came += 1;
      request.on('close', () => (aborted += 1));
    };
    const dag = await aDag(MANUAL, { id: 'hang', operator: '@http/request', parameters: { url } });
    const ids: string[] = [];
    for (let i = 0; i < 4; i += 1) ids.push((await must('POST', `/dags/${dag}/run`)).id);
    await until(() => (came === 4 ? true : undefined));
    for (const body of [{}, { all: false }, { all: true, instanceId: ids[0]! }]) {
      const refused = await call('POST', `/dags/${dag}/cancel`, body);
      expect([refused.status, refused.problem.code]).toEqual([400, 'cancel.target_missing']);
    }
    expect((await call('POST', `/dags/${dag}/cancel`)).status).toBe(400);
    const one = await must('POST', `/dags/${dag}/cancel`, { instanceId: ids[0]!, reason: 'enough' });
    expect([one.status, one.json]).toEqual([202, { items: [{ id: ids[0] }] }]);
    expect((await must('POST', `/instances/${ids[1]}/cancel`, { reason: 'mine' })).status).toBe(202);
    const rest = await must('POST', `/dags/${dag}/cancel`, { all: true });
    for (const id of ids) await inStatus(id, 'cancelled');
    const cancelled = rest.as<{ items: { id: string }[] }>().items.map(({ id }) => id);
    expect(cancelled).toEqual(expect.arrayContaining(ids.slice(2)));
    const again = await call('POST', `/instances/${ids[0]}/cancel`);
    expect([again.status, again.problem.code]).toEqual([409, 'instance.has_ended']);
    const other = await aDag(MANUAL);
    expect((await call('POST', `/dags/${other}/cancel`, { instanceId: ids[0]! })).problem.code).toBe(
      'instance.not_found',
    );
    await until(() => (aborted === 4 ? true : undefined));
  });

  it('is listed by status, label, time and DAG, page by page without gap or double', async () => {
    const dag = await aDag(MANUAL, { id: 'end', operator: '@internal/return', parameters: {} });
    const other = await aDag(MANUAL, { id: 'end', operator: '@internal/return', parameters: { result: 'failed' } });
    const ids: string[] = [];
    for (let i = 0; i < 15; i += 1)
      ids.push(
        (await must('POST', `/dags/${i % 3 ? dag : other}/run?wait=PT10S`, { labels: { n: String(i % 2) } })).id,
      );
    const all = async (path: string) => {
      const found: string[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const page: Page<Instance> = (
          await must('GET', `${path}&limit=4&count=true${cursor && `&cursor=${cursor}`}`)
        ).as();
        found.push(...page.items.map(({ id }) => id));
        cursor = page.nextCursor;
        if (cursor === null) expect(page.total).toBe(found.length);
      }
      return found;
    };
    expect(await all('/instances?sort=createdAt')).toEqual(ids);
    expect(await all('/instances?sort=-createdAt')).toEqual([...ids].reverse());
    expect(await all('/instances?status=failed&sort=createdAt')).toEqual(ids.filter((_, i) => i % 3 === 0));
    expect(await all('/instances?status=failed,succeeded&sort=createdAt')).toEqual(ids);
    expect(await all('/instances?status=running&sort=createdAt')).toEqual([]);
    expect(await all('/instances?label=n:1&sort=createdAt')).toEqual(ids.filter((_, i) => i % 2 === 1));
    expect(await all(`/dags/${other}/instances?sort=createdAt`)).toEqual(ids.filter((_, i) => i % 3 === 0));
    expect(await all(`/dags/${other}/instances?label=n:0&status=failed&sort=createdAt`)).toEqual(
      ids.filter((_, i) => i % 6 === 0),
    );
    expect(await all('/instances?createdFrom=2999-01-01T00:00:00Z')).toEqual([]);
    expect(await all('/instances?createdTo=2999-01-01T00:00:00Z&sort=createdAt')).toEqual(ids);
    for (const query of [
      'status=odd',
      'status=',
      'createdFrom=yesterday',
      'label=x',
      'sort=status',
      'limit=1.5',
      'a=b',
    ])
      expect([query, (await call('GET', `/instances?${query}`)).status]).toEqual([query, 400]);
  });

  it('shows its tasks with what went in and out, and its history in order', async () => {
    const dag = await aDag(
      form({ key: 'text', type: 'string' }),
      {
        id: 'cut',
        operator: '@internal/text/split',
        parameters: { text: '{{__in.text}}', separator: 'custom', custom: ';' },
      },
      { id: 'end', operator: '@internal/return', parameters: { all: '{{__cut}}' } },
    );
    const { id, status } = await run(dag, { text: 'a;b' });
    expect(status).toBe('succeeded');
    const { items } = (await must('GET', `/instances/${id}/tasks`)).as<
      Page<Task & { output: unknown; input: unknown }>
    >();
    expect(items.map(({ stepId }) => stepId)).toEqual(['in', 'cut', 'end']);
    expect(items[1]).toMatchObject({ operator: '@internal/text/split', status: 'succeeded', input: { text: 'a;b' } });
    for (const task of items)
      expect((await must('GET', `/instances/${id}/tasks/${encodeURIComponent(task.id)}`)).json).toEqual(task);
    const told: { seq: number; type: string }[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: Page<{ seq: number; type: string }> = (
        await must('GET', `/instances/${id}/history?limit=2${cursor && `&cursor=${cursor}`}`)
      ).as();
      told.push(...page.items);
      cursor = page.nextCursor;
    }
    expect(told[0]!.type).toBe('instance.started');
    expect(told.at(-1)!.type).toBe('instance.succeeded');
    expect(told.map(({ seq }) => seq)).toEqual([...told.map(({ seq }) => seq)].sort((a, b) => a - b));
    expect((await must('GET', `/instances/${id}/history?limit=200`)).as<Page<object>>().items).toEqual(told);
  });

  it('is refused with 503 and Retry-After past the limit of live ones, and nothing of it is kept', async () => {
    answer = () => undefined;
    const small = await ApiWorld.open({
      OUTBOUND_ALLOW: '127.0.0.1',
      MAX_LIVE_INSTANCES: '3',
      DRAIN_TIMEOUT: 'PT0.1S',
    });
    try {
      const { id } = await small.must('POST', '/dags', {
        title: 'Hang',
        steps: [MANUAL, { id: 'hang', operator: '@http/request', parameters: { url } }],
      });
      const answers = await Promise.all(Array.from({ length: 10 }, () => small.call('POST', `/dags/${id}/run`)));
      expect(answers.filter(({ status }) => status === 202).length).toBe(3);
      const refused = answers.filter(({ status }) => status === 503);
      expect(refused).toHaveLength(7);
      expect(refused[0]!.headers['retry-after']).toBe('1');
      expect((await small.must('GET', '/instances?count=true')).as<Page<object>>().total).toBe(3);
      await small.must('POST', `/dags/${id}/cancel`, { all: true });
    } finally {
      await small.close();
    }
  });
});
