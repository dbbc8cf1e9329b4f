import { API_PREFIX, type OpenApiDocument } from '@flow/http';
import { canonicalJson, type Json, type JsonObject } from '@flow/kernel';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { Answer, ADMIN_TOKEN, ApiWorld, MANUAL, aDefinition, type Body } from './api-world';
import { VALUES, WHOLE, strayPointer, pathsIn, withValue } from './bad-values';

const define = (id: string, more: object = {}) => ({
  id,
  operator: '@internal/define',
  parameters: { type: 'number', value: 1 },
  ...more,
});
const deepSteps = (levels: number) => {
  let steps: object[] = [define('inner')];
  for (let i = 0; i < levels; i += 1)
    steps = [{ id: `l${i}`, operator: '@control/flow/branches', branches: [{ id: `b${i}`, default: true, steps }] }];
  return steps;
};
const good = '{"title":"t","steps":[{"id":"0","operator":"@trigger/manual"}]';

/** What a refusal must be, whatever was refused; undefined when it is. */
function faultOf(answer: Answer, sent?: unknown): string | undefined {
  const { status, headers, text } = answer;
  const told = (why: string) => `${why}: ${status} ${text.slice(0, 300)}`;
  if (status < 400 || status >= 500) return told('no refusal');
  if (headers['content-type'] !== 'application/problem+json') return told('no problem');
  const { code, status: said, detail, errors = [] } = answer.problem;
  if (said !== status || detail.length === 0 || !/^[a-z_]+\.[a-z_]+$/.test(code)) return told('not told well');
  if (status === 400 && errors.length === 0 && !['request.malformed', 'domain.invalid'].includes(code))
    return told('no pointer');
  const astray = sent === undefined ? undefined : strayPointer(sent, errors);
  if (astray !== undefined) return told(`the pointer ${astray} leads nowhere`);
  if (/node_modules|\bat \S+ \(|SQLITE|\.ts:\d|TypeError/.test(text)) return told('shows its inside');
  return undefined;
}

function expectRefusal(answer: Answer, sent?: unknown): void {
  expect(faultOf(answer, sent)).toBeUndefined();
}

/** Asks everything, a few at a time; gives what was not refused well (or answered, where that is good too). */
async function faultsOf<T>(cases: readonly T[], ask: (one: T) => Promise<string | undefined>): Promise<string[]> {
  const faults: string[] = [];
  for (let i = 0; i < cases.length; i += 40)
    for (const fault of await Promise.all(cases.slice(i, i + 40).map(ask))) if (fault !== undefined) faults.push(fault);
  return faults.slice(0, 30);
}

describe('A bad request', () => {
  let world: ApiWorld;
  let domain: string;
  let before: string;
  let errors: number;

  beforeAll(async () => {
    world = await ApiWorld.open();
  });
  beforeEach(async () => {
    domain = world.newDomain();
    await world.must('POST', '/dags', aDefinition('Stands'), { domain });
    before = await world.dagsOf(domain);
    errors = world.errors.length;
  });
  /** It changed nothing, and the process goes on. */
  afterEach(async () => {
    expect(await world.dagsOf(domain)).toBe(before);
    expect((await world.call('GET', '//health/ready', undefined, { token: null })).status).toBe(200);
    expect(world.errors.slice(errors)).toEqual([]);
  });
  afterAll(() => world.close());
  const post = (body: Body, headers: Record<string, string> = {}, path = '/dags') =>
    world.call('POST', path, body, { domain, headers });

  it.each<[what: string, body: Body, status: number, code: string]>([
    ['nothing', '', 400, 'body.missing'],
    ['no JSON', 'title=x', 400, 'json.malformed'],
    ['JSON that ends too early', '{"title":', 400, 'json.malformed'],
    ['JSON with something behind it', `${good}} x`, 400, 'json.malformed'],
    ['a comment', '{/* */}', 400, 'json.malformed'],
    ['a trailing comma', '{"title":"x",}', 400, 'json.malformed'],
    ['NaN', '{"title":NaN}', 400, 'json.malformed'],
    ['a byte order mark', '\ufeff{}', 400, 'json.malformed'],
    ['a number out of range', `${good},"vars":{"a":{"type":"number","default":1e999}}}`, 400, 'json.number_too_large'],
    ['a lone surrogate', `${good},"description":"\\ud800"}`, 400, 'json.text_invalid'],
    ['a lone surrogate in a key', `${good},"labels":{"\\udc00":"x"}}`, 400, 'json.text_invalid'],
    ['U+0000', `${good},"description":"a\\u0000b"}`, 400, 'text.not_storable'],
    ['__proto__', `${good},"__proto__":{"admin":true}}`, 400, 'json.key_forbidden'],
    ['__proto__, escaped', `${good},"\\u005f_proto__":{"admin":true}}`, 400, 'json.key_forbidden'],
    [
      '__proto__ deep inside',
      `${good},"labels":{"a":"b"},"vars":{"x":{"type":"object","default":{"a":[{"__proto__":1}]}}}}`,
      400,
      'json.key_forbidden',
    ],
    ['constructor', `${good},"labels":{"constructor":"x"}}`, 400, 'json.key_forbidden'],
    ['prototype, escaped', `${good},"labels":{"proto\\u0074ype":"x"}}`, 400, 'json.key_forbidden'],
    ['JSON of 201 levels', '['.repeat(201) + ']'.repeat(201), 400, 'json.too_deep'],
    ['JSON of 10,000 levels', '{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000), 400, 'json.too_deep'],
    ['half a million brackets', '['.repeat(500_000), 400, 'json.too_deep'],
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d]), 400, 'json.not_utf8'],
    ['overlong UTF-8', Buffer.from([0x22, 0xc0, 0x80, 0x22]), 400, 'json.not_utf8'],
    ['UTF-16', Buffer.from('{}', 'utf16le'), 400, 'json.malformed'],
    ['2 MiB', JSON.stringify({ title: 'x'.repeat(2 ** 21) }), 413, 'body.too_large'],
    ['one byte more than 1 MiB', `"${'x'.repeat(2 ** 20 - 1)}"`, 413, 'body.too_large'],
  ])('that is %s', async (what, body, status, code) => {
    const answer = await post(body);
    expectRefusal(answer);
    expect([answer.status, answer.text]).toEqual([status, expect.stringContaining(`"${code}"`)]);
  });

  it.each<[Record<string, string>, Body]>([
    [{ 'content-type': 'text/plain' }, '{}'],
    [{ 'content-type': 'application/x-www-form-urlencoded' }, 'a=b'],
    [{ 'content-type': 'multipart/form-data; boundary=x' }, '--x--'],
    [{ 'content-type': 'application/json; charset=utf-16' }, '{}'],
    [{ 'content-type': 'application/json, text/plain' }, '{}'],
    [{ 'content-type': 'application/yaml' }, 'a: b'],
    [{ 'content-type': 'application/ld+json' }, '{}'],
    [{ 'content-type': '' }, '{}'],
    [{ 'content-encoding': 'gzip' }, gzipSync('{}')],
    [{ 'content-encoding': 'br' }, '{}'],
    [{ 'content-encoding': 'identity, gzip' }, '{}'],
  ])('that is sent as %j', async (headers, body) => {
    const answer = await post(body, headers);
    expectRefusal(answer);
    expect([answer.status, answer.problem.code]).toEqual([415, 'content_type.unsupported']);
  });

  it.each<[what: string, steps: object[], pointer: string, code: string | RegExp]>([
    [
      '10,000 steps',
      [MANUAL, ...Array.from({ length: 10_000 }, (_, i) => define(`s${i}`))],
      '/steps',
      'dag.too_many_steps',
    ],
    ['steps nested 33 deep', [MANUAL, ...deepSteps(33)], '', 'dag.too_deep'],
    ['steps nested 60 deep', [MANUAL, ...deepSteps(60)], '', /json.too_deep|dag.too_deep/],
    [
      'two steps that wait for each other',
      [MANUAL, define('a', { dependsOn: ['b'] }), define('b', { dependsOn: ['a'] })],
      '',
      /cycle/,
    ],
    ['a step that waits for itself', [MANUAL, define('a', { dependsOn: ['a'] })], '', /cycle|dependency/],
    [
      'a long cycle',
      [MANUAL, ...Array.from({ length: 500 }, (_, i) => define(`s${i}`, { dependsOn: [`s${(i + 1) % 500}`] }))],
      '',
      /cycle/,
    ],
    ['an unknown operator', [MANUAL, { id: 'a', operator: '@internal/nothing' }], '/steps/1/operator', /operator/],
    ['a prototype as operator', [MANUAL, { id: 'a', operator: '@__proto__' }], '/steps/1/operator', /operator/],
    ['no trigger', [define('a')], '', 'dag.trigger_missing'],
    ['two triggers', [MANUAL, { ...MANUAL, id: 'b' }], '/steps/1/operator', 'step.trigger_misplaced'],
    ['no steps', [], '/steps', 'field.invalid'],
    ['an expression that does not end', [MANUAL, define('a', { when: '1 +' })], '/steps/1/when', /expression|template/],
    [
      'an expression that nests too deep',
      [MANUAL, define('a', { when: '('.repeat(5_000) + '1' + ')'.repeat(5_000) })],
      '/steps/1/when',
      /./,
    ],
    [
      'an expression that is too long',
      [MANUAL, define('a', { when: `1${' + 1'.repeat(20_000)}` })],
      '/steps/1/when',
      'field.too_long',
    ],
    [
      'a pattern that explodes',
      [MANUAL, define('a', { when: `matches("a", "${'(a{1000}){1000}'.repeat(2)}")` })],
      '/steps/1/when',
      /./,
    ],
    [
      'a way out to the host',
      [MANUAL, define('a', { when: 'constructor.constructor("return process")()' })],
      '/steps/1/when',
      /./,
    ],
    ['a global', [MANUAL, define('a', { when: 'process.env.HOME == ""' })], '/steps/1/when', /./],
    [
      'a reference to a step that comes later',
      [MANUAL, define('a', { when: '__b.value == 1' }), define('b')],
      '/steps/1/when',
      'expression.cannot_have_run',
    ],
    [
      'a reference to a step that is not there',
      [MANUAL, define('a', { when: '__zz.value == 1' })],
      '/steps/1/when',
      /expression/,
    ],
    [
      'a loop that says not how often',
      [MANUAL, { id: 'a', operator: '@control/flow/loop', steps: [define('b')] }],
      '/steps/1/parameters',
      /^step\.parameters_invalid$/,
    ],
  ])('that describes %s', async (what, steps, pointer, code) => {
    const sent = { title: 'Bad', steps };
    const answer = await post(sent);
    expectRefusal(answer, sent);
    const { errors = [] } = answer.problem;
    expect(errors.filter((error) => error.pointer.startsWith(pointer)).map((error) => error.code)).toContainEqual(
      expect.stringMatching(code),
    );
    const told = await world.call('POST', '/dags/validate', sent, { domain });
    if (told.status === 200) expect(told.json).toMatchObject({ valid: false, errors });
    else expect(told.problem.errors).toEqual(errors);
  });

  it('with any value in any field of a definition is taken as it is or refused with a pointer to it', async () => {
    const cases = pathsIn(WHOLE).flatMap((path) => VALUES.map((value) => ({ path, value })));
    const own = world.newDomain();
    let taken = 0;
    const faults = await faultsOf(cases, async ({ path, value }) => {
      const sent = withValue(WHOLE, path, value) as Body;
      const what = `${path.join('/')} = ${JSON.stringify(value).slice(0, 60)}: `;
      const told = await world.call('POST', '/dags/validate', sent, { domain: own });
      if (told.status !== 200) {
        const fault = faultOf(told, sent);
        return fault && what + fault;
      }
      const { valid, errors: found } = told.as<{ valid: boolean; errors: { pointer: string }[] }>();
      if (valid !== (found.length === 0)) return `${what}valid with faults`;
      const astray = strayPointer(sent, found);
      if (astray !== undefined) return `${what}the pointer ${astray} leads nowhere`;
      if (!valid) return undefined;
      taken += 1;
      // Alone in a domain of its own: titles are all the same.
      const alone = { domain: world.newDomain() };
      const made = await world.call('POST', '/dags', sent, alone);
      if (made.status !== 201) return `${what}valid, but not taken: ${made.status} ${made.text.slice(0, 200)}`;
      const read = (await world.must('GET', `/dags/${made.id}`, undefined, alone)).as<JsonObject>();
      const lost = Object.entries(sent as JsonObject).find(
        ([key, item]) => canonicalJson(read[key]) !== canonicalJson(item),
      );
      return lost && `${what}comes back changed: ${JSON.stringify(read[lost[0]])}`;
    });
    expect(faults).toEqual([]);
    expect(cases.length).toBeGreaterThan(3_000);
    expect([taken > 100, taken < cases.length / 2]).toEqual([true, true]);
    expect(
      (await world.must('GET', '/dags?count=true', undefined, { domain: own })).as<{ total: number }>().total,
    ).toBe(0);
  }, 240_000);

  it('with any value in any field of any other body is never our fault', async () => {
    const document: OpenApiDocument = (await world.must('GET', '//openapi.json')).as();
    const schemas = document.components.schemas as Record<string, { properties?: Record<string, JsonObject> }>;
    const target = { domain: world.newDomain() };
    const { id: dag } = await world.must('POST', '/dags', aDefinition('Target'), target);
    const whole: Record<string, Json> = {
      name: 'n',
      value: 'v',
      permissions: ['dag.view'],
      action: 'deactivate',
      ids: [dag],
      all: true,
    };
    const cases = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, operation]) => {
        const reference = operation.requestBody?.content['application/json']?.schema.$ref;
        if (typeof reference !== 'string') return [];
        const fields = Object.keys(schemas[reference.split('/').pop()!]?.properties ?? {});
        const valid = Object.fromEntries(fields.flatMap((field) => (field in whole ? [[field, whole[field]!]] : [])));
        const at = path
          .replace('{id}', dag)
          .replace('{version}', 'v0.0.0')
          .replace('{name}', 'n')
          .slice(API_PREFIX.length);
        const odd = [...fields, 'unknown', 'toString', 'id', 'domain'].flatMap((field) =>
          VALUES.map((value) => ({ ...valid, [field]: value })),
        );
        return [...VALUES, ...odd].map((body) => ({ method: method.toUpperCase(), at, body }));
      }),
    );
    const faults = await faultsOf(cases, async ({ method, at, body }) => {
      const answer = await world.call(method, at, body, target);
      const fault = answer.status < 300 ? undefined : faultOf(answer, body);
      return fault && `${method} ${at} ${JSON.stringify(body).slice(0, 80)}: ${fault}`;
    });
    expect(faults).toEqual([]);
    expect(cases.length).toBeGreaterThan(2_000);
  });

  it('with odd query strings is refused or answered, never our fault', async () => {
    const document: OpenApiDocument = (await world.must('GET', '//openapi.json')).as();
    const texts = [
      '',
      '%00',
      'a%00b',
      '%',
      '%zz',
      '%ff',
      '%ed%a0%80',
      '-1',
      '0',
      '1e9',
      '99999999999999999999',
      'true',
      'NaN',
      '[]',
      '{}',
      "'%20OR%201=1",
      'x'.repeat(8_000),
      '%F0%9F%98%80',
      'a,b,,c',
      '*',
      'WzFd',
      'W10',
      'bnVsbA',
      'WyJhIiwiYiJd',
      'WyJ0aXRsZSIsImEiLCJiIl0',
      'WyItY3JlYXRlZEF0IiwiYVx1MDAwMCIsImIiXQ',
      'W251bGwsbnVsbF0',
      'WzFlOTksMV0',
      'n:%00',
      'running',
      '2026-01-01T00:00:00Z',
    ];
    const target = { domain: world.newDomain() };
    const { id } = await world.must('POST', '/dags', aDefinition('Target'), target);
    const { id: instance } = await world.must('POST', `/dags/${id}/run`, {}, target);
    const cases = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, operation]) => {
        if (method !== 'get' || !path.startsWith(API_PREFIX)) return [];
        const at = path
          .replace('{id}', path.includes('/instances/{id}') ? instance : id)
          .replace(/\{\w+\}/g, 'v0.0.0')
          .slice(API_PREFIX.length);
        const known = operation.parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
        return [...known, 'unknown', '__proto__', 'limit[]', ''].flatMap((name) =>
          texts.flatMap((text) => [`${at}?${name}=${text}`, `${at}?${name}=${text}&${name}=${text}`]),
        );
      }),
    );
    const long = ['a=1&'.repeat(2_000), 'x&'.repeat(5_000), '?'.repeat(1_000), 'limit=1;drop', 'a[b][c]=1', '%5B%5D=1'];
    const faults = await faultsOf([...cases, ...long.map((query) => `/dags?${query}`)], async (path) => {
      const answer = await world.call('GET', path, undefined, target);
      const fault = answer.status < 300 ? undefined : faultOf(answer);
      return fault && `${path.slice(0, 100)}: ${fault}`;
    });
    expect(faults).toEqual([]);
    expect(cases.length).toBeGreaterThan(3_000);
  });

  it('with odd ids in the path is unknown or malformed', async () => {
    const ids = [
      '%00',
      '01ARZ3NDEKTSV4RRFFQ69G5FA%00',
      '%2e%2e',
      '%2e%2e%2f%2e%2e%2fetc%2fpasswd',
      '..',
      '.',
      '%2F',
      '%5c',
      '%',
      '%zz',
      '%ff%fe',
      '%ed%a0%80',
      'x'.repeat(600),
      'x'.repeat(10_000),
      '%20',
      '*',
      "'%20OR%20'1'='1",
      '__proto__',
      'constructor',
      '%F0%9F%98%80',
      '01arz3ndektsv4rrffq69g5fav',
      ':id',
      '{id}',
      ';a=b',
      '-1',
      '0',
      'null',
      'undefined',
      '[object%20Object]',
    ];
    const document: OpenApiDocument = (await world.must('GET', '//openapi.json')).as();
    const cases = Object.entries(document.paths).flatMap(([path, methods]) =>
      path.includes('{')
        ? Object.keys(methods).flatMap((method) =>
            ids.map((id) => ({ method: method.toUpperCase(), at: path.replaceAll(/\{\w+\}/g, id) })),
          )
        : [],
    );
    const faults = await faultsOf(cases, async ({ method, at }) => {
      const body = /PUT|POST/.test(method) ? aDefinition('x') : undefined;
      const answer = await world.call(method, at.slice(API_PREFIX.length), body, { domain });
      const fault = faultOf(answer);
      return fault && `${method} ${at.slice(0, 100)}: ${fault}`;
    });
    expect(faults).toEqual([]);
  });

  it('in 50 at the same moment with one title lets exactly one win', async () => {
    const own = { domain: world.newDomain() };
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => world.call('POST', '/dags', aDefinition('Only one'), own)),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    for (const answer of answers.filter(({ status }) => status !== 201)) {
      expectRefusal(answer, aDefinition('Only one'));
      expect([answer.status, answer.problem.code, answer.problem.errors?.[0]?.pointer]).toEqual([
        409,
        'dag.title_taken',
        '/title',
      ]);
    }
    const renamed = await world.must('POST', '/dags', aDefinition('Another'), own);
    expect((await world.call('PUT', `/dags/${renamed.id}`, aDefinition('Only one'), own)).problem.code).toBe(
      'dag.title_taken',
    );
    const imports = await Promise.all(
      Array.from({ length: 20 }, () => world.call('POST', '/dags/import?mode=upsert', aDefinition('Imported'), own)),
    );
    expect(
      imports.filter(({ status }) => status === 200).length + imports.filter(({ status }) => status === 409).length,
    ).toBe(20);
    expect((await world.must('GET', '/dags?count=true', undefined, own)).as<{ total: number }>().total).toBe(3);
  });

  it('that asks for too much at once is refused', async () => {
    const ids = Array.from({ length: 1_001 }, (_, i) => `id${i}`);
    for (const [path, body] of [
      ['/dags/batch-get', { ids }],
      ['/dags/batch', { action: 'run', ids }],
      ['/dags/import', Array.from({ length: 5_000 }, (_, i) => ({ title: `${i}`, steps: [MANUAL] }))],
    ] as const)
      expectRefusal(await world.call('POST', path, body, { domain }), body);
  });

  it('whose expression runs away while it runs is stopped at what it costs, alone', async () => {
    const own = { domain: world.newDomain() };
    const list = JSON.stringify(Array.from({ length: 100 }, (_, i) => i));
    const bombs = [
      `size(${list}.map(a, ${list}.map(b, ${list}.map(c, ${list}.map(d, a * b * c * d))))) > 0`,
      `"${'ab'.repeat(500)}".replace("a", "${'x'.repeat(500)}").replace("x", "${'y'.repeat(500)}").replace("y", "${'z'.repeat(500)}") == ""`,
      `matches("${'a'.repeat(5_000)}!", "(a*)*(a|a)*$")`,
    ];
    for (const [i, when] of bombs.entries()) {
      const made = await world.call(
        'POST',
        '/dags',
        { title: `Bomb ${i}`, steps: [MANUAL, define('a', { when })] },
        own,
      );
      if (made.status !== 201) {
        expectRefusal(made);
        continue;
      }
      const done = await world.must('POST', `/dags/${made.id}/run?wait=PT20S`, {}, own);
      const { reason } = done.as<{ reason: { code: string } | null }>();
      // What is refused is counted work; RE2 makes the last one cheap.
      expect([i, done.status, reason?.code]).toEqual([i, 200, i < 2 ? 'expression.too_costly' : undefined]);
    }
  });

  it('that is no HTTP is answered or cut off, and the next one is served', async () => {
    const { hostname, port } = new URL(world.addressOf('public'));
    const send = (bytes: string | Buffer) =>
      new Promise<string>((resolve) => {
        let text = '';
        const socket = connect(Number(port), hostname, () => socket.end(bytes));
        socket.on('data', (chunk) => (text += chunk.toString('latin1')));
        socket.on('error', () => resolve(text));
        socket.on('close', () => resolve(text));
      });
    const head = (line: string, more = '') =>
      `${line}\r\nhost: x\r\nauthorization: Bearer ${ADMIN_TOKEN}\r\n${more}\r\n`;
    for (const bytes of [
      'nonsense\r\n\r\n',
      Buffer.from([0, 1, 2, 255, 13, 10, 13, 10]),
      head('GET / HTTP/9.9'),
      head(`GET ${API_PREFIX}/dags HTTP/1.1`, 'content-length: 5\r\ntransfer-encoding: chunked\r\n'),
      head(`POST ${API_PREFIX}/dags HTTP/1.1`, 'content-length: -1\r\n'),
      head(`POST ${API_PREFIX}/dags HTTP/1.1`, 'content-length: 5\r\ncontent-length: 6\r\n'),
      head(`GET ${API_PREFIX}/dags HTTP/1.1`, `x: ${'y'.repeat(100_000)}\r\n`),
      head(`GET ${API_PREFIX}/dags\u0000 HTTP/1.1`),
      head(`POST ${API_PREFIX}/dags HTTP/1.1`, 'content-type: application/json\r\ntransfer-encoding: chunked\r\n') +
        'zz\r\n',
      '\x16\x03\x01\x02\x00\x01',
    ]) {
      const answer = await send(bytes);
      expect(answer === '' || /^HTTP\/1\.1 4\d\d /.test(answer)).toBe(true);
    }
  });

  it('with odd headers is refused or served, never our fault', async () => {
    const cases: Record<string, string>[] = [
      { 'x-business-domain': '' },
      { 'x-business-domain': '../x' },
      { 'x-business-domain': 'x'.repeat(65) },
      { 'x-business-domain': 'a, b' },
      { 'x-request-id': 'x'.repeat(5_000) },
      { 'x-request-id': '\u00ff\u00fe' },
      { traceparent: '00-00000000000000000000000000000000-0000000000000000-00' },
      { authorization: `Bearer ${'x'.repeat(5_000)}` },
      { authorization: 'Bearer \u00ff' },
      { authorization: 'bearer' },
      { 'if-match': 'x' },
      { accept: 'application/xml' },
      { 'accept-encoding': 'nonsense;q=2' },
      { expect: '200-ok' },
      { range: 'bytes=0-1' },
      { origin: 'https://evil.example', 'access-control-request-method': 'DELETE' },
      { 'x-http-method-override': 'DELETE' },
      { cookie: 'a=b; '.repeat(500) },
    ];
    for (const headers of cases) {
      const answer = await world.call('GET', '/dags', undefined, { headers }).catch((error: unknown) => error as Error);
      if (answer instanceof Error) continue;
      if (answer.status >= 300) expectRefusal(answer);
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    }
  });
});
