import { PassThrough } from 'node:stream';
import { DebugConsole } from '../src/debug.console';
import { DebugSession } from '../src/debug.session';
import type { Cli } from '../src/installation';
import { ServiceClient } from '../src/service.client';
import { Terminal } from '../src/terminal';
import { CliWorld, TOKEN, until } from './cli-world';
import { Gate } from './gate';

let world: CliWorld;
let gate: Gate;
const ORDERS = ['--pin', 'fetch={"status":200,"body":{"orders":[{"id":"o-1"},{"id":"o-2"}]}}', '-p', 'by=ann'];

beforeAll(async () => {
  [world, gate] = [await CliWorld.open(), await Gate.open()];
  await world.serve({ OUTBOUND_ALLOW: gate.host });
  world.write(
    'orders.yaml',
    `title: Orders
vars:
  mark: { type: string, default: new }
steps:
  - id: in
    operator: '@trigger/manual'
  - id: fetch
    operator: '@http/request'
    parameters: { url: '${gate.url}orders' }
  - id: each
    operator: '@control/flow/loop'
    parameters: { mode: array, array: '{{__fetch.body.orders}}' }
    steps:
      - id: ship
        operator: '@http/request'
        parameters: { method: POST, url: '${gate.url}ship', body: { order: '{{__each.value.id}}', by: '{{trigger.by}}' } }
  - id: cut
    operator: '@internal/text/split'
    parameters: { text: 'a;{{vars.mark}}', separator: custom, custom: ';' }
  - id: end
    operator: '@internal/return'
    parameters: { shipped: '{{__fetch.body.orders}}' }
`,
  );
});
afterAll(async () => {
  await world.close();
  gate.close();
});
beforeEach(() => gate.shut());

interface State {
  readonly id: string;
  readonly status: string;
  readonly result: unknown;
  readonly tasks: readonly { readonly path: string; readonly status: string }[];
  readonly calls?: readonly unknown[];
  readonly debug: { readonly pausedAt: string | null; readonly held: readonly { readonly path: string }[] };
}

const debug = (...args: string[]) => world.run(['debug', ...args]);
async function stateOf(...args: string[]): Promise<State> {
  const { code, out, err } = await debug(...args, '--json');
  expect([code, err]).toEqual([0, '']);
  return JSON.parse(out) as State;
}

describe('flowctl debug step', () => {
  it('shows what a step was given and what came of it, with the variables of the definition', async () => {
    const { code, out } = await debug('step', 'orders.yaml', 'cut');
    expect(code).toBe(0);
    expect(out).toMatch(/^succeeded {2}cut {2}@internal\/text\/split {2}\d+ ms\nparameters \{\n {2}"text": "a;new"/);
    expect(out).toContain('"new"\n  ]\n}');
    const other = await debug('step', 'orders.yaml', 'cut', '--context', '{"vars":{"mark":"old"}}', '--json');
    expect(JSON.parse(other.out)).toMatchObject({ status: 'succeeded', output: { items: ['a', 'old'] } });
  });

  it('finds a step within a loop, and calls nothing when it is dry', async () => {
    world.write('context.json', '{"steps":{"each":{"value":{"id":"o-7"}}},"trigger":{"by":"ann"}}');
    const { code, out } = await debug(
      'step',
      'orders.yaml',
      'ship',
      '--context',
      '@context.json',
      '--dry-run',
      '--json',
    );
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      output: { dryRun: true, parameters: { body: { order: 'o-7', by: 'ann' } } },
    });
  });

  it('exits with 1 when the step fails, and shows why and what it logged', async () => {
    world.write(
      'bad.yaml',
      `title: Bad\nsteps:\n  - id: parse\n    operator: '@internal/json/parse'\n    parameters: { json: '{' }\n`,
    );
    const { code, out } = await debug('step', 'bad.yaml', 'parse');
    expect([code, out]).toEqual([
      1,
      expect.stringMatching(/^failed {2}parse .*\nparameters [^]*\nerror \{\n {2}"code"/),
    ]);
  });

  it('shows a fault at its place in the file, and names the steps there are', async () => {
    const { code, out } = await debug('step', 'orders.yaml', 'ship');
    expect([code, out]).toEqual([
      1,
      expect.stringMatching(/^FAULT +orders\.yaml:1[56]:\d+ {2}\/steps\/2\/steps\/0\/parameters/),
    ]);
    expect(await debug('step', 'orders.yaml', 'shipp')).toMatchObject({
      code: 2,
      err: expect.stringContaining('Its steps: in, fetch, each, ship, cut, end.') as string,
    });
  });
});

