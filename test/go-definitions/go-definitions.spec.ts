import { readFileSync, readdirSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { ApiWorld, MANUAL } from '../../apps/standalone/test/api-world';

/** One file of this folder: documents of the Go service, and what becomes of them. */
interface GoDefinition {
  /** The rule that it shows. */
  readonly says: string;
  readonly import: unknown;
  /** `code pointer` of every fault; nothing is imported then. */
  readonly refused?: readonly string[];
  /** A text that the refusal holds. */
  readonly says_too?: string;
  /** `code pointer` of every warning about the first document, but for the one that defaults were written out. */
  readonly warnings?: readonly string[];
  /** What stands at pointers of the definition that is exported again. */
  readonly stored?: Readonly<Record<string, unknown>>;
  readonly runs?: readonly ExpectedRun[];
}

interface ExpectedRun {
  /** The title of the DAG; the first one when left out. */
  readonly of?: string;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly status: string;
  /** `$instance` stands for the id of the instance. */
  readonly result?: unknown;
  /** Code of the reason, and the step that it names. */
  readonly reason?: string;
  readonly stepId?: string;
  /** The status of every task by its path. */
  readonly tasks?: Readonly<Record<string, string>>;
}

interface Item {
  readonly title: string;
  readonly ok: boolean;
  readonly id: string;
  readonly warnings?: readonly { readonly pointer: string; readonly code: string }[];
}
interface Instance {
  readonly id: string;
  readonly status: string;
  readonly result: unknown;
  readonly reason: { readonly code: string; readonly stepId: string | null } | null;
}

/** What the service cannot take yet. */
const COME_LATER = ['cron'];

const definitions = readdirSync(__dirname)
  .filter((file) => file.endsWith('.yaml'))
  .map((file): [string, GoDefinition] => [
    file.replace('.yaml', ''),
    parse(readFileSync(join(__dirname, file), 'utf8')) as GoDefinition,
  ])
  .filter(([name]) => !COME_LATER.includes(name));

/** What flows call: `$echo` in their data stands for its address, and so on. */
function outside(request: IncomingMessage, response: ServerResponse): void {
  const { url = '' } = request;
  if (url.startsWith('/silent')) return;
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    const count = (calls.get(url) ?? 0) + 1;
    calls.set(url, count);
    response.statusCode = url.startsWith('/missing') ? 404 : url.startsWith('/flaky') && count < 3 ? 503 : 200;
    response.setHeader('content-type', 'application/json');
    const body = Buffer.concat(parts).toString();
    response.end(url.startsWith('/echo') ? `{"echo": ${body}}` : `{"calls": ${count}}`);
  });
}
const calls = new Map<string, number>();

