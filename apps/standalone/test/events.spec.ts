import { ApiWorld, aDefinition, until, type Answer, type Body } from './api-world';

interface Pushed {
  readonly items: readonly {
    readonly id: string;
    readonly firings: readonly { readonly id: string; readonly triggerId: string; readonly status: string }[];
  }[];
}
interface Letter {
  readonly id: string;
  readonly kind: string;
  readonly triggerId?: string;
  readonly code?: string;
  readonly attempts: number;
  readonly payload?: { readonly data: unknown };
}
interface Firing {
  readonly id: string;
  readonly status: string;
  readonly instanceId: string | null;
}

const FORM = {
  id: '0',
  operator: '@trigger/form',
  parameters: { fields: [{ key: 'order', type: 'string', required: true }] },
};

describe('Events that are pushed', () => {
  let world: ApiWorld;
  let domain: string;
  beforeAll(async () => {
    world = await ApiWorld.open();
  });
  beforeEach(() => {
    domain = world.newDomain();
  });
  afterAll(() => world.close());

  const must = (method: string, path: string, body?: Body) => world.must(method, path, body, { domain });
  const admin = (method: string, path: string, body?: Body, headers: Record<string, string> = {}): Promise<Answer> =>
    world.call(method, path, body, { domain, headers, server: 'private' });
  const aTrigger = async (sent: object = {}, first: object = FORM) => {
    const [, ...steps] = (aDefinition('x') as { steps: object[] }).steps;
    const title = `Events ${Math.random()}`.replace('.', '');
    const dag = (await must('POST', '/dags', { ...aDefinition(title), steps: [first, ...steps] })).id;
    return (await must('POST', `/dags/${dag}/triggers`, { kind: 'event', config: { source: 'internal' }, ...sent })).id;
  };
  const anEvent = (id: string, data: unknown = { order: 'o-1' }, type = 'order.placed') => ({
    specversion: '1.0',
    id,
    source: '/shop',
    type,
    data,
  });
  const push = async (body: Body, headers: Record<string, string> = {}) => {
    const answer = await admin('POST', '/trigger/event', body, headers);
    expect([answer.status, answer.text]).toEqual([202, answer.text]);
    return answer.as<Pushed>().items;
  };
  const firings = async (id: string, status?: string) =>
    (await must('GET', `/triggers/${id}/firings?limit=200${status ? `&status=${status}` : ''}`)).as<{
      items: Firing[];
    }>().items;
  const settled = (id: string, count: number) =>
    until(async () => {
      const all = await firings(id);
      return all.length === count && all.every(({ status }) => status !== 'pending') ? all : undefined;
    });
  const letters = async (query = '') =>
    (await admin('GET', `/dead-letters${query}`)).as<{ items: Letter[]; nextCursor: string | null; total?: number }>();

  it('start a run of every trigger of the domain whose type fits, once for a source and id', async () => {
    const [all, placed, paid] = [
      await aTrigger(),
      await aTrigger({ config: { source: 'internal', type: 'order.placed' } }),
      await aTrigger({ config: { source: 'internal', type: 'order.paid' } }),
    ];
    const [first] = await push(anEvent('e1'));
    expect(first?.firings.map(({ triggerId }) => triggerId)).toEqual([all, placed]);
    const again = await push([anEvent('e1'), anEvent('e2', { order: 'o-2' }, 'order.paid')]);
    expect(again.map(({ id }) => id)).toEqual(['e1', 'e2']);
    expect(again[0]?.firings.map(({ id }) => id)).toEqual(first?.firings.map(({ id }) => id));
    expect((await settled(all, 2)).map(({ status }) => status)).toEqual(['fired', 'fired']);
    expect(await settled(placed, 1)).toMatchObject([{ status: 'fired' }]);
    expect(await settled(paid, 1)).toMatchObject([{ status: 'fired' }]);
    domain = world.newDomain();
    expect(await push(anEvent('e3'))).toEqual([{ id: 'e3', source: '/shop', firings: [] }]);
  });

  it('are what becomes of DAGs of the domain too, for triggers that name it, each once', async () => {
    const [changes, updates, all] = [
      await aTrigger({ config: { source: 'internal', type: 'automation.dag.*' }, input: { order: '{{event.type}}' } }),
      await aTrigger({
        config: { source: 'internal', type: 'automation.dag.updated' },
        filter: "event.data.title == 'next'",
      }),
      await aTrigger(),
    ];
    const own = new Set((await firings(changes)).map(({ id }) => id));
    const dag = (await must('POST', '/dags', aDefinition('watched'))).id;
    await must('PUT', `/dags/${dag}`, aDefinition('next'));
    await must('DELETE', `/dags/${dag}`);
    type Told = Firing & {
      readonly event: { readonly type: string; readonly subject: string; readonly data: { by: string } };
    };
    const told = await until(async () => {
      const found = (await firings(changes)) as Told[];
      const ofDag = found.filter(({ id, event }) => !own.has(id) && event.subject === dag);
      const isOver = ofDag.some(({ event }) => event.type === 'automation.dag.deleted');
      return isOver && ofDag.every(({ status }) => status === 'fired') ? ofDag.reverse() : undefined;
    });
    expect(told.map(({ event }) => event.type)).toEqual([
      'automation.dag.created',
      'automation.dag.updated',
      'automation.dag.deleted',
    ]);
    expect(told[0]?.event.data).toMatchObject({ id: dag, title: 'watched', by: 'admin' });
    expect(((await firings(updates)) as Told[]).filter(({ event }) => event.subject === dag)).toMatchObject([
      { event: { type: 'automation.dag.updated' } },
    ]);
    expect(await firings(all)).toEqual([]);
    const elsewhere = domain;
    domain = world.newDomain();
    await must('POST', '/dags', aDefinition('watched'));
    domain = elsewhere;
    expect(((await firings(changes)) as Told[]).filter(({ event }) => event.subject === dag)).toHaveLength(told.length);
  });

  it('are ordered by what a first step says, as by what a trigger says', async () => {
    const first = (orderBy: string) => ({
      id: '0',
      operator: '@trigger/event',
      parameters: { source: 'internal', type: 'order.*', orderBy },
    });
    const steps = [
      first('{{event.data.order}}'),
      { id: '1', operator: '@internal/return', parameters: { got: '{{__0.order}}' } },
    ];
    const dag = (await must('POST', '/dags', { title: 'in order', steps })).id;
    const { items } = (await must('GET', `/dags/${dag}/triggers`)).as<{ items: { id: string; config: object }[] }>();
    expect(items).toMatchObject([{ config: { orderBy: '{{event.data.order}}' } }]);
    const trigger = items[0]?.id ?? '';
    await push([1, 2, 3, 4].map((n) => anEvent(`e${n}`, { order: `o-${n % 2}` })));
    const done = (await settled(trigger, 4)) as (Firing & { readonly orderKey?: string })[];
    expect(done.every(({ status }) => status === 'fired')).toBe(true);
    for (const [orderBy, code] of [
      ['{{nobody.x}}', 'expression.unknown_name'],
      ['{{event.data.}}', 'expression.invalid'],
    ]) {
      const refused = await world.call(
        'POST',
        '/dags',
        { title: 'no', steps: [first(orderBy ?? ''), steps[1]] },
        { domain },
      );
      expect(refused.problem.errors).toMatchObject([{ pointer: '/steps/0/parameters/orderBy', code }]);
    }
  });

  it('give the same answer under an Idempotency-Key', async () => {
    const trigger = await aTrigger();
    const key = { 'idempotency-key': 'k-1' };
    const first = await push(anEvent('e1'), key);
    expect(await push(anEvent('e1'), key)).toEqual(first);
    expect((await admin('POST', '/trigger/event', anEvent('e2'), key)).status).toBe(422);
    expect(await settled(trigger, 1)).toHaveLength(1);
  });

  it('are refused whole when one of them is no CloudEvent, too many, or of whoever may not', async () => {
    const trigger = await aTrigger();
    const answer = await admin('POST', '/trigger/event', [anEvent('e1'), { ...anEvent('e2'), time: 'noon', Own: 'x' }]);
    expect(answer.as<object>()).toMatchObject({
      status: 400,
      code: 'event.invalid',
      errors: [{ pointer: '/1/time' }, { pointer: '/1/Own' }],
    });
    const many = Array.from({ length: 101 }, (_, n) => anEvent(`e${n}`));
    expect((await admin('POST', '/trigger/event', many)).status).toBe(400);
    expect((await admin('POST', '/trigger/event', '"text"', { 'content-type': 'application/json' })).status).toBe(400);
    const token = await world.token(['trigger.fire', 'trigger.manage']);
    const refused = await world.call('POST', '/trigger/event', anEvent('e1'), { domain, token, server: 'private' });
    expect(refused.status).toBe(403);
    expect(await firings(trigger)).toEqual([]);
  });

  it('that cannot start are dead letters: looked at, corrected, driven anew, forgotten', async () => {
    const trigger = await aTrigger();
    await push([anEvent('e1', { order: 1 }), anEvent('e2', {}), anEvent('e3', {}), anEvent('e4', {})]);
    await settled(trigger, 4);
    const page = await letters('?count=true&limit=3');
    expect(page).toMatchObject({ total: 4, items: [{ kind: 'firing', triggerId: trigger, attempts: 1 }, {}, {}] });
    const rest = await letters(`?limit=3&cursor=${page.nextCursor ?? ''}`);
    expect(rest).toMatchObject({ items: [{ kind: 'firing' }], nextCursor: null });
    const [letter] = rest.items;
    const at = `/dead-letters/${letter!.id}`;
    expect((await admin('GET', at)).as<Letter>()).toMatchObject({
      code: 'input.invalid',
      payload: { data: { order: 1 } },
    });
    expect((await admin('PUT', at, { url: 'https://hooks.example.com' })).status).toBe(400);
    expect((await admin('PUT', at, { data: { order: 'o-1' } })).as<Letter>().payload?.data).toEqual({ order: 'o-1' });
    const one = await admin('POST', '/dead-letters/redrive', { ids: [letter!.id, 'none'] });
    expect(one.as<object>()).toMatchObject({
      items: [{ ok: true }, { ok: false, error: { code: 'dead_letter.not_found' } }],
    });
    const fired = await until(async () => (await firings(trigger, 'fired'))[0]);
    const run = (await must('GET', `/instances/${fired.instanceId ?? ''}`)).as<{ input: unknown }>();
    expect(run.input).toEqual({ order: 'o-1' });
    expect((await admin('DELETE', `/dead-letters/${page.items[0]!.id}`)).status).toBe(204);
    expect((await admin('GET', `/dead-letters/${page.items[0]!.id}`)).status).toBe(404);
    const all = await admin('POST', '/dead-letters/redrive', { filter: { triggerId: trigger } });
    expect(all.as<object>()).toMatchObject({ items: [], redriven: 2 });
    await until(async () => ((await firings(trigger, 'dead')).length === 2 ? true : undefined));
    expect((await letters('?kind=callback')).items).toEqual([]);
    expect((await letters('?kind=firing')).items).toHaveLength(2);
    domain = world.newDomain();
    expect((await letters()).items).toEqual([]);
    expect((await admin('GET', at)).status).toBe(404);
  });

  it('name what is wrong with a filter of dead letters', async () => {
    const wrong = { kind: 'letter', triggerId: 1, other: 'x' };
    const answer = await admin('POST', '/dead-letters/redrive', { filter: wrong });
    expect(answer.as<{ errors: { pointer: string }[] }>().errors.map(({ pointer }) => pointer)).toEqual([
      '/filter/kind',
      '/filter/triggerId',
      '/filter/other',
    ]);
    expect((await admin('POST', '/dead-letters/redrive', { filter: { triggerId: 't', host: 'h' } })).status).toBe(400);
  });
});
