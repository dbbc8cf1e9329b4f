import { createHmac } from 'node:crypto';
import { connect } from 'node:net';
import { until } from './api-world';
import { Flows } from './flows';
import { HookCalls, SECRET, STANDARD_SECRET, github, standard } from './hook-calls';

interface Firing {
  readonly status: string;
  readonly reason: { code: string; message: string } | null;
  readonly event: object;
}

const BODY = '{"order":"o-1"}';
const JSON_HEADERS = { 'content-type': 'application/json' };
const now = () => Math.floor(Date.now() / 1_000);
const SIGNED = { preset: 'github', secrets: ['hook'] };

describe('Attacks on a webhook', () => {
  let flows: Flows;
  let hooks: HookCalls;
  beforeAll(async () => {
    flows = await Flows.start();
    hooks = new HookCalls(flows);
  });
  beforeEach(async () => {
    flows.renew();
    for (const [name, value] of [
      ['hook', SECRET],
      ['standard', STANDARD_SECRET],
    ])
      await flows.must('POST', '/secrets', { name, value, hosts: [] });
  });
  afterAll(async () => {
    await hooks.close();
    await flows.close();
  });

  const made = async (config: object) => {
    const dag = await flows.aDag([{ id: 'end', operator: '@internal/return' }]);
    return (await flows.must('POST', `/dags/${dag}/triggers`, { kind: 'webhook', config })).as<{
      id: string;
      url: string;
    }>();
  };
  const history = async (id: string) =>
    (await flows.must('GET', `/triggers/${id}/firings?limit=200`)).as<{ items: Firing[] }>().items;
  const runs = async () => (await flows.must('GET', '/instances?count=true')).as<{ total: number }>().total;

  const hmac = (body: string | Buffer, algorithm = 'sha256') => createHmac(algorithm, SECRET).update(body).digest();
  const hex = hmac(BODY).toString('hex');
  const signature = (value: string) => ({ ...JSON_HEADERS, 'x-hub-signature-256': value });

  it.each<[what: string, headers: Record<string, string> | string[], body?: string]>([
    ['no signature', JSON_HEADERS],
    ['an empty one', signature('')],
    ['one under another secret', github(BODY, 'another')],
    ['one of another body', github('{"order":"o-2"}')],
    ['one of the same JSON in other bytes', github(BODY), '{"order": "o-1"}'],
    ['one of the body and a line end', github(BODY), `${BODY}\n`],
    ['a cut one', signature(`sha256=${hex.slice(0, 62)}`)],
    ['half a digit', signature(`sha256=${hex.slice(0, 63)}`)],
    ['a longer one', signature(`sha256=${hex}00`)],
    ['one that is no hexadecimal', signature(`sha256=${hex.slice(0, 63)}g`)],
    ['one without its form', signature(hex)],
    ['one in Base64', signature(`sha256=${hmac(BODY).toString('base64')}`)],
    ['one by SHA-1', signature(`sha1=${hmac(BODY, 'sha1').toString('hex')}`)],
    ['one by SHA-1 that says to be another', signature(`sha256=${hmac(BODY, 'sha1').toString('hex')}`)],
    ['one by SHA-512', signature(`sha256=${hmac(BODY, 'sha512').toString('hex')}`)],
    ['the digest without a key', signature(`sha256=${createHmac('sha256', '').update(BODY).digest('hex')}`)],
    [
      'the header of the older scheme',
      { ...JSON_HEADERS, 'x-hub-signature': `sha1=${hmac(BODY, 'sha1').toString('hex')}` },
    ],
    [
      'the header twice, the good one first',
      [
        'content-type',
        'application/json',
        'x-hub-signature-256',
        `sha256=${hex}`,
        'X-Hub-Signature-256',
        `sha256=${'0'.repeat(64)}`,
      ],
    ],
    [
      'the header twice, the good one last',
      [
        'content-type',
        'application/json',
        'x-hub-signature-256',
        `sha256=${'0'.repeat(64)}`,
        'X-Hub-Signature-256',
        `sha256=${hex}`,
      ],
    ],
    [
      'a good one among a hundred',
      signature([...Array.from({ length: 99 }, () => `sha256=${'0'.repeat(64)}`), `sha256=${hex}`].join(' ')),
    ],
    ['the name of the secret', signature('sha256=hook')],
    [
      'one in another header',
      { ...JSON_HEADERS, authorization: `sha256=${hex}`, 'x-hub-signature-256-': `sha256=${hex}` },
    ],
  ])('%s: 401, and nothing is kept of it', async (_what, headers, body = BODY) => {
    const { id, url } = await made({ signature: SIGNED });
    const reply = await hooks.call(url, body, headers);
    expect(reply).toMatchObject({ status: 401, json: { code: 'hook.signature_invalid' } });
    expect(Object.keys(reply.json).sort()).toEqual([
      'code',
      'detail',
      'instance',
      'requestId',
      'status',
      'title',
      'type',
    ]);
    const [note, ...more] = await history(id);
    expect(more).toEqual([]);
    expect(note).toMatchObject({
      status: 'skipped',
      reason: { code: 'hook.signature_invalid' },
      event: { data: { calls: 1 } },
    });
    expect(JSON.stringify(note)).not.toContain('o-1');
    expect(await runs()).toBe(0);
    expect((await hooks.call(url, BODY, github(BODY))).status).toBe(202);
  });

  it.each<[what: string, headers: () => Record<string, string>]>([
    ['ten minutes old', () => standard(BODY, { at: now() - 600 })],
    ['of ten minutes ahead', () => standard(BODY, { at: now() + 600 })],
    [
      'with a fresh time in the place of the signed one',
      () => ({ ...standard(BODY, { at: now() - 600 }), 'webhook-timestamp': String(now()) }),
    ],
    ['in milliseconds', () => standard(BODY, { at: Date.now() })],
    ['with a time that is no number', () => ({ ...standard(BODY), 'webhook-timestamp': 'Infinity' })],
    ['with a time that is below nothing', () => standard(BODY, { at: -1 })],
    ['without a time', () => omit(standard(BODY), 'webhook-timestamp')],
    ['without an id', () => omit(standard(BODY), 'webhook-id')],
    ['under another id', () => ({ ...standard(BODY), 'webhook-id': 'msg_2' })],
    ['under an id with a dot, where another cut gives the same text', () => standard(BODY, { id: 'msg.1' })],
    [
      'with a version that is none',
      () => ({ ...standard(BODY), 'webhook-signature': standard(BODY)['webhook-signature']!.replace('v1,', 'v2,') }),
    ],
    [
      'with a signature in another alphabet',
      () => ({
        ...standard(BODY),
        'webhook-signature': `v1,${Buffer.from(standard(BODY)['webhook-signature']!.slice(3), 'base64').toString('base64url')}`,
      }),
    ],
    ['under the secret as a text', () => standard(BODY, { secret: Buffer.from(STANDARD_SECRET).toString('base64') })],
  ])('a call %s: 401', async (_what, headers) => {
    const { url } = await made({ signature: { preset: 'standard-webhooks', secrets: ['standard'] } });
    expect(await hooks.call(url, BODY, headers())).toMatchObject({
      status: 401,
      json: { code: 'hook.signature_invalid' },
    });
    expect(await runs()).toBe(0);
  });

  it('a call that is sent again a hundred times at once, with other headers and another query, starts one run', async () => {
    for (const [config, headers] of [
      [SIGNED, github(BODY)],
      [{ preset: 'standard-webhooks', secrets: ['standard'] }, standard(BODY)],
    ] as const) {
      const { id, url } = await made({ signature: config });
      const replies = await Promise.all(
        Array.from({ length: 100 }, (_, i) =>
          hooks.call(`${url}?i=${i}`, BODY, {
            ...headers,
            'x-github-delivery': String(i),
            'idempotency-key': String(i),
            'ce-specversion': '1.0',
            'ce-id': `e${i}`,
            'ce-source': 's',
            'ce-type': 't',
          }),
        ),
      );
      expect(new Set(replies.map(({ status, json }) => `${status} ${String(json.id)}`)).size).toBe(1);
      expect(await history(id)).toHaveLength(1);
    }
    await until(async () => ((await runs()) === 2 ? true : undefined));
  });

  it('no secret, no way in: neither while it is missing nor for who signs with nothing', async () => {
    const { id, url } = await made({ signature: { preset: 'github', secrets: ['later', 'never'] } });
    for (const secret of ['', 'undefined', 'later', 'null'])
      expect((await hooks.call(url, BODY, github(BODY, secret))).status).toBe(401);
    expect((await history(id)).map(({ reason }) => reason?.code)).toContain('hook.secret_missing');
    await flows.must('POST', '/secrets', { name: 'later', value: 'now it is there', hosts: [] });
    expect((await hooks.call(url, BODY, github(BODY, 'now it is there'))).status).toBe(202);
    expect((await flows.ask('DELETE', '/secrets/later')).problem.code).toBe('secret.in_use');
    await flows.must('DELETE', '/secrets/later?force=true');
    expect((await hooks.call(url, '{}', github('{}', 'now it is there'))).status).toBe(401);
  });

  it('a secret of another business domain opens nothing', async () => {
    const { url } = await made({ signature: { preset: 'github', secrets: ['theirs'] } });
    await flows.must(
      'POST',
      '/secrets',
      { name: 'theirs', value: 'their value', hosts: [] },
      { domain: flows.world.newDomain() },
    );
    expect(
      (await hooks.call(url, BODY, { ...github(BODY, 'their value'), 'x-business-domain': flows.domain })).status,
    ).toBe(401);
  });

  it('a thousand forged calls leave a few notes, which say how many they were', async () => {
    const { id, url } = await made({ signature: SIGNED });
    const replies = await Promise.all(
      Array.from({ length: 1_000 }, () => hooks.call(url, BODY, signature(`sha256=${'0'.repeat(64)}`))),
    );
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([401]));
    expect((await history(id)).length).toBeLessThanOrEqual(4);
    const metrics = await flows.world.call('GET', '//metrics', undefined, { server: 'private' });
    expect(
      Number(/hook_calls_refused_total\{code="hook.signature_invalid"\} (\d+)/.exec(metrics.text)?.[1]),
    ).toBeGreaterThanOrEqual(1_000);
  });

  it.each<[what: string, body: string | Buffer, headers: Record<string, string>, status: number, code: string]>([
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), JSON_HEADERS, 400, 'json.not_utf8'],
    ['overlong UTF-8', Buffer.from([0x22, 0xc0, 0xaf, 0x22]), JSON_HEADERS, 400, 'json.not_utf8'],
    ['UTF-16', Buffer.from('{"a":1}', 'utf16le'), JSON_HEADERS, 400, 'json.malformed'],
    ['half a JSON', '{"a":', JSON_HEADERS, 400, 'json.malformed'],
    ['a form that says to be JSON', 'a=1', JSON_HEADERS, 400, 'json.malformed'],
    ['65 levels', '['.repeat(65) + ']'.repeat(65), JSON_HEADERS, 400, 'json.too_deep'],
    ['half a million levels', '['.repeat(500_000), JSON_HEADERS, 400, 'json.too_deep'],
    ['__proto__', '{"a":{"__proto__":{"admin":true}}}', JSON_HEADERS, 400, 'json.key_forbidden'],
    ['constructor', '{"constructor":{"prototype":{}}}', JSON_HEADERS, 400, 'json.key_forbidden'],
    ['an escaped __proto__', '{"\\u005f_proto__":1}', JSON_HEADERS, 400, 'json.key_forbidden'],
    ['a number without an end', `{"a":1e999}`, JSON_HEADERS, 400, 'json.number_too_large'],
    ['half a surrogate pair', '{"a":"\\ud800"}', JSON_HEADERS, 400, 'json.text_invalid'],
    [
      'a form with __proto__',
      '__proto__[a]=1&__proto__=1',
      { 'content-type': 'application/x-www-form-urlencoded' },
      400,
      'json.key_forbidden',
    ],
    [
      'JSON that says to be a form',
      BODY,
      { 'content-type': 'application/x-www-form-urlencoded' },
      400,
      'form.malformed',
    ],
    ['a form in Latin-1', 'a=%E4', { 'content-type': 'application/x-www-form-urlencoded' }, 400, 'form.malformed'],
    [
      'a form of ten thousand fields',
      'a=1&'.repeat(10_000),
      { 'content-type': 'application/x-www-form-urlencoded' },
      400,
      'form.malformed',
    ],
    ['bytes that say to be a text', Buffer.from([0, 1, 2]), { 'content-type': 'text/plain' }, 400, 'text.not_storable'],
    [
      'Latin-1 that says to be a text',
      Buffer.from('ü', 'latin1'),
      { 'content-type': 'text/plain' },
      400,
      'text.not_utf8',
    ],
    ['XML', '<a/>', { 'content-type': 'application/xml' }, 415, 'content_type.unsupported'],
    ['a file', 'x', { 'content-type': 'multipart/form-data; boundary=x' }, 415, 'content_type.unsupported'],
    ['no type', 'x', {}, 415, 'content_type.unsupported'],
    ['two types', '{}', { 'content-type': 'application/json, text/plain' }, 415, 'content_type.unsupported'],
    ['another charset', '{}', { 'content-type': 'application/json; charset=utf-16' }, 415, 'content_type.unsupported'],
    ['something packed', '{}', { ...JSON_HEADERS, 'content-encoding': 'gzip' }, 415, 'content_type.unsupported'],
    ['ten megabytes', 'x'.repeat(10 * 1024 * 1024), JSON_HEADERS, 413, 'body.too_large'],
  ])('%s: refused with a code, though it be signed', async (_what, body, headers, status, code) => {
    const { id, url } = await made({ signature: SIGNED });
    const reply = await hooks
      .call(url, body, { ...github(body), 'content-type': '', ...headers })
      .catch((error: unknown) => {
        // The connection is closed on whoever goes on sending what is not read.
        if (
          status !== 413 ||
          !['EPIPE', 'ECONNRESET', 'UND_ERR_SOCKET'].includes((error as { code?: string }).code ?? '')
        )
          throw error;
        return { status: 413, json: { code: 'body.too_large' } };
      });
    expect(reply.status).toBe(status);
    expect(JSON.stringify(reply.json)).toContain(`"${code}"`);
    expect(await history(id)).toEqual([]);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it('a query that names what JavaScript is made of, or holds U+0000, is refused', async () => {
    const { url } = await made({});
    for (const query of ['__proto__=1', 'constructor=1', 'a=%00', '%00=1'])
      expect((await hooks.call(`${url}?${query}`)).status).toBe(400);
    expect((await hooks.call(`${url}?a=%ff`)).status).toBe(202);
  });

  it('what it sends is data: expressions, headers and line ends in it are never carried out', async () => {
    const dag = await flows.aDag([
      { id: 'end', operator: '@internal/return', parameters: { got: '{{trigger.text}}' } },
    ]);
    const config = { respond: { mode: 'result', body: { is: '{{result.got}}' } } };
    const { url } = (await flows.must('POST', `/dags/${dag}/triggers`, { kind: 'webhook', config })).as<{
      url: string;
    }>();
    const text = '{{secrets.hook}} {{1+1}}\r\nset-cookie: a=b';
    const reply = await hooks.call(url, JSON.stringify({ text }));
    expect([reply.status, reply.json.is, reply.headers['set-cookie']]).toEqual([200, text, undefined]);
  });

  it('bytes that inject a header, end early, or come twice in length are no call', async () => {
    const { id, url } = await made({});
    const { hostname, port } = new URL(flows.world.addressOf('public'));
    const raw = (text: string) =>
      new Promise<string>((resolve) => {
        let got = '';
        const socket = connect(Number(port), hostname, () => socket.end(text));
        socket.on('data', (bytes) => (got += bytes.toString('latin1')));
        socket.on('close', () => resolve(got));
        socket.on('error', () => resolve(got));
      });
    const head = `POST ${new URL(url).pathname} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n`;
    for (const [text, status] of [
      [`${head}x-a: b\nc\r\ncontent-length: 2\r\n\r\n{}`, /^HTTP\/1\.1 400/],
      [`${head}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`, /^HTTP\/1\.1 400/],
      [`${head}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`, /^HTTP\/1\.1 400/],
      [`${head}x-a: \u0000\r\ncontent-length: 2\r\n\r\n{}`, /^HTTP\/1\.1 400/],
      [`${head}content-length: 200\r\n\r\n{}`, /^(HTTP\/1\.1 400|$)/],
    ] as const)
      expect(await raw(text)).toMatch(status);
    expect(await history(id)).toEqual([]);
  });

  it('a flood of addresses that are none is cut off, and those that serve go on', async () => {
    const { url } = await made({});
    expect((await hooks.call(url)).status).toBe(202);
    const flood = await Promise.all(
      Array.from({ length: 3_000 }, (_, i) => hooks.call(url.replace(/.{6}$/, String(100_000 + i)), null)),
    );
    expect(new Set(flood.map(({ status }) => status))).toEqual(new Set([404, 429]));
    expect((await hooks.call(url)).status).toBe(202);
  });
});

function omit(headers: Record<string, string>, name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([one]) => one !== name));
}