describe('A definition of the Go service', () => {
  let world: ApiWorld;
  let domain: string;
  let echo: Server;

  beforeAll(async () => {
    world = await ApiWorld.open({ OUTBOUND_ALLOW: '127.0.0.1' });
    echo = createServer(outside).listen(0, '127.0.0.1');
    await new Promise((resolve) => echo.once('listening', resolve));
  });
  beforeEach(() => {
    domain = world.newDomain();
  });
  afterAll(async () => {
    await world.close();
    echo.closeAllConnections();
    echo.close();
  });

  const bring = (sent: unknown) => world.call('POST', '/dags/import?dialect=go', JSON.stringify(sent), { domain });

  async function check(definition: GoDefinition): Promise<void> {
    const answer = await bring(definition.import);
    if (definition.refused) {
      expect((answer.problem.errors ?? []).map(({ code, pointer }) => `${code} ${pointer}`).sort()).toEqual(
        [...definition.refused].sort(),
      );
      expect(answer.text).toContain(definition.says_too ?? '');
      return;
    }
    expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, '']);
    const { items } = answer.as<{ items: Item[] }>();
    expect(items.filter(({ ok }) => !ok)).toEqual([]);
    if (definition.warnings)
      expect(warningsOf(items[0]!)).toEqual([...definition.warnings].map((one) => one.trimEnd()).sort());
    if (definition.stored) await checkStored(items[0]!.id, definition.stored);
    for (const run of definition.runs ?? [])
      await checkRun((items.find(({ title }) => title === run.of) ?? items[0]!).id, run);
  }

  async function checkStored(id: string, stored: Readonly<Record<string, unknown>>): Promise<void> {
    const exported = (await world.must('GET', `/dags/${id}/export`, undefined, { domain })).json;
    const at = (pointer: string) =>
      pointer
        .split('/')
        .slice(1)
        .reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], exported);
    expect(Object.fromEntries(Object.keys(stored).map((pointer) => [pointer, at(pointer)]))).toEqual(stored);
  }

  async function checkRun(id: string, expected: ExpectedRun): Promise<void> {
    const { port } = echo.address() as AddressInfo;
    const data = JSON.parse(
      JSON.stringify(expected.data ?? {}).replace(/"\$(\w+)"/g, `"http://127.0.0.1:${port}/$1"`),
    ) as object;
    const instance = (await world.must('POST', `/dags/${id}/run?wait=PT15S`, { data }, { domain })).as<Instance>();
    const { status, result, reason } = expected;
    expect({ status: instance.status, reason: instance.reason?.code }).toEqual({ status, reason });
    if (result !== undefined)
      expect(instance.result).toEqual(JSON.parse(JSON.stringify(result).replace('$instance', instance.id)));
    if (expected.stepId !== undefined) expect(instance.reason?.stepId).toBe(expected.stepId);
    if (!expected.tasks) return;
    const { items } = (await world.must('GET', `/instances/${instance.id}/tasks?limit=200`, undefined, { domain })).as<{
      items: { path: string; status: string }[];
    }>();
    expect(Object.fromEntries(items.map((task) => [task.path, task.status]))).toEqual(expected.tasks);
  }

  it.each(definitions.map(([name, definition]) => [name, definition.says, definition] as const))(
    '%s: %s',
    async (_name, _says, definition) => {
      await check(definition);
    },
  );

  describe('comes in', () => {
    const child = (fields: object = {}) => ({
      ...{ id: '590000000000000020', title: 'Child', ...fields },
      steps: [
        { id: '0', operator: '@trigger/manual' },
        { id: '1', operator: '@internal/return', parameters: { result: 'success', a: 1 } },
      ],
    });
    const parent = {
      title: 'Parent',
      steps: [
        { id: '0', operator: '@trigger/manual' },
        { id: 'call', operator: '@subflow/call/workflow', parameters: { dag_id: '590000000000000020' } },
      ],
    };
    const importedAs = async (sent: unknown, query: string, ask: object = {}) =>
      (await world.must('POST', `/dags/import?dialect=go${query}`, JSON.stringify(sent), { domain, ...ask })).as<{
        items: (Item & { outcome?: string; error?: { code: string } })[];
      }>().items;
    const calledBy = async (id: string) =>
      (await world.must('GET', `/dags/${id}`, undefined, { domain })).as<{
        steps: { parameters: { dagId: string } }[];
      }>().steps[1]!.parameters.dagId;

    it('after the flow that it calls, and calls it by the id that it has here', async () => {
      const [first] = await importedAs(child(), '');
      const [second] = await importedAs(parent, '');
      expect(await calledBy(second!.id)).toBe(first!.id);
    });

    it('again without a change, and with one as a new version', async () => {
      const sent = [parent, child()];
      const outcomes = async (again: unknown) =>
        (await importedAs(again, '&mode=upsert')).map(({ outcome, title }) => `${title} ${String(outcome)}`);
      expect(await outcomes(sent)).toEqual(['Parent created', 'Child created']);
      expect(await outcomes(sent)).toEqual(['Parent unchanged', 'Child unchanged']);
      expect(await outcomes([parent, child({ description: 'changed' })])).toEqual([
        'Parent unchanged',
        'Child updated',
      ]);
    });

    it('with the version of a child that it names, and the newest where it names an id of there', async () => {
      const one = (version: string, a: number) => ({
        ...child({ version }),
        steps: [MANUAL, { id: '1', operator: '@internal/return', parameters: { result: 'success', a } }],
      });
      const calling = (title: string, version: string) => ({
        title,
        steps: [
          MANUAL,
          {
            id: 'call',
            operator: '@subflow/call/workflow',
            parameters: { dag_id: '590000000000000020', version_id: version },
          },
          { id: 'end', operator: '@internal/return', parameters: { result: 'success', a: '{{__call.a}}' } },
        ],
      });
      await importedAs(one('v1.0.0', 1), '');
      await importedAs(one('v1.1.0', 2), '&mode=upsert');
      const [pinned, newest] = await importedAs([calling('Pinned', 'v1.0.0'), calling('Newest', '77')], '');
      await checkRun(pinned!.id, { status: 'succeeded', result: { a: 1 } });
      await checkRun(newest!.id, { status: 'succeeded', result: { a: 2 } });
      expect([warningsOf(pinned!), warningsOf(newest!)]).toEqual([
        [],
        ['go.field_ignored /steps/1/parameters/version_id'],
      ]);
    });

    it('beside one whose title is taken, and then calls the one that stands', async () => {
      const [standing] = await importedAs(child(), '');
      const items = await importedAs([child(), parent], '');
      expect(items.map(({ ok, error }) => (ok ? 'ok' : error?.code))).toEqual(['dag.title_taken', 'ok']);
      expect(await calledBy(items[1]!.id)).toBe(standing!.id);
    });

    it('without finding flows of another tenant', async () => {
      await importedAs(child(), '', { domain: world.newDomain() });
      const { problem } = await bring(parent);
      expect(problem.errors?.map(({ code }) => code)).toEqual(['go.subflow_unknown']);
    });

    it('not at all when two have one id, or an id that lost its digits', async () => {
      const twice = await bring([child(), child({ title: 'Other' })]);
      expect(twice.problem.errors).toMatchObject([{ pointer: '/1/id', code: 'go.id_duplicate' }]);
      const text = JSON.stringify(child()).replace('"590000000000000020"', '590000000000000021');
      const inexact = await world.call('POST', '/dags/import?dialect=go', text, { domain });
      expect(inexact.problem.errors).toMatchObject([{ pointer: '/id', code: 'go.id_inexact' }]);
    });

    it('as the older service exports its operators, with pointers into that', async () => {
      const items = await importedAs({ operator_ids: [], configs: [parent, child({ is_root: false })] }, '');
      expect(items.map(({ title }) => title)).toEqual(['Parent', 'Child']);
      const { problem } = await bring({ configs: [child(), { title: 'Other', steps: [{ id: '0', operator: '@x' }] }] });
      expect(new Set(problem.errors?.map(({ pointer }) => pointer))).toEqual(new Set(['/configs/1/steps/0/operator']));
    });

    it('as YAML, several behind one another', async () => {
      const yaml = ['A', 'B'].map((title) => stringify({ ...child({ title }), id: undefined })).join('---\n');
      const headers = { 'content-type': 'application/yaml' };
      const answer = await world.must('POST', '/dags/import?dialect=go', yaml, { domain, headers });
      expect(answer.as<{ items: Item[] }>().items.map(({ title }) => title)).toEqual(['A', 'B']);
    });
  });
});

function warningsOf({ warnings = [] }: Item): readonly string[] {
  return warnings
    .filter(({ code }) => code !== 'go.defaults_written')
    .map(({ code, pointer }) => `${code} ${pointer}`.trimEnd())
    .sort();
}
