import { ADMIN_TOKEN, ApiWorld, MANUAL, aDefinition, until, type Body } from './api-world';

/** What one tenant has, and what another one must not notice. */
interface Things {
  readonly dag: string;
  readonly instance: string;
  readonly task: string;
  readonly approval: string;
  readonly token: string;
  readonly secret: string;
  readonly variable: string;
}

const UNKNOWN: Things = {
  dag: '01ARZ3NDEKTSV4RRFFQ69G5FAV',
  instance: '01ARZ3NDEKTSV4RRFFQ69G5FAW',
  task: '01ARZ3NDEKTSV4RRFFQ69G5FAW000001',
  approval: '01ARZ3NDEKTSV4RRFFQ69G5FAW000002',
  token: '01ARZ3NDEKTSV4RRFFQ69G5FAX',
  secret: 'unknown_secret',
  variable: 'unknown_variable',
};

const NAMES: Things = {
  dag: ':dag',
  instance: ':instance',
  task: ':task',
  approval: ':approval',
  token: ':token',
  secret: ':secret',
  variable: ':variable',
};

/** Every route with an id, each of its slots once: [method, path, body]. */
const SLOTS: readonly (readonly [method: string, path: (ids: Things) => string, body?: (ids: Things) => Body])[] = [
  ['GET', ({ dag }) => `/dags/${dag}`],
  ['GET', ({ dag }) => `/dags/${dag}?version=v0.0.0`],
  ['PUT', ({ dag }) => `/dags/${dag}`, () => aDefinition('taken over')],
  ['DELETE', ({ dag }) => `/dags/${dag}`],
  ['DELETE', ({ dag }) => `/dags/${dag}?cancel=true`],
  ['GET', ({ dag }) => `/dags/${dag}/graph`],
  ['GET', ({ dag }) => `/dags/${dag}/graph?format=mermaid`],
  ['GET', ({ dag }) => `/dags/${dag}/export`],
  ['GET', ({ dag }) => `/dags/${dag}/export?format=yaml&version=v0.0.0`],
  ['GET', ({ dag }) => `/dags/${dag}/versions`],
  ['GET', ({ dag }) => `/dags/${dag}/versions/next`],
  ['GET', ({ dag }) => `/dags/${dag}/versions/v0.0.0`],
  ['GET', ({ dag }) => `/dags/${dag}/versions/v0.0.0/diff/v0.0.0`],
  ['POST', ({ dag }) => `/dags/${dag}/versions/v0.0.0/rollback`, () => ({})],
  ['POST', ({ dag }) => `/dags/${dag}/run`, () => ({})],
  ['POST', ({ dag }) => `/dags/${dag}/cancel`, () => ({ all: true })],
  ['POST', ({ dag }) => `/dags/${dag}/cancel`, ({ instance }) => ({ instanceId: instance })],
  ['GET', ({ dag }) => `/dags/${dag}/instances`],
  ['GET', ({ instance }) => `/instances/${instance}`],
  ['GET', ({ instance }) => `/instances/${instance}/tasks`],
  ['GET', ({ instance, task }) => `/instances/${instance}/tasks/${encodeURIComponent(task)}`],
  ['GET', ({ instance }) => `/instances/${instance}/history`],
  ['GET', ({ instance }) => `/instances/${instance}/events`],
  ['GET', ({ instance }) => `/instances/${instance}/events?after=1.1`],
  ['GET', ({ instance }) => `/instances/${instance}/logs`],
  ['GET', ({ instance, task }) => `/instances/${instance}/logs?taskId=${encodeURIComponent(task)}`],
  ['GET', ({ instance }) => `/instances/${instance}/why`],
  ['POST', ({ instance }) => `/instances/${instance}/cancel`, () => ({})],
  ['POST', ({ instance }) => `/instances/${instance}/cancel`, () => ({ compensate: true })],
  ['POST', ({ instance }) => `/instances/${instance}/pause`],
  ['POST', ({ instance }) => `/instances/${instance}/resume`],
  ['POST', ({ instance }) => `/instances/${instance}/step`],
  ['POST', ({ instance }) => `/instances/${instance}/continue`],
  ['POST', () => '/dags/debug/run', ({ dag }) => ({ dagId: dag })],
  ['POST', ({ approval }) => `/approvals/${approval}`, () => ({ decision: 'approved' })],
  ['PUT', ({ secret }) => `/secrets/${secret}`, () => ({ value: 'taken over' })],
  ['DELETE', ({ secret }) => `/secrets/${secret}`],
  ['PUT', ({ variable }) => `/variables/${variable}`, () => ({ value: 'taken over' })],
  ['DELETE', ({ variable }) => `/variables/${variable}`],
  ['DELETE', ({ token }) => `/me/tokens/${token}`],
];

