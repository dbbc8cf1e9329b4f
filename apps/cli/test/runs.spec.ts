import { CliWorld, TOKEN, aFlow, until, type Running } from './cli-world';
import { Gate } from './gate';

interface Instance {
  readonly id: string;
  readonly status: string;
  readonly labels: Record<string, string>;
}

let world: CliWorld;
let gate: Gate;
const outbound = () => ({ OUTBOUND_ALLOW: gate.host });
const ID = /instance +(\w{26})/;

beforeAll(async () => {
  [world, gate] = [await CliWorld.open(), await Gate.open()];
  await world.serve(outbound());
  const ask = (id: string, more: object = {}) => ({
    id,
    operator: '@http/request',
    parameters: { method: 'GET', url: gate.url },
    ...more,
  });
  await world.call('/dags', aFlow('Greeting'));
  await world.call('/dags', {
    title: 'Gated',
    steps: [
      { id: 'start', operator: '@trigger/manual' },
      { id: 'pick', operator: '@control/flow/branches', branches: [{ id: 'yes', default: true, steps: [ask('ask')] }] },
      { id: 'end', operator: '@internal/return', parameters: { done: true } },
    ],
  });
  await world.call('/dags', {
    title: 'Failing',
    steps: [
      { id: 'start', operator: '@trigger/manual' },
      { id: 'parse', operator: '@internal/json/parse', parameters: { json: '{' } },
    ],
  });
});
afterAll(async () => {
  await world.close();
  gate.close();
});
beforeEach(() => gate.shut());

/** What a process has written to its error output until now; tells the id of the run that it follows. */
function listen({ child }: Running) {
  let text = '';
  child.stderr?.on('data', (piece: Buffer) => (text += piece.toString()));
  return { text: () => text, id: () => ID.exec(text)?.[1] };
}

const started = async (title: string, ...args: string[]) =>
  JSON.parse((await world.run(['run', title, '--json', ...args])).out) as { id: string; dagId: string };
const ended = async (title: string, ...args: string[]) =>
  JSON.parse((await world.run(['run', title, '--follow', '--json', ...args])).out) as Instance;
const read = async (id: string) => (await world.call(`/instances/${id}`)) as Instance;

describe('flowctl run', () => {
  it('takes single fields over the data, each as the form wants it', async () => {
    const { out } = await world.run(['run', 'Greeting', '-d', '{"name":"Ada"}', '-p', 'name=007', '--follow']);
    expect(JSON.parse(out)).toEqual({ hello: '007' });
    const wrong = await world.run(['run', 'Greeting', '-p', 'nobody=1']);
    expect([wrong.code, wrong.out]).toEqual([2, '']);
  });

  it('has the end told where it is told to', async () => {
    gate.release();
    const { id } = await started('Greeting', '--callback-url', `${gate.url}?key=k`);
    const callback = async () =>
      ((await world.call(`/instances/${id}`)) as { callback?: { url: string; status: string } }).callback;
    await until(async () => (await callback())?.status === 'delivered');
    expect((await callback())?.url).toBe(`${gate.url}?***`);
  });

  it('gives labels, and starts once for one key', async () => {
    const start = () => started('Greeting', '--label', 'team=red', '--idempotency-key', 'one-key-of-the-runs');
    const { id } = await start();
    expect((await start()).id).toBe(id);
    expect(await read(id)).toMatchObject({ labels: { team: 'red' } });
  });

  it('tells nothing but the result when it is to be quiet, and the reason all the same', async () => {
    expect(await world.run(['run', 'Greeting', '-fq', '-p', 'name=x'])).toMatchObject({ code: 0, err: '' });
    const { code, out, err } = await world.run(['run', 'Failing', '-fq']);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/^"Failing" failed in .* at step parse: .*\n$/);
  });

  it('shows each step in its place as it ends, in plain lines without colours', async () => {
    const running = world.start(['run', 'Gated', '--follow']);
    const heard = listen(running);
    await gate.someone();
    await until(() => heard.text().includes('start '));
    expect(heard.text()).not.toContain('pick');
    gate.release();
    const { code, out, err } = await running.ended;
    expect([code, JSON.parse(out)]).toEqual([0, { done: true }]);
    expect(err).toMatch(
      /^succeeded {2}pick\/yes\/ask +@http\/request +\d.*\nsucceeded {2}pick +@control\/flow\/branches/m,
    );
    expect(err).not.toContain('\x1b');
  });

  it('ends with 7 when its time is up; the run goes on', async () => {
    const { code, out, err } = await world.run(['run', 'Gated', '--timeout', '300ms']);
    expect([code, out]).toEqual([7, '']);
    expect(err).toMatch(/It has not ended in time; the run goes on as instance \w{26}\.\n$/);
    expect(await read(ID.exec(err)?.[1] ?? '')).toMatchObject({ status: 'running' });
  });

  it('lets the run go on at Ctrl-C, and says how to cancel it', async () => {
    const running = world.start(['run', 'Gated', '--follow']);
    const heard = listen(running);
    await until(() => heard.id() !== undefined);
    process.kill(-(running.child.pid ?? 0), 'SIGINT');
    const { code, err } = await running.ended;
    const id = heard.id() ?? '';
    expect([code, err]).toEqual([130, expect.stringContaining(`To end it: flowctl cancel ${id}\n`)]);
    expect(await read(id)).toMatchObject({ status: 'running' });
  });

  it('goes on watching when the service is killed and started again', async () => {
    const running = world.start(['run', 'Gated', '--follow']);
    const heard = listen(running);
    await gate.someone();
    await until(() => heard.text().includes('start '));
    await world.stopService('SIGKILL');
    await until(() => heard.text().includes('does not answer'));
    gate.release();
    await world.serve(outbound());
    const { code, out, err } = await running.ended;
    expect([code, JSON.parse(out)]).toEqual([0, { done: true }]);
    expect(err.match(/^succeeded {2}start /gm)).toHaveLength(1);
    expect(err).toMatch(/^succeeded {2}pick\/yes\/ask /m);
  });
});

