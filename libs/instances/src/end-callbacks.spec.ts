import type { Instance } from '@flow/instances';
import type { DomainId } from '@flow/kernel';
import { done, failed, type Step } from '@flow/operators';
import { armFailpoint } from '@flow/platform';
import { RunWorld, aCaller } from '@flow/testing/instances';
import { settle } from '@flow/testing/kernel';
import { localServer, type Hit, type LocalServer } from '@flow/testing/platform';
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { LARGEST_BODY } from './callback.sender';

const ann = aCaller();
const call = (id: string): Step => ({ id, operator: '@test/call' });
const ends = (parameters: object): Step => ({ id: 'r', operator: '@internal/return', parameters: parameters as never });
/** Rows are written within it. */
const A_MOMENT = 230;
/** Longer than the pause after a first failed attempt. */
const LATER = 10_000;

/** Where a worker dies while it tells of an end. */
const DEATHS = [
  ...['log.append', 'log.mark'].flatMap((name) => [`${name}.before`, `${name}.after`]),
  ...['instance.project', 'instance.settle', 'delivery.add', 'delivery.settle'].flatMap((name) =>
    ['before', 'commit', 'after'].map((moment) => `${name}.${moment}`),
  ),
].flatMap((point) => [1, 2].map((count) => `${point}@${count}`));

/** As the page of Standard Webhooks tells receivers to check, written from that page alone. */
function isAuthentic({ headers, body }: Hit, secret: string): boolean {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signed = [headers['webhook-id'], headers['webhook-timestamp'], body].map(String).join('.');
  const wanted = createHmac('sha256', key).update(signed).digest();
  return String(headers['webhook-signature'])
    .split(' ')
    .map((entry) => entry.split(','))
    .some(([version, value = '']) => {
      const given = Buffer.from(value, 'base64');
      return version === 'v1' && given.length === wanted.length && timingSafeEqual(given, wanted);
    });
}