describe('What belongs to another business domain', () => {
  let world: ApiWorld;
  let theirs: Things;
  /** May do everything, in a domain of its own. */
  let stranger: { token: string; domain: string };
  /** All that the owner can see of its things. */
  const owned = async () => {
    const ask = { domain: 'theirs' };
    const paths = [
      `/dags/${theirs.dag}`,
      '/dags?count=true',
      `/dags/${theirs.dag}/versions`,
      '/instances?count=true',
      `/instances/${theirs.instance}`,
      `/instances/${theirs.instance}/history`,
      '/secrets',
      '/variables',
    ];
    return Promise.all(paths.map(async (path) => (await world.must('GET', path, undefined, ask)).text));
  };

  beforeAll(async () => {
    world = await ApiWorld.open();
    const ask = { domain: 'theirs' };
    const dag = (
      await world.must(
        'POST',
        '/dags',
        {
          title: 'Theirs',
          steps: [
            MANUAL,
            {
              id: 'wait',
              operator: '@http/request',
              parameters: { url: 'http://127.0.0.1:9/' },
              settings: { retry: { max: 10, delay: 60 } },
            },
            // Assigned to a principal of that name in their domain, not in mine.
            { id: 'ask', operator: '@control/approval', parameters: { assignees: ['stranger'] }, dependsOn: [] },
          ],
        },
        ask,
      )
    ).id;
    const instance = (await world.must('POST', `/dags/${dag}/run`, {}, ask)).id;
    const taskOf = (step: string) =>
      until(async () => {
        const { items } = (await world.must('GET', `/instances/${instance}/tasks`, undefined, ask)).as<{
          items: { id: string; stepId: string; status: string }[];
        }>();
        return items.find(({ stepId }) => stepId === step)?.id;
      });
    const [task, approval] = [await taskOf('wait'), await taskOf('ask')];
    await world.must('POST', '/secrets', { name: 'their_secret', value: 'v' }, ask);
    await world.must('POST', '/variables', { name: 'their_variable', value: 1 }, ask);
    const token = (
      await world.must('POST', '/me/tokens', { name: 'theirs', permissions: ['dag.view'], domains: ['theirs'] }, ask)
    ).id;
    theirs = { dag, instance, task, approval, token, secret: 'their_secret', variable: 'their_variable' };
    const all = (await world.must('GET', '/me')).as<{ permissions: never[] }>().permissions;
    const made = await world.must('POST', '/me/tokens', {
      name: 'stranger',
      permissions: all,
      domains: ['mine'],
      principal: 'stranger',
    });
    stranger = { token: made.as<{ token: string }>().token, domain: 'mine' };
  });
  afterAll(() => world.close());

  it.each(
    SLOTS.map(([method, path, body]) => ({
      method,
      path,
      body: body ?? (() => undefined),
      title: `${method} ${path(NAMES)} ${body ? JSON.stringify(body(NAMES)).slice(0, 40) : ''}`,
    })),
  )('answers as if it had never been: $title', async ({ method, path, body }) => {
    const before = await owned();
    const [foreign, unknown] = await Promise.all(
      [theirs, UNKNOWN].map(async (ids) => {
        const { status, text } = await world.call(method, path(ids), body(ids), {
          ...stranger,
          headers: { 'x-request-id': 'same' },
        });
        return {
          status,
          // Ids of tasks begin with that of their instance: the longest first.
          text: (Object.entries(ids) as [string, string][])
            .sort(([, a], [, b]) => b.length - a.length)
            .reduce((all, [slot, id]) => all.replaceAll(encodeURIComponent(id), slot).replaceAll(id, slot), text),
        };
      }),
    );
    expect(foreign!.status).toBe(404);
    expect(foreign).toEqual(unknown);
    expect(await owned()).toEqual(before);
  });

  it.each(['activate', 'deactivate', 'delete', 'run'])('is not touched by a batch that would %s it', async (action) => {
    const before = await owned();
    const [foreign, unknown] = await Promise.all(
      [theirs.dag, UNKNOWN.dag].map(async (id) =>
        (await world.must('POST', '/dags/batch', { action, ids: [id] }, stranger)).text.replaceAll(id, 'id'),
      ),
    );
    expect(foreign).toBe(unknown);
    expect(foreign).toContain('dag.not_found');
    expect(await owned()).toEqual(before);
  });

  it.each(['cancel', 'pause', 'resume', 'retry'])(
    'is not touched by a batch of instances that would %s it',
    async (action) => {
      const before = await owned();
      const [foreign, unknown] = await Promise.all(
        [theirs.instance, UNKNOWN.instance].map(async (id) =>
          (await world.must('POST', '/instances/batch', { action, ids: [id] }, stranger)).text.replaceAll(id, 'id'),
        ),
      );
      expect(foreign).toBe(unknown);
      expect(foreign).toContain('instance.not_found');
      expect(await owned()).toEqual(before);
    },
  );

  it('is no task of an instance of mine', async () => {
    const dag = (await world.must('POST', '/dags', aDefinition('Own'), stranger)).id;
    const instance = (await world.must('POST', `/dags/${dag}/run?wait=PT10S`, {}, stranger)).id;
    const answers = await Promise.all(
      [theirs.task, UNKNOWN.task].map(async (task) => {
        const answer = await world.call('GET', `/instances/${instance}/tasks/${task}`, undefined, stranger);
        return [answer.status, answer.problem.code, answer.problem.detail.replace(task, '')];
      }),
    );
    expect(answers[0]).toEqual([404, 'task.not_found', expect.anything()]);
    expect(answers[0]).toEqual(answers[1]);
    const wrongDag = await world.call('POST', `/dags/${dag}/cancel`, { instanceId: theirs.instance }, stranger);
    expect(wrongDag.problem.code).toBe('instance.not_found');
    await world.must('DELETE', `/dags/${dag}`, undefined, stranger);
  });

  it('is left out where many are read, and is never listed or counted', async () => {
    const mine = (await world.must('POST', '/dags', aDefinition('Mine'), stranger)).id;
    const read = await world.must('POST', '/dags/batch-get', { ids: [theirs.dag, mine, UNKNOWN.dag] }, stranger);
    expect(read.as<{ items: { id: string }[] }>().items.map(({ id }) => id)).toEqual([mine]);
    for (const path of [
      '/dags',
      '/dags?keyword=Theirs',
      '/instances',
      '/approvals',
      '/secrets',
      '/variables',
      '/me/tokens',
    ]) {
      const { items, total } = (
        await world.must('GET', `${path}${path.includes('?') ? '&' : '?'}count=true`, undefined, stranger)
      ).as<{ items: object[]; total: number }>();
      expect([path, items.length]).toEqual([path, total]);
      const seen = JSON.stringify(items);
      for (const id of Object.values(theirs)) expect([path, seen.includes(id as string)]).toEqual([path, false]);
    }
    await world.must('DELETE', `/dags/${mine}`, undefined, stranger);
  });

  it('does not stand in the way of a name that is used there', async () => {
    for (const [path, body] of [
      ['/dags', aDefinition('Theirs')],
      ['/secrets', { name: theirs.secret, value: 'mine' }],
      ['/variables', { name: theirs.variable, value: 'mine' }],
    ] as const)
      expect((await world.call('POST', path, body, stranger)).status).toBe(201);
  });

  it('cannot be reached by a cursor or an If-Match of theirs', async () => {
    const { nextCursor } = (await world.must('GET', '/instances?limit=1', undefined, { domain: 'theirs' })).as<{
      nextCursor: string | null;
    }>();
    const cursor = nextCursor ?? Buffer.from(JSON.stringify(['9999', theirs.instance])).toString('base64url');
    const answer = await world.call('GET', `/instances?cursor=${cursor}`, undefined, stranger);
    expect(answer.status < 500 && !answer.text.includes(theirs.instance)).toBe(true);
    const put = await world.call('PUT', `/dags/${theirs.dag}`, aDefinition('x'), {
      ...stranger,
      headers: { 'if-match': '"1"' },
    });
    expect(put.problem.code).toBe('dag.not_found');
  });

  it('keeps an Idempotency-Key of its own', async () => {
    const headers = { 'idempotency-key': 'shared' };
    const [a, b] = [
      await world.must('POST', '/dags', aDefinition('Kept'), { domain: 'theirs', headers }),
      await world.must('POST', '/dags', aDefinition('Kept'), { ...stranger, headers }),
    ];
    expect(a.id).not.toBe(b.id);
    expect(b.headers['idempotency-replayed']).toBeUndefined();
  });

  it('cannot be revoked: a token of another principal is as unknown as one that never was', async () => {
    expect((await world.call('DELETE', `/me/tokens/${theirs.token}`, undefined, stranger)).status).toBe(404);
    expect((await world.call('DELETE', '/me/tokens/admin', undefined, stranger)).status).toBe(404);
    expect((await world.call('GET', '/me', undefined, { token: ADMIN_TOKEN })).status).toBe(200);
  });
});