describe('flowctl instances', () => {
  it('lists runs with what became of them, by DAG, status, label and time', async () => {
    const good = await ended('Greeting', '--label', 'kind=listed');
    const bad = await ended('Failing', '--label', 'kind=listed');
    const ids = async (...args: string[]) =>
      (JSON.parse((await world.run(['instances', '--json', ...args])).out) as { items: Instance[] }).items.map(
        ({ id }) => id,
      );
    expect(await ids('--label', 'kind=listed')).toEqual([bad.id, good.id]);
    expect(await ids('--label', 'kind=listed', '--oldest')).toEqual([good.id, bad.id]);
    expect(await ids('--label', 'kind=listed', '--status', 'failed')).toEqual([bad.id]);
    expect(await ids('--label', 'kind=listed', '--dag', 'Greeting', '--since', '1h')).toEqual([good.id]);
    expect(await ids('--label', 'kind=listed', '--to', '2020-01-01T00:00:00Z')).toEqual([]);
    const { out, err } = await world.run(['ls', '--label', 'kind=listed', '--limit', '1']);
    expect(out).toMatch(new RegExp(`^INSTANCE .*\n${bad.id} +failed +Failing +v0.0.0 +\\d{4}-`));
    expect(err).toBe('There are more than 1 run: raise --limit to see them.\n');
  });

  it('says what it cannot filter by', async () => {
    const { code, err } = await world.run(['instances', '--status', 'broken']);
    expect([code, err]).toEqual([2, expect.stringMatching(/FAULT {4}\/status {2}There is no status "broken"/)]);
  });

  it('tells every change while it watches, as lines of JSON', async () => {
    const { id } = await started('Gated', '--label', 'kind=watched');
    const watching = world.start(['instances', '--watch', '--json', '--label', 'kind=watched']);
    let text = '';
    watching.child.stdout?.on('data', (piece: Buffer) => (text += piece.toString()));
    await until(() => text.includes('\n'));
    gate.release();
    await until(() => text.includes('"succeeded"'));
    process.kill(-(watching.child.pid ?? 0), 'SIGINT');
    expect((await watching.ended).code).toBe(130);
    const told = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Instance);
    expect(told.every((one) => one.id === id)).toBe(true);
    expect(told.at(-1)).toMatchObject({ status: 'succeeded' });
  });
});