describe('flowctl debug run without a terminal', () => {
  it('goes from stop to stop', async () => {
    const first = await stateOf('run', 'orders.yaml', ...ORDERS, '--break', 'ship', '--dry-run');
    expect(first).toMatchObject({ status: 'paused', debug: { pausedAt: 'each[0]/ship' } });
    const second = await stateOf('next', first.id);
    expect(second.debug).toMatchObject({ pausedAt: null, held: [{ path: 'each[1]/ship' }] });
    const shown = await debug('attach', first.id);
    expect(shown).toMatchObject({ code: 0, out: 'Paused.\n  next  each[1]/ship\n' });
    for (const command of ['get', 'logs', 'why', 'history'])
      expect(await world.run([command, first.id])).toMatchObject({ code: 0, err: '' });
    const last = await stateOf('continue', first.id);
    expect(last).toMatchObject({ status: 'succeeded', result: { shipped: [{ id: 'o-1' }, { id: 'o-2' }] } });
    expect(last.calls).toHaveLength(2);
    expect(await debug('next', first.id)).toMatchObject({ code: 6, out: '' });
  });

  it('waits for what runs before it says where it stands, and no longer than it is told to', async () => {
    const { id } = await stateOf('run', 'orders.yaml', '-p', 'by=ann', '--break', 'fetch');
    expect(await debug('next', id, '--timeout', '300ms')).toMatchObject({ code: 7, out: '' });
    const attached = world.start(['debug', 'attach', id]);
    await gate.someone();
    gate.release();
    const { code, out } = await attached.ended;
    expect([code, out]).toEqual([0, expect.stringMatching(/^Paused\.\n {2}next {2}/)]);
    expect((await world.run(['cancel', id])).code).toBe(0);
  });

  it('tells in a dry run what it would have called, rendered', async () => {
    const { code, out, err } = await debug('run', 'orders.yaml', ...ORDERS, '--dry-run');
    expect(code).toBe(0);
    expect(out).toMatch(/^It would have made 2 calls with an effect:\n {2}each\[0\]\/ship {2}@http\/request\n {4}\{/);
    expect(out).toContain('"order": "o-2"');
    const order = [...err.matchAll(/^succeeded +(\S+)/gm)].map(([, path]) => path);
    expect(order).toEqual(['in', 'fetch', 'each[0]/ship', 'each[1]/ship', 'each', 'cut', 'end']);
    expect(err).toMatch(/\n"Orders" succeeded in .*\n$/);
  });

  it('takes a DAG of the service, and fails as a run fails', async () => {
    await world.call('/dags', {
      title: 'Failing',
      steps: [
        { id: 'start', operator: '@trigger/manual' },
        { id: 'parse', operator: '@internal/json/parse', parameters: { json: '{' } },
      ],
    });
    const { code, out, err } = await debug('run', 'Failing');
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/\nfailed +parse .*\n[^]*"Failing" failed in .* at step parse/);
  });

  it('refuses a file with faults at their places, and a breakpoint that is no step', async () => {
    world.write('faulty.yaml', `title: Faulty\nsteps:\n  - id: start\n    operator: '@trigger/nothing'\n`);
    const faulty = await debug('run', 'faulty.yaml');
    expect([faulty.code, faulty.out]).toEqual([
      1,
      expect.stringMatching(/^FAULT +faulty\.yaml:4:\d+ {2}\/steps\/0\/operator/),
    ]);
    world.write('broken.json', '{');
    expect(await debug('run', 'broken.json')).toMatchObject({
      code: 1,
      out: expect.stringContaining('broken.json:1:2') as string,
    });
    expect(await debug('run', 'orders.yaml', '--break', 'shipp')).toMatchObject({ code: 2, out: '' });
  });
});

