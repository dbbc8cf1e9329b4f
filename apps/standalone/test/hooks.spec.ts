import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './api-world';
import { Flows } from './flows';
import { HookCalls, SECRET, STANDARD_SECRET, standard } from './hook-calls';

interface TriggerView {
  readonly id: string;
  readonly url: string | null;
  readonly testUrl: string | null;
  readonly config: object;
}

interface FiringView {
  readonly id: string;
  readonly key: string;
  readonly cause: string;
  readonly status: string;
  readonly group: string | null;
  readonly reason: { code: string; message: string } | null;
  readonly instanceId: string | null;
  readonly event: { data: unknown; headers: Record<string, string>; [name: string]: unknown };
}

const end = { id: 'end', operator: '@internal/return', parameters: { got: '{{trigger}}' } };
const JSON_HEADERS = { 'content-type': 'application/json' };

describe('A webhook', () => {
  let flows: Flows;
  let hooks: HookCalls;
  beforeAll(async () => {
    flows = await Flows.start();
    hooks = new HookCalls(flows);
  });
  beforeEach(() => flows.renew());
  afterAll(async () => {
    await hooks.close();
    await flows.close();
  });

  const made = async (
    sent: object = {},
    steps: object[] = [end],
  ): Promise<TriggerView & { url: string; testUrl: string }> => {
    const dag = await flows.aDag(steps);
    const { config = {}, ...more } = sent as { config?: object };
    return (await flows.must('POST', `/dags/${dag}/triggers`, { kind: 'webhook', config, ...more })).as();
  };
  const signed = async (signature: object = { preset: 'github', secrets: ['hook'] }, more: object = {}) => {
    await flows.must('POST', '/secrets', { name: 'hook', value: SECRET, hosts: [] });
    await flows.must('POST', '/secrets', { name: 'standard', value: STANDARD_SECRET, hosts: [] });
    return made({ config: { signature, ...more } });
  };
  const firings = async (id: string, query = ''): Promise<FiringView[]> =>
    (await flows.must('GET', `/triggers/${id}/firings?limit=200${query}`)).as<{ items: FiringView[] }>().items;
  const runs = async () => (await flows.must('GET', '/instances?count=true')).as<{ total: number }>().total;
  const ended = async (trigger: string, firing: unknown) => {
    const { instanceId } = await until(async () =>
      (await firings(trigger)).find(({ id, status }) => id === firing && status === 'fired'),
    );
    return flows.ended(instanceId ?? '');
  };

  it('starts a run with the body as its data, as soon as the call is durable', async () => {
    const { id, url } = await made();
    const reply = await hooks.call(`${url}?from=a&from=b&x=1`, '{"order":"o-1"}', {
      ...JSON_HEADERS,
      'x-github-event': 'push',
      authorization: 'Bearer x',
      cookie: 'a=b',
    });
    expect(reply).toMatchObject({ status: 202, json: { id: expect.any(String) as string } });
    expect(await ended(id, reply.json.id)).toMatchObject({
      status: 'succeeded',
      result: { got: { order: 'o-1' } },
      trigger: { kind: 'webhook', id },
      createdBy: `trigger:${id}`,
    });
    const [firing] = await firings(id);
    expect(firing).toMatchObject({
      cause: 'webhook',
      status: 'fired',
      event: {
        specversion: '1.0',
        type: 'automation.hook.called',
        method: 'POST',
        data: { order: 'o-1' },
        query: { from: ['a', 'b'], x: '1' },
      },
    });
    expect(firing?.event.headers).toEqual({ 'content-type': 'application/json', 'x-github-event': 'push' });
  });

  it('is the first step of a DAG, whose address stays when the DAG changes', async () => {
    const title = 'hooked';
    const steps = [
      { id: 'in', operator: '@trigger/webhook', parameters: { respond: { mode: 'result' } } },
      { ...end, parameters: { sum: '{{__in.a + __in.b}}' } },
    ];
    const dag = (await flows.must('POST', '/dags', { title, steps })).id;
    const trigger = async () =>
      (await flows.must('GET', `/dags/${dag}/triggers`)).as<{ items: TriggerView[] }>().items[0];
    const { url } = (await trigger()) as { url: string };
    expect(url).toMatch(/\/api\/automation\/v1\/hooks\/[\w-]{32}$/);
    expect(await hooks.call(url, '{"a":1,"b":2}')).toMatchObject({ status: 200, json: { sum: 3 } });
    const schema = { type: 'object', required: ['a'] };
    await flows.must('PUT', `/dags/${dag}`, { title, steps: [{ ...steps[0], parameters: { schema } }, steps[1]] });
    expect((await trigger())?.url).toBe(url);
    expect(await hooks.call(url, '{"b":2}')).toMatchObject({
      status: 422,
      json: { code: 'hook.body_invalid', errors: [{ pointer: '/a' }] },
    });
    expect(
      (
        await flows.ask('POST', '/dags', {
          title: 'no',
          steps: [
            { id: 'in', operator: '@trigger/webhook', parameters: { signature: { preset: 'gitlab', secrets: [] } } },
            end,
          ],
        })
      ).problem.errors?.map(({ pointer }) => pointer),
    ).toEqual(
      expect.arrayContaining([
        expect.stringContaining('/steps/0/parameters/signature/preset'),
        expect.stringContaining('/steps/0/parameters/signature/secrets'),
      ]),
    );
  });

  it('answers as a first step says, with expressions', async () => {
    const respond = { mode: 'result', status: "{{status == 'succeeded' ? 201 : 500}}", body: { is: '{{result.sum}}' } };
    const steps = [
      { id: 'in', operator: '@trigger/webhook', parameters: { respond } },
      { ...end, parameters: { sum: '{{__in.a + __in.b}}' } },
    ];
    const dag = (await flows.must('POST', '/dags', { title: 'answering', steps })).id;
    const { items } = (await flows.must('GET', `/dags/${dag}/triggers`)).as<{ items: TriggerView[] }>();
    expect(await hooks.call(items[0]?.url ?? '', '{"a":1,"b":2}')).toMatchObject({ status: 201, json: { is: 3 } });
    const wrong = { ...respond, body: '{{secrets.a}}' };
    const { problem } = await flows.ask('POST', '/dags', {
      title: 'no',
      steps: [{ ...steps[0], parameters: { respond: wrong } }, steps[1]],
    });
    expect(problem.errors?.map(({ pointer }) => pointer)).toEqual(['/steps/0/parameters/respond/body']);
  });

  it('answers in the type of a text, a number and a list too, with the status that is asked for', async () => {
    for (const body of [
      'a text',
      3,
      null,
      [1],
      { status: '{{status}}', got: '{{result.got.order}}', from: '{{event.query.q}}' },
    ]) {
      const { url } = await made({ config: { respond: { mode: 'result', status: 201, body } } });
      const reply = await hooks.call(`${url}?q=z`);
      expect([reply.status, reply.headers['content-type']]).toEqual([201, 'application/json; charset=utf-8']);
      expect(JSON.parse(reply.text)).toEqual(
        typeof body === 'object' && body !== null && !Array.isArray(body)
          ? { status: 'succeeded', got: 'o-1', from: 'z' }
          : body,
      );
    }
  });

  it('answers 202 when the result takes too long, and 422 for a run that failed, without saying why', async () => {
    const slow = await made({ config: { respond: { mode: 'result', timeout: 'PT0.2S' } } }, [
      { id: 'w', operator: '@control/wait', parameters: { duration: 'PT1H' } },
      end,
    ]);
    expect((await hooks.call(slow.url)).status).toBe(202);
    const fails = [{ id: 'f', operator: '@internal/return', parameters: { result: 'failed', secret: 'inside' } }];
    const plain = await made({ config: { respond: { mode: 'result' } } }, fails);
    expect(await hooks.call(plain.url)).toMatchObject({ status: 422, json: { code: 'hook.run_failed' } });
    expect((await hooks.call(plain.url)).text).not.toContain('inside');
    const mapped = await made(
      {
        config: {
          respond: { mode: 'result', status: "{{status == 'failed' ? 503 : 200}}", body: { is: '{{status}}' } },
        },
      },
      fails,
    );
    expect(await hooks.call(mapped.url)).toMatchObject({ status: 503, json: { is: 'failed' } });
    const broken = await made({ config: { respond: { mode: 'result', status: '{{result.got}}' } } });
    expect(await hooks.call(broken.url)).toMatchObject({ status: 422, json: { code: 'hook.answer_failed' } });
  });

  it.each<[string, string | Buffer | null, Record<string, string>, unknown]>([
    ['JSON', '{"a":[1]}', JSON_HEADERS, { a: [1] }],
    ['another JSON', '{"a":1}', { 'content-type': 'application/vnd.api+json; charset=UTF-8' }, { a: 1 }],
    [
      'a form',
      'a=1&b=x+y%C3%A4&b=2&c',
      { 'content-type': 'application/x-www-form-urlencoded' },
      { a: '1', b: ['x yä', '2'], c: '' },
    ],
    ['a text', 'grüße', { 'content-type': 'text/plain' }, { text: 'grüße' }],
    ['nothing', null, {}, {}],
    ['a list', '[1,2]', JSON_HEADERS, [1, 2]],
  ])('takes %s', async (_what, body, headers, data) => {
    const { id, url } = await made();
    const reply = await hooks.call(url, body, headers);
    expect(reply.status).toBe(202);
    expect((await ended(id, reply.json.id)).result).toEqual({ got: Array.isArray(data) ? {} : data });
    expect((await firings(id))[0]?.event.data).toEqual(data);
  });

  it('takes CloudEvents in both modes, each once, and nothing that only says to be one', async () => {
    const { id, url } = await made({
      filter: "event.type == 'order.placed'",
      input: { id: '{{event.id}}', data: '{{event.data}}', from: '{{event.source}}' },
    });
    const event = { specversion: '1.0', id: 'e 1', source: '/shop', type: 'order.placed', subject: 'o-1' };
    const structured = { 'content-type': 'application/cloudevents+json' };
    const first = await hooks.call(url, JSON.stringify({ ...event, data: { n: 1 }, headers: 'x' }), structured);
    expect(first.status).toBe(202);
    const binary = {
      ...JSON_HEADERS,
      'ce-specversion': '1.0',
      'ce-id': 'e%201',
      'ce-source': '/shop',
      'ce-type': 'order.placed',
    };
    expect((await hooks.call(url, '{"n":2}', binary)).json.id).toBe(first.json.id);
    expect((await ended(id, first.json.id)).result).toEqual({ got: { id: 'e 1', data: { n: 1 }, from: '/shop' } });
    const other = await hooks.call(url, '{"n":2}', { ...binary, 'ce-id': 'e%202', 'ce-type': 'other' });
    expect((await firings(id)).find((one) => one.id === other.json.id)).toMatchObject({
      status: 'skipped',
      reason: { code: 'trigger.filtered' },
      event: { data: { n: 2 } },
    });
    expect(await runs()).toBe(1);
    for (const wrong of [
      { ...event, id: '' },
      { ...event, specversion: '0.3' },
      { ...event, 'A-b': 1 },
      { ...event, x: {} },
      [event],
      { ...event, id: 'a\u0000' },
    ])
      expect(await hooks.call(url, JSON.stringify(wrong), structured)).toMatchObject({
        status: 400,
        json: { code: 'hook.event_invalid' },
      });
    expect(await hooks.call(url, '[]', { 'content-type': 'application/cloudevents-batch+json' })).toMatchObject({
      status: 400,
      json: { code: 'hook.event_invalid' },
    });
    expect(await hooks.call(url, '{}', { ...binary, 'ce-id': '%ff' })).toMatchObject({
      status: 400,
      json: { code: 'hook.event_invalid' },
    });
  });

  it('takes what GitHub has signed, as openssl signs it, and keeps the signature to itself', async () => {
    const { id, url } = await signed();
    const file = join(flows.world.folder, 'payload.json');
    const body = '{"zen": "Grüße,\\n  as they stand"}';
    writeFileSync(file, body);
    const hex =
      /[0-9a-f]{64}/.exec(
        execFileSync('openssl', ['dgst', '-sha256', '-hmac', SECRET, file], { encoding: 'utf8' }),
      )?.[0] ?? '';
    const headers = {
      ...JSON_HEADERS,
      'x-hub-signature-256': `sha256=${hex}`,
      'x-github-event': 'ping',
      'x-github-delivery': 'guid',
    };
    const reply = await hooks.call(url, body, headers);
    expect(reply.status).toBe(202);
    expect((await ended(id, reply.json.id)).result).toEqual({ got: { zen: 'Grüße,\n  as they stand' } });
    expect((await hooks.call(url, body, { ...headers, 'x-github-delivery': 'another' })).json).toEqual(reply.json);
    expect(await runs()).toBe(1);
    const told = await flows.must('GET', `/triggers/${id}/firings`);
    for (const text of [told.text, flows.world.log])
      expect([text.includes(hex), text.includes(SECRET)]).toEqual([false, false]);
    expect(JSON.stringify((await firings(id))[0]?.event.headers)).toContain('x-github-event');
  });

  it('takes Standard Webhooks within their time, each id once, under either of two secrets', async () => {
    const { id, url } = await signed({ preset: 'standard-webhooks', secrets: ['next', 'standard'] });
    const body = '{"n":1}';
    const first = await hooks.call(url, body, standard(body));
    expect(first.status).toBe(202);
    const again = await Promise.all([1, 2, 3].map(() => hooks.call(url, body, standard(body))));
    for (const reply of again) expect(reply).toMatchObject({ status: 202, json: first.json });
    const next = `whsec_${Buffer.from('another key of thirty-two bytes.').toString('base64')}`;
    expect((await hooks.call(url, body, standard(body, { id: 'msg_2', secret: next }))).status).toBe(401);
    await flows.must('POST', '/secrets', { name: 'next', value: next, hosts: [] });
    expect((await hooks.call(url, body, standard(body, { id: 'msg_2', secret: next }))).status).toBe(202);
    expect((await hooks.call(url, body, standard(body, { id: 'msg_3' }))).status).toBe(202);
    await until(async () => ((await firings(id, '&status=fired')).length === 3 ? true : undefined));
    expect(await runs()).toBe(3);
  });

  it('takes signatures of other forms: a time in the header as Stripe has it, in one of its own as Slack has it', async () => {
    const at = Math.floor(Date.now() / 1_000);
    const { createHmac } = await import('node:crypto');
    const hmac = (text: string, algorithm = 'sha256') => createHmac(algorithm, SECRET).update(text);
    const stripe = await signed({ header: 'Stripe-Signature', format: 't={timestamp},v1={hex}', secrets: ['hook'] });
    const sent = `t=${at},v1=${'0'.repeat(64)},v1=${hmac(`${at}.{}`).digest('hex')},v0=x`;
    expect((await hooks.call(stripe.url, '{}', { ...JSON_HEADERS, 'stripe-signature': sent })).status).toBe(202);
    const slack = {
      header: 'x-slack-signature',
      format: 'v0={hex}',
      payload: 'v0:{timestamp}:{body}',
      timestampHeader: 'x-slack-request-timestamp',
      secrets: ['hook'],
      toleranceSeconds: 60,
    };
    const { url } = await made({ config: { signature: slack } });
    const headers = (time: number) => ({
      ...JSON_HEADERS,
      'x-slack-request-timestamp': String(time),
      'x-slack-signature': `v0=${hmac(`v0:${time}:{}`).digest('hex')}`,
    });
    expect((await hooks.call(url, '{}', headers(at))).status).toBe(202);
    expect((await hooks.call(url, '{}', headers(at - 120))).status).toBe(401);
    for (const algorithm of ['sha512', 'sha1']) {
      const one = await made({
        config: { signature: { header: 'x-sig', format: '{base64}', algorithm, secrets: ['hook'] } },
      });
      expect(
        (await hooks.call(one.url, '{}', { ...JSON_HEADERS, 'x-sig': hmac('{}', algorithm).digest('base64') })).status,
      ).toBe(202);
      expect((await hooks.call(one.url, '{}', { ...JSON_HEADERS, 'x-sig': hmac('{}').digest('base64') })).status).toBe(
        401,
      );
    }
  });

  it('has an address for tests that checks everything, stands in the history and starts nothing', async () => {
    const { id, url, testUrl } = await signed(
      { preset: 'standard-webhooks', secrets: ['standard'] },
      { schema: { required: ['n'] } },
    );
    expect(testUrl.includes(url.split('/').pop() ?? '-')).toBe(false);
    expect((await hooks.call(testUrl, '{"n":1}', standard('{"n":2}'))).status).toBe(401);
    expect((await hooks.call(testUrl, '{}', standard('{}'))).status).toBe(422);
    await flows.must('POST', `/triggers/${id}/disable`);
    const tested = await hooks.call(testUrl, '{"n":1}', standard('{"n":1}'));
    expect(tested).toMatchObject({ status: 202, json: { test: true } });
    await flows.must('POST', `/triggers/${id}/enable`);
    expect((await firings(id, '&group=test'))[0]).toMatchObject({
      id: tested.json.id,
      cause: 'webhook',
      status: 'skipped',
      reason: { code: 'hook.test' },
      instanceId: null,
      event: { data: { n: 1 } },
    });
    expect((await hooks.call(testUrl, '{"n":1}', standard('{"n":1}'))).json).toEqual(tested.json);
    expect(await runs()).toBe(0);
    const real = await hooks.call(url, '{"n":1}', standard('{"n":1}'));
    await ended(id, real.json.id);
    expect(await runs()).toBe(1);
  });

  it('shows its addresses to those who may view triggers, and to nobody else', async () => {
    const { id, url } = await made();
    const { token } = await flows.person('keeper', ['trigger.manage']);
    const seen = await flows.must('POST', `/triggers/${id}/disable`, undefined, { token });
    expect(seen.as<TriggerView>()).toMatchObject({ url: null, testUrl: null });
    expect(seen.text).not.toContain(url.split('/').pop());
    expect((await flows.must('GET', `/triggers/${id}`)).as<TriggerView>().url).toBe(url);
    await hooks.call(url);
    await hooks.call(`${url}x`);
    expect(flows.world.log).not.toContain(url.split('/').pop());
  });

  it('serves at its new address alone once that was rotated, and nowhere once it or its DAG is gone', async () => {
    const { id, url, testUrl } = await made();
    const next = (await flows.must('POST', `/triggers/${id}/rotate-hook`)).as<{ url: string; testUrl: string }>();
    expect((await hooks.call(next.url)).status).toBe(202);
    const gone = await made();
    await flows.must('DELETE', `/triggers/${gone.id}`);
    const dag = await flows.aDag([end]);
    const orphan = (await flows.must('POST', `/dags/${dag}/triggers`, { kind: 'webhook' })).as<{ url: string }>();
    await flows.must('DELETE', `/dags/${dag}`);
    const unknown = next.url.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
    const wrong = next.testUrl.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
    const replies = await Promise.all(
      [url, testUrl, gone.url, gone.testUrl, orphan.url, unknown, wrong, `${next.url}A`, `${next.url}=`].map((one) =>
        hooks.call(one),
      ),
    );
    for (const { status, json } of replies)
      expect({ status, ...json, instance: '', requestId: '' }).toEqual({
        ...replies[0]?.json,
        status: 404,
        code: 'hook.not_found',
        instance: '',
        requestId: '',
      });
    const cron = (
      await flows.must('POST', `/dags/${await flows.aDag([end])}/triggers`, {
        kind: 'cron',
        config: { cron: '@daily' },
      })
    ).id;
    expect((await flows.ask('POST', `/triggers/${cron}/rotate-hook`)).problem).toMatchObject({
      status: 409,
      code: 'trigger.no_hook',
    });
  });

  it('says 409 while it is disabled or its DAG is stopped, keeps nothing, and takes the same call later', async () => {
    const { id, url } = await signed({ preset: 'standard-webhooks', secrets: ['standard'] });
    const { dagId } = (await flows.must('GET', `/triggers/${id}`)).as<{ dagId: string }>();
    const send = () => hooks.call(url, '{}', standard('{}'));
    await flows.must('POST', `/triggers/${id}/disable`);
    expect(await send()).toMatchObject({ status: 409, json: { code: 'hook.disabled' } });
    await flows.must('POST', `/triggers/${id}/enable`);
    await flows.must('POST', '/dags/batch', { action: 'deactivate', ids: [dagId] });
    expect(await send()).toMatchObject({ status: 409, json: { code: 'hook.disabled' } });
    expect((await firings(id)).map(({ status, reason }) => [status, reason?.code])).toEqual([
      ['skipped', 'dag.stopped'],
      ['skipped', 'trigger.disabled'],
    ]);
    await flows.must('POST', '/dags/batch', { action: 'activate', ids: [dagId] });
    const reply = await send();
    expect(reply.status).toBe(202);
    expect((await ended(id, reply.json.id)).status).toBe('succeeded');
  });

  it('is called as often as `rateLimit` lets it be, and what comes too often is kept by nobody', async () => {
    const { id, url } = await made({ config: { rateLimit: { max: 2, per: 'PT1H' } } });
    const replies = [await hooks.call(url), await hooks.call(url), await hooks.call(url)];
    expect(replies.map(({ status }) => status)).toEqual([202, 202, 429]);
    expect(Number(replies[2]?.headers['retry-after'])).toBeGreaterThan(60);
    expect(await firings(id)).toHaveLength(2);
  });

  it('of events with the same dedupeKey starts one', async () => {
    const { id, url } = await made({ dedupeKey: '{{event.data.order}}' });
    const [first, second] = [await hooks.call(url), await hooks.call(url)];
    expect([first.status, second.status]).toEqual([202, 202]);
    await ended(id, first.json.id);
    expect((await firings(id)).map(({ status }) => status).sort()).toEqual(['deduplicated', 'fired']);
    expect(await runs()).toBe(1);
  });

  it.each<[string, object, string]>([
    ['no secret', { signature: { preset: 'github', secrets: [] } }, '/config/signature/secrets'],
    ['three secrets', { signature: { preset: 'github', secrets: ['a', 'b', 'c'] } }, '/config/signature/secrets'],
    [
      'a value in the place of a name',
      { signature: { preset: 'github', secrets: ['whsec_abc+/='] } },
      '/config/signature/secrets/0',
    ],
    ['neither a preset nor a header', { signature: { secrets: ['a'] } }, '/config/signature/header'],
    [
      'a preset and its own header',
      { signature: { preset: 'github', header: 'x', secrets: ['a'] } },
      '/config/signature/header',
    ],
    ['md5', { signature: { header: 'x', algorithm: 'md5', secrets: ['a'] } }, '/config/signature/algorithm'],
    [
      'a format without a signature',
      { signature: { header: 'x', format: 'v1', secrets: ['a'] } },
      '/config/signature/format',
    ],
    [
      'a time that nobody has signed',
      { signature: { header: 'x', timestampHeader: 'y', payload: '{body}', secrets: ['a'] } },
      '/config/signature/payload',
    ],
    [
      'a signature over no body',
      { signature: { header: 'x', payload: 'v1', secrets: ['a'] } },
      '/config/signature/payload',
    ],
    [
      'a tolerance without a time',
      { signature: { preset: 'github', secrets: ['a'], toleranceSeconds: 5 } },
      '/config/signature/toleranceSeconds',
    ],
    ['a schema that is none', { schema: { type: 'objekt' } }, '/config/schema'],
    ['a pattern that can hang', { schema: { pattern: '(a+)+(?=b)' } }, '/config/schema'],
    ['an answer that nobody waits for', { respond: { body: 1 } }, '/config/respond/body'],
    ['a wait of an hour', { respond: { mode: 'result', timeout: 'PT1H' } }, '/config/respond/timeout'],
    ['an answer of unknown names', { respond: { mode: 'result', body: '{{secrets.a}}' } }, '/config/respond/body'],
    ['headers that let somebody in', { headers: ['Authorization'] }, '/config/headers/0'],
    ['something unknown', { hookId: 'mine' }, '/config/hookId'],
  ])('cannot be made with %s', async (_what, config, pointer) => {
    const dag = await flows.aDag([end]);
    const { problem } = await flows.ask('POST', `/dags/${dag}/triggers`, { kind: 'webhook', config });
    expect(problem).toMatchObject({ status: 400, code: 'trigger.invalid' });
    expect(problem.errors?.map((fault) => fault.pointer)).toContain(pointer);
  });

  it('keeps what it took when the process is gone the next moment', async () => {
    const { id, url } = await made({}, [
      { id: 'w', operator: '@control/wait', parameters: { duration: 'PT0.01S' } },
      end,
    ]);
    const replies = await Promise.all(Array.from({ length: 40 }, (_, i) => hooks.call(url, `{"i":${i}}`)));
    await flows.world.restart();
    expect(new Set(replies.map(({ json }) => json.id)).size).toBe(40);
    for (const { json } of replies) expect((await ended(id, json.id)).status).toBe('succeeded');
    expect(await runs()).toBe(40);
  });
});
