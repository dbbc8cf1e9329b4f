import { PERMISSIONS } from '@flow/auth';
import type { OpenApiDocument, ServerName } from '@flow/http';
import { Database } from '@flow/adapters/sqlite';
import { join } from 'node:path';
import { ADMIN_TOKEN, ApiWorld, aDefinition } from './api-world';

interface Shown {
  readonly id: string;
  readonly sequence: number;
  readonly actor: { readonly principal: string; readonly tokenId: string };
  readonly action: string;
  readonly object: { readonly type: string; readonly id: string | null };
  readonly outcome: string;
  readonly status: number | null;
  readonly code: string | null;
  readonly requestId: string;
  readonly traceId: string | null;
  readonly remote: string | null;
  readonly details: Record<string, unknown>;
}

interface Verdict {
  readonly ok: boolean;
  readonly checked: number;
  readonly head: string | null;
  readonly firstFault: { readonly sequence: number; readonly kind: string } | null;
}

const SOME_ID = '01ARZ3NDEKTSV4RRFFQ69G5FAV';

describe('The audit trail', () => {
  let world: ApiWorld;
  beforeAll(async () => {
    world = await ApiWorld.open();
  });
  afterAll(() => world.close());

  const recordsOf = async (domain: string, query = '') =>
    (await world.must('GET', `/audit-records?limit=200${query}`, undefined, { domain })).as<{ items: Shown[] }>().items;
  const verdictOf = async (domain: string, query = '') =>
    (await world.must('GET', `/audit-records/verify${query}`, undefined, { domain })).as<Verdict>();

  it('says who did what to which object, when, from where and what came of it', async () => {
    const domain = world.newDomain();
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const made = await world.must('POST', '/dags', aDefinition('a'), {
      domain,
      headers: { 'x-request-id': 'mine-1', traceparent },
    });
    const started = await world.must('POST', `/dags/${made.id}/run`, {}, { domain });
    await world.must('DELETE', `/dags/${made.id}?cancel=true`, undefined, { domain });
    const [deleted, ran, created] = await recordsOf(domain);
    expect(created).toMatchObject({
      sequence: 1,
      actor: { principal: 'admin', tokenId: 'admin' },
      action: 'dag.create',
      object: { type: 'dag', id: made.id },
      outcome: 'done',
      status: 201,
      code: null,
      requestId: 'mine-1',
      traceId: '0af7651916cd43dd8448eb211c80319c',
      remote: '127.0.0.1',
    });
    expect(ran).toMatchObject({
      action: 'dag.run',
      object: { type: 'dag', id: made.id },
      status: 202,
      details: { created: started.id },
    });
    expect(deleted).toMatchObject({ action: 'dag.delete', outcome: 'done' });
    expect(await verdictOf(domain)).toMatchObject({ ok: true, checked: 3, firstFault: null });
  });

  it('names what was refused and denied with its code, and what was tried', async () => {
    const domain = world.newDomain();
    const token = await world.token(['dag.view'], [domain]);
    await world.call('DELETE', `/dags/${SOME_ID}`, undefined, { domain });
    await world.call('POST', '/dags', { title: '' }, { domain });
    await world.call('DELETE', `/dags/${SOME_ID}`, undefined, { domain, token });
    await world.call('GET', '/secrets', undefined, { domain, token });
    await world.call('GET', `/dags/${SOME_ID}`, undefined, { domain, token });
    // A run has an id from before it is begun, which is nothing's when it is refused.
    await world.call('POST', `/dags/${SOME_ID}/run`, {}, { domain });
    const records = (await recordsOf(domain)).map(({ action, outcome, status, code, object, details }) => [
      ...[action, outcome, status, code, object.id, ...Object.keys(details)],
    ]);
    expect(records.reverse()).toEqual([
      ['dag.delete', 'refused', 404, 'dag.not_found', SOME_ID],
      ['dag.create', 'refused', 400, 'dag.invalid', null],
      ['dag.delete', 'refused', 403, 'permission.missing', SOME_ID],
      ['secret.view', 'refused', 403, 'permission.missing', null],
      ['dag.run', 'refused', 404, 'dag.not_found', SOME_ID],
    ]);
  });

  it('names one object or none: what many were made of has no id of its own', async () => {
    const domain = world.newDomain();
    await world.must('POST', '/dags/import', [aDefinition('a'), aDefinition('b')], { domain });
    expect(await recordsOf(domain)).toMatchObject([{ action: 'dag.import', outcome: 'done', object: { id: null } }]);
  });

  it('records an attempt in a foreign domain in one of the own ones, and nothing in the foreign one', async () => {
    const [own, foreign] = [world.newDomain(), world.newDomain()];
    const token = await world.token(['dag.create', 'dag.view'], [own]);
    expect((await world.call('POST', '/dags', aDefinition('x'), { domain: foreign, token })).status).toBe(403);
    expect(await recordsOf(foreign)).toEqual([]);
    expect(await recordsOf(own)).toMatchObject([{ action: 'dag.create', code: 'domain.forbidden', status: 403 }]);
  });

  it('says of a repeat under the same Idempotency-Key that it was one', async () => {
    const domain = world.newDomain();
    const ask = { domain, headers: { 'idempotency-key': 'k1' } };
    const first = await world.must('POST', '/dags', aDefinition('a'), ask);
    expect((await world.must('POST', '/dags', aDefinition('a'), ask)).id).toBe(first.id);
    const [repeat, made] = await recordsOf(domain);
    expect([made?.details, repeat?.details]).toEqual([{}, { replayed: true }]);
  });

  it('never holds what is secret', async () => {
    const domain = world.newDomain();
    const secret = 'hunter2-hunter2';
    await world.must('POST', '/secrets', { name: 'door', value: secret, hosts: ['example.com'] }, { domain });
    const made = await world.must(
      'POST',
      '/me/tokens',
      { name: 'ci', permissions: ['dag.view'], domains: [domain] },
      { domain },
    );
    const { token, id } = made.as<{ token: string; id: string }>();
    await world.must('DELETE', `/me/tokens/${id}`, undefined, { domain });
    const text = JSON.stringify(await recordsOf(domain));
    expect(text).toContain('"details":{"name":"ci","permissions":["dag.view"]}');
    for (const hidden of [secret, token, ADMIN_TOKEN]) expect(text).not.toContain(hidden);
    expect((await recordsOf(domain)).map(({ action, object }) => [action, object.id])).toEqual([
      ['token.revoke', id],
      ['token.create', id],
      ['secret.create', expect.anything()],
    ]);
  });

  it('is filtered, paged, and exported line by line in its order', async () => {
    const domain = world.newDomain();
    for (let n = 0; n < 7; n += 1) await world.must('POST', '/dags', aDefinition(`d${n}`), { domain });
    await world.call('DELETE', `/dags/${SOME_ID}`, undefined, { domain });
    const page = await world.must('GET', '/audit-records?limit=3&count=true', undefined, { domain });
    const { items, nextCursor, total } = page.as<{ items: Shown[]; nextCursor: string; total: number }>();
    expect([items.map(({ sequence }) => sequence), total]).toEqual([[8, 7, 6], 8]);
    const next = await world.must('GET', `/audit-records?limit=3&cursor=${nextCursor}`, undefined, { domain });
    expect(next.as<{ items: Shown[] }>().items.map(({ sequence }) => sequence)).toEqual([5, 4, 3]);
    expect(await recordsOf(domain, `&object=${SOME_ID}`)).toHaveLength(1);
    expect(await recordsOf(domain, '&action=dag.create&actor=admin&outcome=done')).toHaveLength(7);
    expect(await recordsOf(domain, '&to=2020-01-01T00:00:00Z')).toHaveLength(0);
    const exported = await world.must('GET', '/audit-records/export?format=jsonl&after=2', undefined, { domain });
    expect(exported.headers['content-type']).toContain('application/x-ndjson');
    const lines = exported.text.trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as Shown).sequence)).toEqual([3, 4, 5, 6, 7, 8]);
  });

  it('is verified against the file, and against a head that was noted', async () => {
    const domain = world.newDomain();
    for (let n = 0; n < 4; n += 1) await world.must('POST', '/dags', aDefinition(`d${n}`), { domain });
    const { head } = (await world.must('GET', '/audit-records/head', undefined, { domain })).as<{ head: string }>();
    expect(await verdictOf(domain, `?head=${head}`)).toMatchObject({ ok: true, checked: 4, head });
    const db = Database.open(join(world.folder, 'relational.db'));
    db.write('spec.tamper', 'UPDATE audit_records SET principal = ? WHERE domain = ? AND sequence = 2', 'bob', domain);
    db.close();
    expect(await verdictOf(domain)).toMatchObject({ ok: false, firstFault: { sequence: 2, kind: 'edited' } });
    const invalid = await world.call('GET', '/audit-records/verify?head=nonsense', undefined, { domain });
    expect([invalid.status, invalid.problem.code]).toEqual([400, 'request.invalid']);
  });

  it('has a record of every command of both servers, allowed or denied, in its own business domain alone', async () => {
    const [domain, other] = [world.newDomain(), world.newDomain()];
    const tokens = new Map<string, string>();
    let commands = 0;
    for (const server of ['public', 'private'] as const satisfies readonly ServerName[]) {
      const spec = (await world.call('GET', '//openapi.json', undefined, { server })).as<OpenApiDocument>();
      for (const [path, methods] of Object.entries(spec.paths))
        for (const [method, operation] of Object.entries(methods)) {
          const action = operation['x-audit-action'];
          if (method === 'get') {
            expect([path, action]).toEqual([path, null]);
            continue;
          }
          if (action === null) {
            // Nothing that lasts, or what has a history of its own: see docs/audit.md.
            expect(path).toMatch(/\/(validate|batch-get|preview)$|\/callbacks\/|\/hooks\//);
            continue;
          }
          const access = operation['x-access'];
          const denied = PERMISSIONS.filter((one) => one !== access);
          const token = tokens.get(access) ?? (await world.token(denied, [domain]));
          tokens.set(access, token);
          const address = `/${path.replaceAll(/\{\w+\}/g, SOME_ID)}`;
          const body = operation.requestBody === undefined ? undefined : {};
          const allowed = await world.call(method.toUpperCase(), address, body, {
            ...{ server, domain, headers: { 'x-request-id': `a-${commands}` } },
          });
          const refused = await world.call(method.toUpperCase(), address, body, {
            ...{ server, domain, token, headers: { 'x-request-id': `d-${commands}` } },
          });
          const found = (await recordsOf(domain)).filter(({ requestId }) => /^[ad]-\d+$/.test(requestId)).slice(0, 2);
          const at = `${method} ${path}`;
          const outcome = (status: number) => (status < 400 ? 'done' : status < 500 ? 'refused' : 'failed');
          expect([at, found.map((one) => [one.requestId, one.action, one.status, one.outcome])]).toEqual([
            at,
            [
              [`d-${commands}`, action, refused.status, outcome(refused.status)],
              [`a-${commands}`, action, allowed.status, outcome(allowed.status)],
            ],
          ]);
          if (access !== 'token') expect([at, refused.status]).toEqual([at, 403]);
          commands += 1;
        }
    }
    expect(commands).toBeGreaterThan(40);
    expect(await recordsOf(other)).toEqual([]);
    expect(await verdictOf(domain)).toMatchObject({ ok: true });
  });

  it('is whole after restarts', async () => {
    const domain = world.newDomain();
    await world.must('POST', '/dags', aDefinition('a'), { domain });
    await world.restart();
    await world.must('POST', '/dags', aDefinition('b'), { domain });
    expect((await recordsOf(domain)).map(({ sequence, outcome }) => [sequence, outcome])).toEqual([
      [2, 'done'],
      [1, 'done'],
    ]);
    expect(await verdictOf(domain)).toMatchObject({ ok: true, checked: 2 });
  });
});