/** A person at a terminal who types at the prompt; the screen is what was written until now. */
function aPerson() {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const err = Object.assign(new PassThrough(), { isTTY: true, columns: 200, rows: 40 });
  let written = '';
  err.on('data', (piece: Buffer) => (written += piece.toString()));
  const stream = err as unknown as NodeJS.WriteStream;
  const terminal = new Terminal(stream, stream, { NO_COLOR: '1' });
  const client = ServiceClient.at({ installation: { version: 'test' } } as Cli, { address: world.url, token: TOKEN });
  let told = 0;
  /** What is answered to these words until the prompt stands again. */
  const says = async (words: string) => {
    const from = written.length;
    input.write(`${words}\n`);
    await until(() => written.indexOf('debug> ', from) >= 0);
    told = written.length;
    return written.slice(from, -'debug> '.length);
  };
  const lead = (id: string) =>
    new DebugConsole(terminal, new DebugSession(client, id), 'Orders', { input, output: err }).lead();
  return { input, lead, says, prompt: () => until(() => written.endsWith('debug> ')), rest: () => written.slice(told) };
}

describe('The prompt of flowctl debug run', () => {
  const paused = async () => (await stateOf('run', 'orders.yaml', ...ORDERS, '--break', 'ship', '--dry-run')).id;

  it('leads from stop to stop: what ran, what comes next, and all of a step', async () => {
    const { lead, says, input, prompt, rest } = aPerson();
    const over = lead(await paused());
    await prompt();
    expect(await says('step')).toMatch(
      /^succeeded +each\[0\]\/ship +@http\/request .*\n {2}\{"dryRun":true,.*\nPaused\.\n {2}next {2}each\[1\]\/ship\n$/,
    );
    expect(await says('')).toMatch(/^succeeded +each\[1\]\/ship [^]*\n {2}next {2}cut\n$/);
    expect(await says('show each[1]/ship')).toMatch(/^succeeded .*\ninput \{[^]*"order": "o-2"[^]*\noutput \{/);
    expect(await says('show')).toMatch(/next {2}cut\n[^]*breakpoints +ship\n[^]*dry run +yes/);
    expect(await says('tasks')).toMatch(/succeeded {2}each .*\nsucceeded {4}\[0\]\/ship/);
    expect(await says('calls')).toContain('It would have made 2 calls');
    expect(await says('show nobody')).toContain('has no step "nobody"');
    expect(await says('jump')).toMatch(/^There is no "jump"[^]* {2}quit /);
    input.write('c\n');
    expect(await over).toBe(0);
    expect(rest()).toContain('"Orders" succeeded');
  });

  it('cancels on quit and at the end of the input, and lets stand on leave and Ctrl-C', async () => {
    const id = await paused();
    for (const how of ['leave', 'interrupt'] as const) {
      const { lead, input, prompt } = aPerson();
      const over = lead(id);
      await prompt();
      if (how === 'leave') input.write('leave\n');
      else process.emit('SIGINT', 'SIGINT');
      if (how === 'leave') expect(await over).toBe(0);
      else await expect(over).rejects.toMatchObject({ exitCode: 130 });
      expect(await world.call(`/instances/${id}`)).toMatchObject({ status: 'paused' });
    }
    for (const [one, word] of [
      [id, 'quit\n'],
      [await paused(), undefined],
    ] as const) {
      const { lead, input, prompt } = aPerson();
      const over = lead(one);
      await prompt();
      input.end(word);
      expect(await over).toBe(1);
      expect(await world.call(`/instances/${one}`)).toMatchObject({ status: 'cancelled' });
    }
  });
});
