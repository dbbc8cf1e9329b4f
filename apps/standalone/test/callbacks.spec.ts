import { API_PREFIX } from '@flow/http';
import { request } from 'undici';
import { Flows } from './flows';

const wait = { id: 'answer', operator: '@control/callback', settings: { timeout: { delay: 3600 } } };
const end = { id: 'end', operator: '@internal/return', parameters: { got: '{{__answer.body}}' } };
const UNKNOWN = { status: 404, code: 'callback.not_found' };

interface Reply {
  readonly status: number;
  readonly text: string;
  readonly code: string | undefined;
}

describe('A callback', () => {
  let flows: Flows;
  beforeAll(async () => (flows = await Flows.start()));
  beforeEach(() => flows.renew());
  afterAll(() => flows.close());

  /** As the world outside calls: no token, no domain, nothing but the address. */
  const call = async (
    url: string,
    body: string | Buffer | null = '{"paid":true}',
    type = 'application/json',
  ): Promise<Reply> => {
    const own = flows.world.addressOf('public');
    const response = await request(`${own}${new URL(url).pathname}`, {
      method: 'POST',
      headers: { 'x-request-id': 'outside', ...(body !== null && { 'content-type': type }) },
      ...(body !== null && { body }),
    });
    const text = await response.body.text();
    return { status: response.statusCode, text, code: text === '' ? undefined : (JSON.parse(text) as Reply).code };
  };
  /** A run whose first step has sent out the address of a later one. */
  const sent = async (...steps: object[]) => {
    const given = steps.length > 0 ? steps : [wait, end];
    const id = await flows.run([flows.step('send', {}, { url: '{{callbacks.answer.url}}' }), ...given]);
    const out = await flows.call('send');
    return { id, url: String(out.body.url), answer: () => out.answer() };
  };

  it('goes to an address that an earlier step sent out, and its body is what the step gives', async () => {
    const { id, url, answer } = await sent();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/api\/automation\/v1\/callbacks\/[\w-]{80,}$/);
    answer();
    await flows.taskIn(id, 'answer');
    expect((await flows.must('GET', `/instances/${id}/why`)).as<object>()).toMatchObject({
      status: 'waiting',
      waitingFor: [{ kind: 'callback', path: 'answer', until: expect.any(String) as string }],
    });
    expect(await call(url)).toEqual({ status: 202, text: '', code: undefined });
    expect(await flows.ended(id)).toMatchObject({ status: 'succeeded', result: { got: { paid: true } } });
    expect((await flows.facts(id))[1]).toMatchObject({ type: 'task.answered', path: 'answer', attempt: 1 });
  });

  it.each<[what: string, body: string | null, got: unknown]>([
    ['an object', '{"a":[1,null]}', { a: [1, null] }],
    ['a list', '[1]', [1]],
    ['a text', '"x"', 'x'],
    ['a number', '0', 0],
    ['null', 'null', null],
    ['nothing', null, {}],
    ['half a megabyte', JSON.stringify('x'.repeat(100_000)), 'x'.repeat(100_000)],
    ['what looks like an expression', '{"a":"{{secrets.key}}"}', { a: '{{secrets.key}}' }],
  ])('takes %s', async (_what, body, got) => {
    const { id, url, answer } = await sent();
    answer();
    await flows.taskIn(id, 'answer');
    expect((await call(url, body)).status).toBe(202);
    expect((await flows.ended(id)).result).toEqual({ got });
  });

  it('that comes before its turn is kept, and taken then', async () => {
    const { id, url, answer } = await sent();
    expect((await call(url)).status).toBe(202);
    expect(await call(url, '{"second":1}')).toMatchObject(UNKNOWN);
    answer();
    expect((await flows.ended(id)).result).toEqual({ got: { paid: true } });
  });

  it('is taken once, also when fifty come at the same moment', async () => {
    const { id, url, answer } = await sent();
    answer();
    await flows.taskIn(id, 'answer');
    const replies = await Promise.all(Array.from({ length: 50 }, (_, i) => call(url, `{"i":${i}}`)));
    expect(replies.filter(({ status }) => status === 202)).toHaveLength(1);
    expect(replies.filter(({ code }) => code === 'callback.not_found')).toHaveLength(49);
    await flows.ended(id);
  });

  it('is unknown alike when it is forged, cut, used, expired, or its run is over', async () => {
    const [used, cancelled, live] = [await sent(), await sent(), await sent()];
    used.answer();
    await flows.taskIn(used.id, 'answer');
    await call(used.url);
    await flows.ended(used.id);
    await flows.must('POST', `/instances/${cancelled.id}/cancel`);
    await flows.ended(cancelled.id);
    const expired = await sent({ ...wait, settings: { timeout: { delay: 0.1 } } }, end);
    expired.answer();
    await flows.ended(expired.id);
    const [base, token = ''] = live.url.split(/(?<=callbacks\/)/);
    const flipped = (at: number) => token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
    const wrong = [
      flipped(0),
      flipped(20),
      flipped(60),
      flipped(token.length - 2),
      token.slice(0, -4),
      `${token}AAAA`,
      'x',
      '..%2f',
      'A'.repeat(4_000),
    ];
    const replies = await Promise.all(
      [used.url, cancelled.url, expired.url, ...wrong.map((one) => `${base}${one}`)].map(async (url) => {
        const { status, text } = await call(url);
        // What was sent comes back, nothing else differs.
        return { status, text: text.replace(/"instance":"[^"]*"/, '') };
      }),
    );
    for (const reply of replies) expect(reply).toEqual(replies[0]);
    expect(replies[0]).toMatchObject({ status: 404, text: expect.stringContaining('callback.not_found') as string });
    expect((await call(live.url)).status).toBe(202);
    live.answer();
    await flows.ended(live.id);
  });

  it('is used by whoever writes its token in another way once all the same', async () => {
    const { id, url, answer } = await sent();
    answer();
    await flows.taskIn(id, 'answer');
    await call(url);
    await flows.ended(id);
    for (const other of [`${url}=`, `${url}==`, url.replace(/.$/, (last) => encodeURIComponent(last)), `${url}%20`])
      expect((await call(other)).status).toBe(404);
  });

  it.each<[type: string, body: string | Buffer, status: number, code: string]>([
    ['text/plain', 'paid', 415, 'content_type.unsupported'],
    ['application/x-www-form-urlencoded', 'paid=1', 415, 'content_type.unsupported'],
    ['application/yaml', 'paid: true', 415, 'content_type.unsupported'],
    ['application/json; charset=latin1', '{}', 415, 'content_type.unsupported'],
    ['application/json', '{"paid":', 400, 'request.invalid'],
    ['application/json', '{"__proto__":1}', 400, 'request.invalid'],
    ['application/json', '['.repeat(65) + ']'.repeat(65), 400, 'request.invalid'],
    ['application/json', JSON.stringify('x'.repeat(2 ** 20)), 413, 'body.too_large'],
  ])(
    'that is sent as %s is refused the same, whether its token is good or not (%#)',
    async (type, body, status, code) => {
      const { id, url, answer } = await sent();
      for (const one of [url, url.slice(0, -3)]) {
        const reply = await call(one, body, type);
        expect([reply.status, reply.code]).toEqual([status, code]);
      }
      expect((await call(url)).status).toBe(202);
      answer();
      await flows.ended(id);
    },
  );

  it('shows its token to nobody but the one that it was sent to', async () => {
    const { id, url, answer } = await sent();
    answer();
    await flows.taskIn(id, 'answer');
    await call(url);
    await call(url);
    await flows.world.call('PUT', `/callbacks/${url.split('/').pop() ?? ''}`, {}, { token: null });
    await flows.ended(id);
    const token = url.split('/').pop() ?? '-';
    const seen = [
      await flows.must('GET', `/instances/${id}`),
      await flows.must('GET', `/instances/${id}/tasks`),
      await flows.must('GET', `/instances/${id}/history`),
      await flows.must('GET', `/instances/${id}/events`, undefined, { headers: { accept: 'application/x-ndjson' } }),
      await flows.must('GET', `/instances/${id}/logs`, undefined, { headers: { accept: 'application/x-ndjson' } }),
    ].map(({ text }) => text);
    for (const text of [...seen, flows.world.log]) expect(text.includes(token.slice(0, 40))).toBe(false);
    expect(flows.world.log).toContain(`${API_PREFIX}/callbacks/`);
    expect((await flows.task(id, 'send')).input).toMatchObject({
      body: { url: '{{callbacks.answer.url}}' },
    });
  });

  it('has an address of its own in each iteration, which stays used when the loop has gone on', async () => {
    const id = await flows.run([
      {
        id: 'each',
        operator: '@control/flow/loop',
        parameters: { mode: 'limit', limit: 3, outputs: [{ key: 'got', value: '{{__answer.body}}' }] },
        steps: [flows.step('send', {}, { url: '{{callbacks.answer.url}}' }), wait],
      },
      { id: 'end', operator: '@internal/return', parameters: { got: '{{__each.outputs.got}}' } },
    ]);
    const urls: string[] = [];
    for (let i = 0; i < 3; i += 1) {
      const out = await flows.call('send');
      urls.push(String(out.body.url));
      out.answer();
      await flows.taskIn(id, `each[${i}]/answer`);
      for (const old of urls.slice(0, i)) expect(await call(old)).toMatchObject(UNKNOWN);
      expect((await call(urls[i]!, `${i}`)).status).toBe(202);
    }
    expect(new Set(urls).size).toBe(3);
    expect((await flows.ended(id)).result).toEqual({ got: [0, 1, 2] });
  });

  it.each(['before', 'after'])('answers a request that hands over its own address, %s it was taken', async (when) => {
    const ask = {
      id: 'answer',
      operator: '@http/request',
      parameters: {
        method: 'POST',
        url: `${flows.server.url}/`,
        body: { step: 'answer', url: '{{callbacks.answer.url}}' },
        callback: true,
      },
    };
    const id = await flows.run([ask, end]);
    const out = await flows.call('answer');
    const url = String(out.body.url);
    if (when === 'before') expect((await call(url)).status).toBe(202);
    out.answer({ taken: true }, 202);
    if (when === 'after') {
      await flows.taskIn(id, 'answer');
      expect((await call(url)).status).toBe(202);
    }
    expect((await flows.ended(id)).result).toEqual({ got: { paid: true } });
    expect(await call(url)).toMatchObject(UNKNOWN);
  });

  it('of an attempt that failed is over: the next attempt has an address of its own', async () => {
    const parameters = {
      method: 'POST',
      url: `${flows.server.url}/`,
      body: { step: 'answer', url: '{{callbacks.answer.url}}' },
      callback: true,
    };
    const settings = { retry: { max: 1, delay: 0.1 } };
    const id = await flows.run([{ id: 'answer', operator: '@http/request', parameters, settings }, end]);
    const first = await flows.call('answer');
    first.answer({}, 503);
    const second = await flows.call('answer');
    expect(second.body.url).not.toBe(first.body.url);
    expect(await call(String(first.body.url))).toMatchObject(UNKNOWN);
    second.answer({}, 202);
    await flows.taskIn(id, 'answer');
    expect((await call(String(second.body.url))).status).toBe(202);
    expect((await flows.ended(id)).result).toEqual({ got: { paid: true } });
  });

  it('reaches a step however deep it stands', async () => {
    const long = 'x'.repeat(200);
    let steps: object[] = [flows.step('send', {}, { url: '{{callbacks.answer.url}}' }), wait];
    for (let i = 0; i < 8; i += 1) steps = [{ id: `${long}${i}`, operator: '@control/flow/try', steps, finally: [] }];
    const id = await flows.run(steps);
    const out = await flows.call('send');
    expect((await call(String(out.body.url))).status).toBe(202);
    out.answer();
    expect((await flows.ended(id)).status).toBe('succeeded');
  });

  it('is told how far it is, which the task shows', async () => {
    const { id, url, answer } = await sent();
    answer();
    await flows.taskIn(id, 'answer');
    const said = { percent: 40, message: '4 of 10', data: { file: 'a' } };
    expect(await call(`${url}/progress`, JSON.stringify(said))).toMatchObject({ status: 202, text: '' });
    expect(await flows.task(id, 'answer')).toMatchObject({
      status: 'waiting',
      waitingFor: { kind: 'callback', progress: said },
    });
    expect(await flows.facts(id)).toContainEqual(
      expect.objectContaining({ type: 'task.progress', path: 'answer', ...said }),
    );
    expect(await call(`${url}/progress`, null)).toMatchObject({ status: 429, code: 'callback.progress_too_often' });
    expect(await call(`${url}/progress`, '{"percent":101}')).toMatchObject({ status: 400 });
    expect(await call(`${url}x/progress`, null)).toMatchObject({ status: 404, code: 'callback.not_found' });
    expect(await call(url)).toMatchObject({ status: 202 });
    expect(await call(`${url}/progress`, null)).toMatchObject({ status: 404, code: 'callback.not_found' });
  });

  it('is answered by hand on the private server, as its failure too', async () => {
    const { id, url, answer } = await sent();
    answer();
    const task = await flows.taskIn(id, 'answer');
    const goOn = (body: object, ask: object = {}) =>
      flows.ask('POST', `/trigger/continue/${task.id}`, body, { server: 'private', ...ask });
    const failed = { status: 'failed', error: { code: 'warehouse.closed', message: 'Closed.' } };
    expect((await goOn({ status: 'failed' })).problem).toMatchObject({ errors: [{ pointer: '/error/message' }] });
    expect((await goOn(failed, await flows.person('bob', ['instance.view']))).status).toBe(403);
    expect((await goOn(failed, { domain: flows.world.newDomain() })).problem).toMatchObject({ code: 'task.not_found' });
    expect((await goOn(failed)).status).toBe(202);
    expect(await flows.ended(id)).toMatchObject({
      status: 'failed',
      reason: { code: 'warehouse.closed', message: 'Closed.' },
    });
    expect((await goOn(failed)).problem).toMatchObject({ status: 409, code: 'task.has_ended' });
    expect(await call(url)).toMatchObject(UNKNOWN);
  });
});