describe('flowctl get, history and logs', () => {
  it('show a run, its steps as a tree, and one step with what went in and out', async () => {
    gate.release();
    const { id } = await ended('Gated');
    const { out } = await world.run(['get', id]);
    expect(out).toMatch(new RegExp(`^instance +${id}\ndag +Gated v0.0.0 .*\nstatus +succeeded\n`));
    expect(out).toMatch(/^succeeded {2}pick +@control.*\nsucceeded {4}yes\/ask +@http/m);
    expect(out).toMatch(/^result \{\n {2}"done": true\n\}$/m);
    expect(JSON.parse((await world.run(['get', id, '--json'])).out)).toMatchObject({ id, tasks: { length: 4 } });
    const step = await world.run(['get', id, '--step', 'ask']);
    expect(step.out).toMatch(/^succeeded {2}pick\/yes\/ask[^]*^input \{[^]*^output \{\n {2}"status": 200/m);
    expect(await world.run(['get', id, '--step', 'none'])).toMatchObject({ code: 2, out: '' });
  });

  it('show the reason of a run that failed', async () => {
    const { id } = await ended('Failing');
    expect((await world.run(['get', id])).out).toMatch(/^status +failed at step parse: .+\(.+\)$/m);
  });

  it('tell everything that happened in order, as text or as lines of JSON', async () => {
    const { id } = await ended('Failing');
    const { out } = await world.run(['history', id]);
    expect(out).toMatch(/ instance\.started\n[^]* task\.failed +parse [^]* instance\.failed /);
    const events = (await world.run(['history', id, '--json'])).out.trim().split('\n');
    const types = events.map((line) => (JSON.parse(line) as { type: string }).type);
    expect([types[0], types.at(-1)]).toEqual(['instance.started', 'instance.failed']);
  });

  it('show the lines of steps, and follow them to the end of the run', async () => {
    const { id } = await started('Gated');
    const following = world.start(['logs', id, '--follow', '--json']);
    await gate.someone();
    gate.release();
    const { code, out } = await following.ended;
    expect(code).toBe(0);
    expect(
      out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as object),
    ).toEqual([expect.objectContaining({ type: 'log.line', path: 'pick/yes/ask', level: 'info' })]);
    expect((await world.run(['logs', id])).out).toMatch(/^\d\d:\d\d:\d\d\.\d{3} {2}info {3}pick\/yes\/ask {2}GET /);
    expect(await world.run(['logs', id, '--step', 'end'])).toEqual({ code: 0, out: '', err: '' });
  });

  it.each([['get'], ['history'], ['logs'], ['cancel']])(
    'exit with 5 for a run that is not there: %s',
    async (command) => {
      const { code, out, err } = await world.run([command, '01JZ8Q4VXK5T9N3W7C2B6M1RDE']);
      expect([code, out, err]).toEqual([5, '', expect.stringContaining('(instance.not_found)')]);
    },
  );
});

describe('flowctl cancel', () => {
  it('cancels a run, which whoever follows it is told with 1; a second time is a conflict', async () => {
    const running = world.start(['run', 'Gated', '--follow']);
    const heard = listen(running);
    await gate.someone();
    await until(() => heard.id() !== undefined);
    const id = heard.id() ?? '';
    const cancelled = await world.run(['cancel', id, '--reason', 'a test']);
    expect(cancelled).toEqual({ code: 0, out: `Cancelling 1 run:\n  ${id}\n`, err: '' });
    expect(await running.ended).toMatchObject({ code: 1, err: expect.stringContaining('"Gated" cancelled') as string });
    const again = await world.run(['cancel', id]);
    expect([again.code, again.err]).toEqual([6, expect.stringContaining('(instance.has_ended)')]);
  });

  it('cancels all runs of a DAG, and only those', async () => {
    const [one, two] = [await started('Gated'), await started('Gated')];
    const { out } = await world.run(['cancel', '--dag', 'Gated', '--json']);
    const { cancelling } = JSON.parse(out) as { cancelling: string[] };
    expect(cancelling).toEqual(expect.arrayContaining([one.id, two.id]));
    await until(async () => (await read(one.id)).status === 'cancelled');
    await until(async () => (await world.run(['cancel', '--dag', 'Gated'])).out === 'No run of it goes on.\n');
  });
});

describe('flowctl cancel --compensate', () => {
  it('undoes what was done', async () => {
    const define = (id: string, more: object = {}) => ({
      id,
      operator: '@internal/define',
      parameters: { type: 'string', value: id },
      ...more,
    });
    await world.call('/dags', {
      title: 'Undoable',
      steps: [
        { id: 'start', operator: '@trigger/manual' },
        define('book', { undo: define('unbook') }),
        { id: 'ask', operator: '@http/request', parameters: { method: 'GET', url: gate.url } },
      ],
    });
    const { id } = await started('Undoable');
    await gate.someone();
    expect((await world.run(['cancel', id, '--compensate'])).code).toBe(0);
    await until(async () => (await read(id)).status === 'cancelled');
    expect((await world.run(['history', id])).out).toMatch(/task\.succeeded +\S*unbook/);
  });
});

describe('A fault, for a program', () => {
  it('is one document on the error output, and nothing on the output', async () => {
    const { code, out, err } = await world.run(['run', 'Greeting', '--data', '{"name":1}', '--json']);
    expect([code, out]).toEqual([2, '']);
    expect(JSON.parse(err)).toMatchObject({
      error: {
        code: 'input.invalid',
        status: 400,
        errors: [{ pointer: '/data/name' }],
        requestId: expect.any(String) as string,
      },
    });
    const away = await world.run(['get', 'x', '--json', '--url', 'http://127.0.0.1:9'], { FLOW_TOKEN: TOKEN });
    expect([away.code, JSON.parse(away.err)]).toMatchObject([
      3,
      { error: { message: expect.stringContaining('No service') as string } },
    ]);
  });
});
