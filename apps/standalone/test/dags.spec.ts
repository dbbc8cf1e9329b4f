import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiWorld, MANUAL, aDefinition, until } from './api-world';

interface Dag {
  readonly id: string;
  readonly title: string;
  readonly version: string;
  readonly updatedAt: string;
  readonly changeLog: string;
}
interface Page<T> {
  readonly items: T[];
  readonly nextCursor: string | null;
  readonly total?: number;
}

describe('A DAG', () => {
  let world: ApiWorld;
  let domain: string;
  const call = (method: string, path: string, body?: object | string, headers: Record<string, string> = {}) =>
    world.call(method, path, body, { domain, headers });
  const must = (method: string, path: string, body?: object | string, headers: Record<string, string> = {}) =>
    world.must(method, path, body, { domain, headers });
  const versions = async (id: string) =>
    (await must('GET', `/dags/${id}/versions`)).as<Page<{ version: string }>>().items.map(({ version }) => version);

  beforeAll(async () => {
    world = await ApiWorld.open();
  });
  beforeEach(() => {
    domain = world.newDomain();
  });
  afterAll(() => world.close());

  it('comes back as it was sent, with what the service adds, at its Location', async () => {
    const sent = aDefinition('All fields', {
      description: 'what it is for',
      status: 'stopped',
      type: 'report',
      tags: ['a', 'b'],
      labels: { team: 'x' },
      priority: 'high',
      vars: { limit: { type: 'number', default: 100, description: 'at most' } },
      outputs: { seen: '{{vars.limit}}' },
      timeout: 'PT1H',
      version: 'v1.2.3',
      changeLog: 'first',
    });
    const made = await must('POST', '/dags', sent);
    expect(made.status).toBe(201);
    expect(made.headers.location).toBe(`/api/automation/v1/dags/${made.id}`);
    expect(made.json).toMatchObject(sent);
    expect(made.json).toMatchObject({ createdBy: 'admin', modifiedBy: 'admin' });
    const read = await must('GET', `/dags/${made.id}`);
    expect(read.json).toEqual(made.json);
    expect(read.headers.etag).toBe(made.headers.etag);
    expect(read.text).not.toContain(domain);
  });

  it('is put only over the state that If-Match names', async () => {
    const made = await must('POST', '/dags', aDefinition('One'));
    const etag = made.headers.etag as string;
    const second = await must('PUT', `/dags/${made.id}`, aDefinition('Two'), { 'if-match': etag });
    expect(second.headers.etag).not.toBe(etag);
    const stale = await call('PUT', `/dags/${made.id}`, aDefinition('Three'), { 'if-match': etag });
    expect([stale.status, stale.problem.code]).toEqual([412, 'dag.stale']);
    for (const wrong of ['1', 'W/"1"', '"1", "2"', '""']) {
      const refused = await call('PUT', `/dags/${made.id}`, aDefinition('Three'), { 'if-match': wrong });
      expect([wrong, refused.status, refused.problem.errors?.[0]?.code]).toEqual([wrong, 400, 'if_match.invalid']);
    }
    expect((await call('DELETE', `/dags/${made.id}`, undefined, { 'if-match': etag })).status).toBe(412);
    expect((await must('GET', `/dags/${made.id}`)).as<Dag>().title).toBe('Two');
    expect((await call('PUT', `/dags/${made.id}`, aDefinition('Four'), { 'if-match': '*' })).status).toBe(200);
  });

  it('of many writers that read the same state lets one write', async () => {
    const made = await must('POST', '/dags', aDefinition('Race'));
    const headers = { 'if-match': made.headers.etag as string };
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => call('PUT', `/dags/${made.id}`, aDefinition(`Race ${i}`), headers)),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 412)).toHaveLength(19);
    expect(await versions(made.id)).toEqual(['v0.0.1', 'v0.0.0']);
  });

  it('gets a version with each change, and none when nothing changes', async () => {
    const { id } = await must('POST', '/dags', aDefinition('V'));
    expect((await must('GET', `/dags/${id}/versions/next`)).json).toEqual({ version: 'v0.0.1' });
    const changed = await must('PUT', `/dags/${id}`, aDefinition('V', { description: 'new', changeLog: 'why' }));
    expect(changed.as<Dag>()).toMatchObject({ version: 'v0.0.1', changeLog: 'why' });
    const same = await must('PUT', `/dags/${id}`, aDefinition('V', { description: 'new' }));
    expect([same.headers.etag, same.as<Dag>().version]).toEqual([changed.headers.etag, 'v0.0.1']);
    await must('PUT', `/dags/${id}`, aDefinition('V', { version: 'v2.0.0' }));
    expect(await versions(id)).toEqual(['v2.0.0', 'v0.0.1', 'v0.0.0']);
    for (const version of ['v2.0.0', 'v1.9.9']) {
      const low = await call('PUT', `/dags/${id}`, aDefinition('V', { description: 'x', version }));
      expect([low.status, low.problem.code, low.problem.errors?.[0]?.pointer]).toEqual([
        400,
        'version.not_rising',
        '/version',
      ]);
    }
    expect((await must('GET', `/dags/${id}?version=v0.0.1`)).json).toMatchObject({
      description: 'new',
      version: 'v0.0.1',
    });
    expect((await must('GET', `/dags/${id}/versions/v0.0.1`)).json).toMatchObject({
      changeLog: 'why',
      content: { description: 'new' },
    });
    expect((await call('GET', `/dags/${id}/versions/v9.9.9`)).problem.code).toBe('version.not_found');
  });

  it('tells what changed between two versions by steps, and goes back to an older one as a new version', async () => {
    const step = (id: string, value: number) => ({
      id,
      operator: '@internal/define',
      parameters: { type: 'number', value },
    });
    const of = (...steps: object[]) => ({ title: 'Diff', steps: [MANUAL, ...steps] });
    const { id } = await must('POST', '/dags', of(step('a', 1), step('b', 1), step('c', 1)));
    await must('PUT', `/dags/${id}`, of(step('b', 2), step('a', 1), step('d', 1)));
    const diff = (await must('GET', `/dags/${id}/versions/v0.0.0/diff/v0.0.1`)).as<
      Record<string, { stepId: string }[]>
    >();
    expect(diff).toMatchObject({
      added: [{ stepId: 'd' }],
      removed: [{ stepId: 'c' }],
      changed: [{ stepId: 'b', changes: [{ pointer: '/parameters/value', from: 1, to: 2 }] }],
    });
    expect(diff.moved).toHaveLength(1);
    const back = await must('POST', `/dags/${id}/versions/v0.0.0/rollback`);
    expect(back.status).toBe(201);
    expect(back.json).toMatchObject({ version: 'v0.0.2', steps: [{}, { id: 'a' }, { id: 'b' }, { id: 'c' }] });
    expect(back.headers.location).toBe(`/api/automation/v1/dags/${id}/versions/v0.0.2`);
    const same = (await must('GET', `/dags/${id}/versions/v0.0.0/diff/v0.0.2`)).json;
    expect(same).toMatchObject({ added: [], removed: [], moved: [], changed: [] });
    expect((await call('POST', `/dags/${id}/versions/v0.0.0/rollback`, {}, { 'if-match': '"1"' })).status).toBe(412);
  });

  it('is found by keyword, status, trigger, tag and maker, in every sort order, page by page without gap or double', async () => {
    const titles = Array.from({ length: 23 }, (_, i) => `${i % 2 ? 'Even' : 'odd'} ${String(i).padStart(2, '0')}`);
    for (const [i, title] of titles.entries())
      await must(
        'POST',
        '/dags',
        aDefinition(title, { tags: i % 3 ? ['rest'] : ['third', 'x'], status: i % 5 ? 'normal' : 'stopped' }),
      );
    const all = async (query: string) => {
      const found: Dag[] = [];
      let pages = 0;
      for (let cursor: string | null = ''; cursor !== null; pages += 1) {
        const page: Page<Dag> = (
          await must('GET', `/dags?limit=4&count=true&${query}${cursor && `&cursor=${cursor}`}`)
        ).as();
        found.push(...page.items);
        expect(page.items.length).toBeLessThanOrEqual(4);
        cursor = page.nextCursor;
        if (cursor === null) expect(page.total).toBe(found.length);
      }
      expect(new Set(found.map(({ id }) => id)).size).toBe(found.length);
      expect(pages).toBe(Math.max(1, Math.ceil(found.length / 4)));
      return found.map(({ title }) => title);
    };
    expect(await all('sort=createdAt')).toEqual(titles);
    expect(await all('')).toEqual([...titles].reverse());
    expect(await all('sort=updatedAt')).toEqual(titles);
    expect(await all('sort=title')).toEqual([...titles].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)));
    expect(await all('sort=-title')).toEqual([...titles].sort((a, b) => (a.toLowerCase() > b.toLowerCase() ? -1 : 1)));
    expect(await all('keyword=EVEN&sort=createdAt')).toEqual(titles.filter((_, i) => i % 2 === 1));
    expect(await all('keyword=%25')).toEqual([]);
    expect(await all('tag=third&sort=createdAt')).toEqual(titles.filter((_, i) => i % 3 === 0));
    expect(await all('status=stopped&sort=createdAt')).toEqual(titles.filter((_, i) => i % 5 === 0));
    expect(await all('tag=third&status=stopped&keyword=odd&sort=createdAt')).toEqual(
      titles.filter((_, i) => i % 30 === 0),
    );
    expect(await all('trigger=manual')).toHaveLength(23);
    expect(await all('trigger=form')).toEqual([]);
    expect(await all('createdBy=admin')).toHaveLength(23);
    expect(await all('createdBy=nobody')).toEqual([]);
    const { nextCursor } = (await must('GET', '/dags?limit=4&sort=title')).as<Page<Dag>>();
    for (const query of [
      'limit=0',
      'limit=201',
      'limit=x',
      'sort=id',
      'status=off',
      'nothing=1',
      'cursor=nonsense',
      `sort=createdAt&cursor=${nextCursor}`,
    ])
      expect([query, (await call('GET', `/dags?${query}`)).status]).toEqual([query, 400]);
  });

  it('keeps its place in a list of pages while others are added and removed', async () => {
    for (let i = 0; i < 12; i += 1) await must('POST', '/dags', aDefinition(`P ${i}`));
    const first = (await must('GET', '/dags?limit=5')).as<Page<Dag>>();
    await must('POST', '/dags', aDefinition('newer than all'));
    await must('DELETE', `/dags/${first.items[4]!.id}`);
    const second = (await must('GET', `/dags?limit=5&cursor=${first.nextCursor}`)).as<Page<Dag>>();
    const titles = [...first.items, ...second.items].map(({ title }) => title);
    expect(titles).toEqual(Array.from({ length: 10 }, (_, i) => `P ${11 - i}`));
  });

  it('is told all its faults at once, each with its pointer and code, and saving it tells the same', async () => {
    const broken = {
      title: 'a/b',
      nonsense: 1,
      vars: { limit: { type: 'number', default: 'x' } },
      steps: [
        MANUAL,
        { id: 'a', operator: '@nobody/knows' },
        { id: 'a', operator: '@internal/define', parameters: { type: 'colour' } },
        { id: 'b', operator: '@internal/define', parameters: { type: 'number', value: '{{1 +}}' }, dependsOn: ['c'] },
        {
          id: 'c',
          operator: '@internal/define',
          parameters: { type: 'number', value: '{{__zz.value}}' },
          dependsOn: ['b'],
        },
        {
          id: 'f',
          operator: '@control/flow/branches',
          branches: [
            {
              id: 'f1',
              conditions: [],
              steps: [{ id: 'g', operator: '@internal/text/split', parameters: { text: 1 } }],
            },
          ],
        },
        { id: 'h', operator: '@trigger/manual', settings: { retry: { max: 11 } } },
      ],
    };
    const checked = await must('POST', '/dags/validate', broken);
    const { valid, errors } = checked.as<{
      valid: boolean;
      errors: { pointer: string; code: string; message: string }[];
    }>();
    expect(valid).toBe(false);
    const pointers = errors.map(({ pointer }) => pointer);
    for (const pointer of [
      '/title',
      '/nonsense',
      '/vars/limit/default',
      '/steps/1/operator',
      '/steps/2/id',
      '/steps/2/parameters/type',
      '/steps/3/parameters/value',
      '/steps/4/parameters/value',
      '/steps/6/operator',
      '/steps/6/settings/retry/max',
    ])
      expect([pointer, pointers.some((found) => found === pointer)]).toEqual([pointer, true]);
    expect(pointers.some((pointer) => pointer.startsWith('/steps/5/branches/0/steps/0/parameters'))).toBe(true);
    expect(errors.some(({ code }) => code.includes('cycle'))).toBe(true);
    for (const { code, message } of errors) expect([code.length > 3, message.length > 10]).toEqual([true, true]);
    const saved = await call('POST', '/dags', broken);
    expect([saved.status, saved.problem.code]).toEqual([400, 'dag.invalid']);
    expect(saved.problem.errors).toEqual(errors);
    const { id } = await must('POST', '/dags', aDefinition('good'));
    expect((await call('PUT', `/dags/${id}`, broken)).problem.errors).toEqual(errors);
    expect((await must('POST', '/dags/validate', aDefinition('good'))).json).toEqual({
      valid: true,
      errors: [],
      warnings: [],
    });
    expect(await versions(id)).toEqual(['v0.0.0']);
  });

  it('is read, switched, run and deleted with many others, each with its own result', async () => {
    const ids: string[] = [];
    for (const title of ['x', 'y', 'z']) ids.push((await must('POST', '/dags', aDefinition(title))).id);
    const gone = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
    const read = await must('POST', '/dags/batch-get', { ids: [ids[1], gone, ids[0]], fields: ['title'] });
    expect(read.json).toEqual({
      items: [
        { id: ids[1], title: 'y' },
        { id: ids[0], title: 'x' },
      ],
    });
    const unknown = await call('POST', '/dags/batch-get', { ids, fields: ['title', 'revision'] });
    expect(unknown.problem.errors?.[0]?.pointer).toBe('/fields/1');
    const batch = async (action: string) =>
      (await must('POST', '/dags/batch', { action, ids: [ids[0], gone, ids[1]] })).as<{
        items: { ok: boolean; instanceId?: string; error?: { code: string } }[];
      }>().items;
    expect(await batch('deactivate')).toMatchObject([
      { ok: true },
      { ok: false, error: { code: 'dag.not_found' } },
      { ok: true },
    ]);
    expect(await batch('run')).toMatchObject([
      { error: { code: 'dag.stopped' } },
      { error: { code: 'dag.not_found' } },
      { error: { code: 'dag.stopped' } },
    ]);
    await batch('activate');
    const runs = await batch('run');
    for (const i of [0, 2]) {
      const path = `/instances/${runs[i]!.instanceId}`;
      await until(async () =>
        (await must('GET', path)).as<{ status: string }>().status === 'succeeded' ? true : undefined,
      );
    }
    expect(await batch('delete')).toMatchObject([{ ok: true }, { ok: false }, { ok: true }]);
    expect((await must('GET', '/dags')).as<Page<Dag>>().items.map(({ title }) => title)).toEqual(['z']);
    expect((await call('POST', '/dags/batch', { action: 'explode', ids })).problem.errors?.[0]?.pointer).toBe(
      '/action',
    );
  });

  it('goes out and comes in as JSON and YAML without loss', async () => {
    const sent = aDefinition('Round: trip — ä\u{1F600}'.replace(':', ''), {
      description: 'yes: no\n# not a comment\t"quoted"  ',
      tags: ['true', '1.0', 'null', '0x1F', '2026-01-01'],
      labels: { y: 'no', '1': 'one' },
      vars: {
        big: { type: 'number', default: 1e21 },
        text: { type: 'string', default: '  007' },
        list: { type: 'array', default: [1, '1', null, { a: [] }] },
      },
      timeout: 'PT1H',
      outputs: { all: '{{vars.list}}', literal: '{{{ not evaluated }}}' },
      changeLog: 'x',
    });
    const { id } = await must('POST', '/dags', sent);
    const original = (await must('GET', `/dags/${id}`)).as<Record<string, unknown>>();
    for (const format of ['json', 'yaml']) {
      const exported = await must('GET', `/dags/${id}/export?format=${format}`);
      expect(exported.headers['content-type']).toBe(`application/${format}; charset=utf-8`);
      expect(exported.headers['content-disposition']).toContain('attachment');
      const headers = { 'content-type': `application/${format}` };
      const again = await must('POST', '/dags/import?mode=upsert', exported.text, headers);
      expect(again.json).toMatchObject({ items: [{ ok: true, outcome: 'unchanged', id }] });
      const elsewhere = await world.must('POST', '/dags/import', exported.text, {
        domain: `${domain}-${format}`,
        headers,
      });
      const { items } = elsewhere.as<{ items: { id: string; outcome: string }[] }>();
      expect(items).toMatchObject([{ outcome: 'created' }]);
      const copy = (await world.must('GET', `/dags/${items[0]!.id}`, undefined, { domain: `${domain}-${format}` })).as<
        Record<string, unknown>
      >();
      const { id: _id, createdAt: _at, updatedAt: _until, ...kept } = copy;
      expect(original).toMatchObject(kept);
      const exportedAgain = await world.must('GET', `/dags/${items[0]!.id}/export?format=${format}`, undefined, {
        domain: `${domain}-${format}`,
      });
      expect(exportedAgain.text).toBe(exported.text);
    }
  });

  it('comes in with many others or not at all', async () => {
    const many = [aDefinition('m1'), aDefinition('m2')];
    expect((await must('POST', '/dags/import', many)).as<{ items: object[] }>().items).toHaveLength(2);
    const broken = await call('POST', '/dags/import', [
      aDefinition('m3'),
      { title: 'm4', steps: [{ id: '0', operator: '@no' }] },
    ]);
    expect([broken.status, broken.problem.code]).toEqual([400, 'dag.invalid']);
    expect(broken.problem.errors?.every(({ pointer }) => pointer.startsWith('/1/'))).toBe(true);
    expect(
      (await call('POST', '/dags/import', [aDefinition('m5'), aDefinition('m5')])).problem.errors?.[0]?.pointer,
    ).toBe('/1/title');
    expect((await must('GET', '/dags?count=true')).as<Page<Dag>>().total).toBe(2);
    expect((await call('POST', '/dags/import?mode=create', aDefinition('m1'))).status).toBe(409);
    const yaml =
      'title: from yaml\nsteps:\n  - {id: a, operator: "@trigger/manual"}\n---\ntitle: second\nsteps:\n  - {id: a, operator: "@trigger/manual"}\n';
    const brought = await must('POST', '/dags/import', yaml, { 'content-type': 'application/yaml' });
    expect(brought.json).toMatchObject({
      items: [
        { title: 'from yaml', ok: true },
        { title: 'second', ok: true },
      ],
    });
    for (const [text, code] of [
      ['', undefined],
      ['a: [1', 'import.unreadable'],
      ['a: &a [x]\nb: [' + '*a,'.repeat(2_000) + '*a]', undefined],
      ['!!js/function "x"', undefined],
      ['__proto__: {a: 1}', undefined],
      ['['.repeat(5_000), 'import.too_deep'],
    ] as const) {
      const answer = await call('POST', '/dags/import', text, { 'content-type': 'application/yaml' });
      expect([text.slice(0, 20), answer.status]).toEqual([text.slice(0, 20), 400]);
      if (code) expect(answer.text).toContain(code);
    }
    expect((await must('GET', '/dags?count=true')).as<Page<Dag>>().total).toBe(4);
  });

  it('is not deleted while instances live, unless they are to be cancelled', async () => {
    const sink = createServer(() => undefined).listen(0, '127.0.0.1');
    await new Promise((resolve) => sink.once('listening', resolve));
    const url = `http://127.0.0.1:${(sink.address() as AddressInfo).port}/`;
    const busy = await ApiWorld.open({ OUTBOUND_ALLOW: '127.0.0.1' });
    try {
      const { id } = await busy.must('POST', '/dags', {
        title: 'Busy',
        steps: [MANUAL, { id: 'hang', operator: '@http/request', parameters: { url } }],
      });
      const { id: instance } = await busy.must('POST', `/dags/${id}/run`);
      const refused = await busy.call('DELETE', `/dags/${id}`);
      expect([refused.status, refused.problem.code]).toEqual([409, 'dag.has_live_instances']);
      expect((await busy.call('DELETE', `/dags/${id}?cancel=true`)).status).toBe(204);
      await until(async () =>
        (await busy.must('GET', `/instances/${instance}`)).as<{ status: string }>().status === 'cancelled'
          ? true
          : undefined,
      );
      expect((await busy.call('GET', `/dags/${id}`)).status).toBe(404);
      expect((await busy.must('POST', '/dags', aDefinition('Busy'))).status).toBe(201);
    } finally {
      await busy.close();
      sink.closeAllConnections();
      sink.close();
    }
  });

  it('is drawn, and its language has a schema for editors', async () => {
    const { id } = await must('POST', '/dags', {
      title: 'Drawn',
      steps: [
        MANUAL,
        {
          id: 'split',
          operator: '@control/flow/branches',
          branches: [{ id: 'b', default: true, steps: [{ id: 'end', operator: '@internal/return', parameters: {} }] }],
        },
      ],
    });
    const graph = (await must('GET', `/dags/${id}/graph`)).as<{ nodes: { id: string }[]; edges: object[] }>();
    expect(JSON.stringify(graph.nodes)).toContain('"end"');
    expect(graph.edges.length).toBeGreaterThan(0);
    expect((await must('GET', `/dags/${id}/graph?format=mermaid`)).as<{ mermaid: string }>().mermaid).toMatch(
      /^flowchart|^graph/,
    );
    const schema = await must('GET', '/schemas/dag.json');
    expect(schema.json).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      required: ['title', 'steps'],
    });
    const catalog = (await must('GET', '/operators/catalog')).as<{
      items: { id: string; help: string; parameters: object; example: object }[];
    }>();
    expect(catalog.items.map(({ id: operator }) => operator)).toEqual(
      expect.arrayContaining(['@http/request', '@trigger/form', '@internal/json/get', '@internal/return']),
    );
    for (const operator of catalog.items)
      expect([operator.id, Boolean(operator.help), Boolean(operator.parameters), Boolean(operator.example)]).toEqual([
        operator.id,
        true,
        true,
        true,
      ]);
  });
});
