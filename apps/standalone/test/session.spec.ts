import { request } from 'node:http';
import { ApiWorld, aDefinition, until, type Ask, type Answer } from './api-world';

const CONSOLE = { 'x-flow-console': '1' };

interface Session {
  /** The pair that a browser sends back. */
  readonly cookie: string;
  readonly attributes: readonly string[];
}

function sessionOf({ headers }: Answer): Session {
  const [cookie = '', ...attributes] = String(headers['set-cookie']).split('; ');
  return { cookie, attributes };
}

describe('A session of the console', () => {
  let world: ApiWorld;
  beforeAll(async () => {
    world = await ApiWorld.open();
  });
  afterAll(() => world.close());

  const open = (token: string, headers: Record<string, string> = {}) =>
    world.call('POST', '/session', undefined, { token, headers });
  const signIn = async (token: string) => sessionOf(await open(token));
  /** As the console asks: by the cookie alone. */
  const ask = (cookie: string, headers: Record<string, string> = CONSOLE, more: Partial<Ask> = {}) =>
    world.call('GET', '/me', undefined, { token: null, headers: { ...headers, cookie }, ...more });

  it('is a cookie that no script reads and no other site sends, and stands for its token alone', async () => {
    const token = await world.token(['dag.view', 'token.manage'], ['a']);
    const opened = await world.call('POST', '/session', undefined, { token, domain: 'a' });
    const me = await world.must('GET', '/me', undefined, { token, domain: 'a' });
    expect([opened.status, opened.json]).toEqual([200, me.json]);
    const { cookie, attributes } = sessionOf(opened);
    expect(attributes.slice(0, 3)).toEqual(['Path=/api', 'HttpOnly', 'SameSite=Strict']);
    expect(attributes).not.toContain('Secure');
    expect(opened.headers['cache-control']).toBe('no-store');
    const found = await ask(cookie, { ...CONSOLE, 'x-business-domain': 'a' });
    expect([found.status, found.json]).toEqual([200, me.json]);
    expect((await ask(cookie)).problem.code).toBe('domain.forbidden');
    const created = await world.call('POST', '/dags', aDefinition('x'), {
      token: null,
      headers: { ...CONSOLE, cookie, 'x-business-domain': 'a' },
    });
    expect([created.status, created.problem.code]).toEqual([403, 'permission.missing']);
  });

  it('lives no longer than its token, and goes over TLS only once it came by TLS', async () => {
    const made = await world.must('POST', '/me/tokens', {
      name: 'short',
      permissions: ['dag.view'],
      domains: ['*'],
      lifetime: 'PT1H',
    });
    const { token, expiresAt } = made.as<{ token: string; expiresAt: string }>();
    const { attributes } = await signIn(token);
    const seconds = Number(/^Max-Age=(\d+)$/.exec(attributes[3] ?? '')?.[1]);
    expect(seconds).toBeLessThanOrEqual(3_600);
    expect(Date.now() + seconds * 1_000).toBeLessThanOrEqual(Date.parse(expiresAt) + 1_000);
    const admin = sessionOf(await world.must('POST', '/session'));
    expect(admin.attributes).toEqual(['Path=/api', 'HttpOnly', 'SameSite=Strict']);
    for (const headers of [{ origin: 'https://flow.example' }, { 'x-forwarded-proto': 'https' }])
      expect(sessionOf(await open(token, headers as Record<string, string>)).attributes).toContain('Secure');
    const behindTls = await ApiWorld.open({ PUBLIC_URL: 'https://flow.example' });
    try {
      expect(sessionOf(await behindTls.must('POST', '/session')).attributes).toContain('Secure');
    } finally {
      await behindTls.close();
    }
  });

  it('ends when it is closed, and the token stays good', async () => {
    const token = await world.token(['dag.view']);
    const { cookie } = await signIn(token);
    const closed = await world.call('DELETE', '/session', undefined, { token: null, headers: { ...CONSOLE, cookie } });
    expect([closed.status, closed.text]).toEqual([204, '']);
    expect(closed.headers['set-cookie']).toBe('flow_session=; Path=/api; HttpOnly; SameSite=Strict; Max-Age=0');
    expect((await world.call('GET', '/me', undefined, { token })).status).toBe(200);
  });

  it('is recorded when it is opened and closed', async () => {
    const token = await world.token(['dag.view'], ['recorded']);
    const { cookie } = sessionOf(await world.must('POST', '/session', undefined, { token, domain: 'recorded' }));
    await world.call('DELETE', '/session', undefined, {
      token: null,
      domain: 'recorded',
      headers: { ...CONSOLE, cookie },
    });
    const records = await until(async () => {
      const { items } = (await world.must('GET', '/audit-records', undefined, { domain: 'recorded' })).as<{
        items: { action: string; outcome: string; object: object }[];
      }>();
      return items.length >= 2 ? items : undefined;
    });
    expect(records.map(({ action, outcome, object }) => [action, outcome, object]).reverse()).toEqual([
      ['session.open', 'done', { type: 'session', id: null }],
      ['session.close', 'done', { type: 'session', id: null }],
    ]);
  });

  describe('under attack', () => {
    let token: string;
    let cookie: string;
    beforeAll(async () => {
      token = await world.token(['dag.view', 'dag.create']);
      ({ cookie } = await signIn(token));
    });

    it.each<[string, Record<string, string>]>([
      ['no header', {}],
      ['an empty header', { 'x-flow-console': '' }],
      ['another value', { 'x-flow-console': 'true' }],
      ['the header twice', { 'x-flow-console': '1, 1' }],
      ['the header of a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ])('counts for nothing with %s', async (_what, headers) => {
      const before = await world.dagsOf('public');
      for (const [method, path] of [
        ['GET', '/me'],
        ['POST', '/dags'],
        ['DELETE', '/session'],
      ] as const) {
        const body = method === 'POST' ? aDefinition('forged') : undefined;
        const answer = await world.call(method, path, body, { token: null, headers: { ...headers, cookie } });
        expect([path, answer.status, answer.headers['set-cookie']]).toEqual([path, 401, undefined]);
      }
      expect(await world.dagsOf('public')).toBe(before);
    });

    it('is allowed to no page of another origin: nobody answers its preflight', async () => {
      const asked = await world.call('OPTIONS', '/dags', undefined, {
        token: null,
        headers: {
          origin: 'https://evil.example',
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'x-flow-console',
          cookie,
        },
      });
      expect(asked.status).toBe(401);
      const answers = [asked, await ask(cookie, { ...CONSOLE, origin: 'https://evil.example' })];
      for (const { headers } of answers)
        expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    });

    it('is nothing without the cookie', async () => {
      for (const headers of [CONSOLE, { ...CONSOLE, cookie: '' }, { ...CONSOLE, cookie: 'other=1; flow_sessionx=2' }])
        expect((await world.call('GET', '/me', undefined, { token: null, headers })).status).toBe(401);
    });

    it('never helps a bad Authorization', async () => {
      for (const authorization of ['', 'Bearer', 'Bearer wrong', `Bearer ${token}x`, 'Basic YTpi']) {
        const answer = await ask(cookie, { ...CONSOLE, authorization });
        expect([authorization, answer.status, answer.headers['set-cookie']]).toEqual([authorization, 401, undefined]);
      }
      const other = await world.token(['dag.view'], ['elsewhere']);
      const answer = await ask(cookie, { ...CONSOLE, authorization: `Bearer ${other}`, 'x-business-domain': 'public' });
      expect(answer.problem.code).toBe('domain.forbidden');
    });

    it('opens no session by another session: that takes the token itself', async () => {
      const answer = await world.call('POST', '/session', undefined, { token: null, headers: { ...CONSOLE, cookie } });
      expect([answer.status, answer.headers['set-cookie']]).toEqual([401, undefined]);
    });

    it('is not believed when there are two, when it was changed, or when it is no token', async () => {
      const text = (plain: string) => `flow_session=${Buffer.from(plain).toString('base64url')}`;
      expect((await ask(`a=b; ${cookie};c=d`)).status).toBe(200);
      for (const wrong of [
        `${cookie}; ${cookie}`,
        `${cookie}; flow_session=`,
        `flow_session=x; ${cookie}`,
        cookie.slice(0, -2),
        cookie.replace('flow_session', 'FLOW_SESSION'),
        `flow_session=${token}`,
        `flow_session="${cookie.split('=')[1]}"`,
        'flow_session=%00%0d%0a',
        'flow_session',
        text(`Bearer ${token}`),
        text(`${token}\r\nset-cookie: x=y`),
        text(`${token}\0`),
        text('__proto__'),
        text('ä'.repeat(100)),
        text('x'.repeat(5_000)),
      ]) {
        const answer = await ask(wrong);
        expect([wrong, answer.status, answer.problem.code]).toEqual([wrong, 401, 'token.invalid']);
        expect(JSON.stringify(answer.headers)).not.toContain('x=y');
      }
    });

    it('is refused before it is read when it is larger than a head may be', async () => {
      const status = await new Promise((resolve, reject) => {
        const url = `${world.addressOf('public')}/api/automation/v1/me`;
        const headers = { ...CONSOLE, cookie: `flow_session=${'x'.repeat(64 * 1_024)}` };
        request(url, { headers, agent: false }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
          .once('error', reject)
          .end();
      });
      expect(status).toBe(431);
    });

    it('counts for nothing on the private server', async () => {
      const admin = sessionOf(await world.must('POST', '/session'));
      const answer = await world.call('GET', '/workers', undefined, {
        server: 'private',
        token: null,
        headers: { ...CONSOLE, cookie: admin.cookie },
      });
      expect([answer.status, answer.headers['set-cookie']]).toEqual([401, undefined]);
      expect((await world.call('GET', '/workers', undefined, { server: 'private' })).status).toBe(200);
    });

    it('is over with its token, and is then taken from the browser', async () => {
      const made = (
        await world.must('POST', '/me/tokens', { name: 'gone', permissions: ['dag.view'], domains: ['*'] })
      ).as<{ id: string; token: string }>();
      const session = await signIn(made.token);
      expect((await ask(session.cookie)).status).toBe(200);
      await world.must('DELETE', `/me/tokens/${made.id}`);
      const refused = await ask(session.cookie);
      expect([refused.status, refused.headers['set-cookie']]).toEqual([
        401,
        'flow_session=; Path=/api; HttpOnly; SameSite=Strict; Max-Age=0',
      ]);
      const short = (
        await world.must('POST', '/me/tokens', {
          name: 'short',
          permissions: ['dag.view'],
          domains: ['*'],
          lifetime: 'PT1S',
        })
      ).as<{ token: string }>();
      const brief = await signIn(short.token);
      await until(async () => ((await ask(brief.cookie)).status === 401 ? true : undefined));
    });

    it('is told to nobody: neither in the log, nor in the trail, nor in what is kept', async () => {
      // Its end: the beginning is alike in all tokens.
      const secret = token.slice(-20);
      const encoded = cookie.split('=')[1]!;
      await ask(cookie, {});
      await ask(`${cookie}; ${cookie}`);
      const trail = await world.must('GET', '/audit-records?limit=200');
      for (const text of [world.log, trail.text])
        for (const told of [secret, encoded]) expect(text.includes(told)).toBe(false);
    });

    it('is refused for a token that no browser would keep', async () => {
      const long = 'x'.repeat(3_500);
      const other = await ApiWorld.open({ ADMIN_TOKEN: long });
      try {
        const answer = await other.call('POST', '/session', undefined, { token: long });
        expect([answer.status, answer.problem.errors?.[0]?.code]).toEqual([400, 'session.token_too_long']);
        expect(answer.headers['set-cookie']).toBeUndefined();
        expect((await other.call('GET', '/me', undefined, { token: long })).status).toBe(200);
      } finally {
        await other.close();
      }
    });
  });
});