describe('The end of a run', () => {
  let world: RunWorld;
  let server: LocalServer;
  let answer: (hit: Hit, response: ServerResponse) => void;

  beforeEach(async () => {
    world = await RunWorld.open();
    answer = (_hit, response) => response.end();
    server = await localServer((hit, response) => answer(hit, response));
  });
  afterEach(async () => {
    armFailpoint(undefined);
    world.close();
    await server.close();
  });

  /** Waits, without the test's clock, for what real sockets bring about. */
  const comesTrue = async (fact: () => boolean) => {
    for (const endMs = Date.now() + 20_000; !fact();) {
      if (Date.now() > endMs) throw new Error('It did not come about.');
      await settle();
    }
  };
  const started = async (steps: readonly Step[], request: { callbackUrl?: string } = {}) => {
    const dag = await world.aDag(steps);
    const instance = await world.service.start(ann, dag.id, { callbackUrl: `${server.url}/done?key=k`, ...request });
    await settle();
    return instance;
  };
  const told = () => server.hits.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  const callback = async ({ id }: Instance) => world.service.callback(await world.service.get(ann, id));

  it('is told once it is in the rows, signed, at the address that the start named', async () => {
    const seen: (string | undefined)[] = [];
    const instance = await started([call('a'), ends({ n: '{{__a.n}}', text: 'ü \u0000' })]);
    answer = (_hit, response) => {
      void world.store.find(ann.domain, instance.id).then((found) => {
        seen.push(found?.status);
        response.writeHead(202).end();
      });
    };
    expect(await callback(instance)).toEqual({
      url: `${server.url}/done?***`,
      status: 'pending',
      attempts: 0,
      nextAt: null,
      lastError: null,
    });
    await world.answer(done({ n: 7 }));
    await comesTrue(() => world.attempts.length === 1);
    const [hit] = server.hits as [Hit];
    const { id, dagId } = instance;
    expect(hit).toMatchObject({ method: 'POST', url: '/done?key=k' });
    expect(JSON.parse(hit.body)).toEqual({
      id,
      dagId,
      status: 'succeeded',
      result: { n: 7, text: 'ü \u0000' },
      reason: null,
    });
    expect(hit.headers['webhook-id']).toMatch(new RegExp(`^${id}:\\d+:0$`));
    const [{ value }] = (await world.delivering.secrets.read(ann)) as unknown as [{ value: string }];
    expect(isAuthentic(hit, value)).toBe(true);
    expect(isAuthentic({ ...hit, body: `${hit.body} ` }, value)).toBe(false);
    expect(seen).toEqual(['succeeded']);
    expect(await callback(instance)).toMatchObject({ status: 'delivered', attempts: 1, nextAt: null });
  });

  it('is authentic by either secret while both are live', async () => {
    const [old] = await world.delivering.secrets.read(ann);
    const [next] = await world.delivering.secrets.rotate(ann, 60_000);
    await started([ends({})]);
    await comesTrue(() => server.hits.length === 1);
    expect([old!, next!].map(({ value }) => isAuthentic(server.hits[0]!, value))).toEqual([true, true]);
    const foreign = await world.delivering.secrets.read(aCaller({ domain: 'other' }));
    expect(isAuthentic(server.hits[0]!, foreign[0]!.value)).toBe(false);
  });

  it('is told as well when it failed or was cancelled, with the reason', async () => {
    await started([call('a')]);
    const cancelled = await started([call('b')]);
    await world.answer(failed('work.broken', 'It broke.'));
    await comesTrue(() => server.hits.length === 1);
    await world.runs.actions.cancel(ann, cancelled.id, { reason: 'not wanted' });
    await world.answer(failed('task.aborted', 'aborted'));
    await comesTrue(() => server.hits.length === 2);
    expect(told()).toMatchObject([
      { status: 'failed', result: null, reason: { code: 'work.broken', stepId: 'a', path: 'a' } },
      { id: cancelled.id, status: 'cancelled', result: null },
    ]);
  });

  it('is told to nobody when nobody asked, and of no sub-flow of the run', async () => {
    const child = await world.aDag([ends({ n: 1 })]);
    const dag = await world.aDag([ends({})]);
    const plain = await world.service.start(ann, dag.id, {});
    const parent = await started([{ id: 'sub', operator: '@subflow/call/workflow', parameters: { dagId: child.id } }]);
    await comesTrue(() => world.attempts.length === 1);
    await world.clock.advance(LATER);
    expect(told()).toMatchObject([{ id: parent.id }]);
    expect(await callback(plain)).toBeUndefined();
  });

  it('is told again of a retry, at the same address under another id', async () => {
    const first = await started([call('a')]);
    await world.answer(failed('work.broken', 'It broke.'));
    await comesTrue(() => world.attempts.length === 1);
    const { instance } = await world.runs.retries.retry(ann, first.id, { from: 'failed', version: 'original' });
    await settle();
    await world.answer(done({}));
    await comesTrue(() => world.attempts.length === 2);
    expect(told()).toMatchObject([{ id: first.id }, { id: instance.id, status: 'succeeded' }]);
    expect(server.hits.map(({ url }) => url)).toEqual(['/done?key=k', '/done?key=k']);
    expect(new Set(server.hits.map(({ headers }) => headers['webhook-id'])).size).toBe(2);
  });

  it('brings a large result along up to a mebibyte, and says when it is larger', async () => {
    world.close();
    world = await RunWorld.open({
      values: { inlineBytes: 10_000, valueBytes: 8 * LARGEST_BODY },
      limits: { instanceBytes: 64 * LARGEST_BODY },
    });
    await started([call('a'), ends({ all: '{{__a}}' })]);
    await world.answer(done({ text: 'x'.repeat(LARGEST_BODY / 2) }));
    await comesTrue(() => world.attempts.length === 1);
    await started([call('a'), ends({ all: '{{__a}}' })]);
    await world.answer(done({ text: 'x'.repeat(LARGEST_BODY) }));
    await comesTrue(() => world.attempts.length === 2);
    expect(told().map(({ result, resultTruncated }) => [JSON.stringify(result).length, resultTruncated])).toEqual([
      [LARGEST_BODY / 2 + '{"all":{"text":""}}'.length, undefined],
      [4, true],
    ]);
    expect(world.bugs).toEqual([]);
  });

  it('goes to no address that may not be called: the start is refused, and nothing is kept', async () => {
    const dag = await world.aDag([ends({})]);
    for (const [callbackUrl, code] of [
      ['http://10.0.0.1/', 'callback_url.blocked'],
      ['gopher://x.example/', 'callback_url.invalid'],
    ] as const)
      await expect(world.service.start(ann, dag.id, { callbackUrl })).rejects.toMatchObject({
        code,
        faults: [{ pointer: '/callbackUrl', code }],
      });
    expect((await world.service.list(ann, {}, { limit: 10 })).items).toEqual([]);
  });

  it('that cannot be told is told later; children and parents do not wait for it', async () => {
    answer = (_hit, response) => void response.writeHead(500).end();
    const child = await world.aDag([call('w')]);
    const first = await started([ends({})]);
    await comesTrue(() => world.attempts.length === 1);
    const parent = await started([{ id: 'sub', operator: '@subflow/call/workflow', parameters: { dagId: child.id } }]);
    await world.answer(done({}));
    expect((await world.service.get(ann, parent.id)).status).toBe('succeeded');
    await world.runner.projector.caughtUp();
    await comesTrue(() => world.attempts.length >= 2);
    await world.clock.advance(A_MOMENT);
    expect(await world.store.outbox('', 10)).toEqual([]);
    expect(await callback(first)).toMatchObject({ status: 'pending', lastError: 'The receiver answered 500.' });
    answer = (_hit, response) => response.end();
    await world.clock.advance(LATER);
    await comesTrue(() => world.attempts.filter((outcome) => outcome === 'delivered').length === 2);
  });

  it('is a dead letter of its business domain when nobody takes it', async () => {
    answer = (_hit, response) => void response.writeHead(410).end();
    const instance = await started([ends({ n: 1 })]);
    await comesTrue(() => world.attempts.length === 1);
    expect(await callback(instance)).toMatchObject({ status: 'dead', attempts: 1 });
    const { deadLetters } = world.delivering;
    const [letter] = (await deadLetters.list(ann, { instance: instance.id }, { limit: 5 })).items;
    expect(letter).toMatchObject({
      instance: instance.id,
      domain: 'acme' as DomainId,
      url: `${server.url}/done?key=k`,
    });
    const stranger = aCaller({ domain: 'other' });
    await expect(deadLetters.get(stranger, letter!.id)).rejects.toMatchObject({ code: 'dead_letter.not_found' });
    await expect(world.service.get(stranger, instance.id)).rejects.toMatchObject({ code: 'instance.not_found' });
  });

  it.each(DEATHS)('is told under one id, and never lost, though the worker dies at %s', async (point) => {
    const instance = await started([call('a'), ends({ n: '{{__a.n}}' })]);
    await world.clock.advance(A_MOMENT);
    armFailpoint(`${point}:throw`);
    world.calls.shift()?.answer(done({ n: 7 }));
    await settle();
    await world.clock.advance(point.startsWith('log.append') ? 60 : A_MOMENT);
    await settle();
    world.bugs.length = 0;
    world.crash();
    armFailpoint(undefined);
    await world.restart();
    await world.clock.advance(A_MOMENT);
    // What died before the log had it is done again.
    while (world.calls.length > 0) await world.answer(done({ n: 7 }));
    await world.clock.advance(A_MOMENT);
    await comesTrue(() => server.hits.length > 0);
    for (let left = 50; left > 0; left -= 1) await settle();
    await world.clock.advance(LATER);
    await world.runner.projector.caughtUp();
    await comesTrue(() => world.delivering.deliverer.underWay === 0);
    expect(await callback(instance)).toMatchObject({ status: 'delivered' });
    const ids = server.hits.map(({ headers, body }) => `${String(headers['webhook-id'])} ${body}`);
    expect(new Set(ids).size).toBe(1);
    expect(await world.store.outbox('', 10)).toEqual([]);
  });
});
