import { readdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { CliWorld, ROOT, TOKEN, aFlow, until } from './cli-world';

const EXAMPLES = readdirSync(join(ROOT, 'examples')).map((name) => join(ROOT, 'examples', name));
const BROKEN = `title: Broken
steps:
  - id: start
    operator: '@trigger/manual'
  - id: fetch
    operator: '@http/request'
    parameters:
      method: GET
      uri: http://example.com
  - id: fetch
    operator: '@nope/nothing'
`;

let world: CliWorld;
/** Takes requests and never answers them. */
let silent: Server;
beforeAll(async () => {
  world = await CliWorld.open();
  silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  await world.serve({ OUTBOUND_ALLOW: hostOf(silent) });
});
afterAll(async () => {
  await world.close();
  silent.closeAllConnections();
  silent.close();
});

const hostOf = (server: Server) => `127.0.0.1:${(server.address() as AddressInfo).port}`;

describe('flowctl validate', () => {
  it('finds the examples right, and stores none', async () => {
    const { code, out } = await world.run(['validate', ...EXAMPLES]);
    expect(code).toBe(0);
    expect(out.trim().split('\n')).toHaveLength(EXAMPLES.length);
    expect(out).toMatch(/^OK {7}Late flights +.*late-flights\.yaml$/m);
    expect(out).not.toContain('\x1b');
    expect(((await world.call('/dags?keyword=Late%20flights')) as { items: unknown[] }).items).toEqual([]);
  });

  it('shows each fault with its line and its pointer', async () => {
    world.write('broken.yaml', BROKEN);
    const { code, out } = await world.run(['validate', 'broken.yaml']);
    expect(code).toBe(1);
    expect(out).toMatch(
      /^FAULT {4}broken\.yaml:9:7 {2}\/steps\/1\/parameters\/uri\n {9}The parameter "uri" is unknown/m,
    );
    expect(out).toMatch(/^FAULT {4}broken\.yaml:10:5 {2}\/steps\/2\/id\n/m);
    expect(out).toMatch(/^FAULT {4}broken\.yaml:11:5 {2}\/steps\/2\/operator\n/m);
    expect(out).toMatch(/^\d faults in 1 of 1 file\.$/m);
  });

  it('counts lines through several documents and through lists', async () => {
    world.write('two.yaml', `title: Right\nsteps: [{ id: s, operator: '@trigger/manual' }]\n---\n${BROKEN}`);
    world.write('two.json', JSON.stringify([aFlow('Right'), { ...aFlow('Wrong'), tags: 5 }], null, 1));
    const { out } = await world.run(['validate', 'two.yaml', 'two.json']);
    expect(out).toMatch(/^FAULT {4}two\.yaml:13:5 {2}\/1\/steps\/2\/id$/m);
    expect(out).toMatch(/^FAULT {4}two\.json:49:3 {2}\/1\/tags$/m);
  });

  it('shows where a text is no JSON or YAML, and goes on with the other files', async () => {
    world.write('a.json', '{"title": "x",\n "steps": [1,]}');
    world.write('b.yaml', 'title: x\nsteps: [\n');
    world.write('c.json', JSON.stringify(aFlow('Right')));
    const { code, out } = await world.run(['validate', 'a.json', 'b.yaml', 'c.json']);
    expect(code).toBe(1);
    expect(out).toMatch(/^FAULT {4}a\.json:2:14\n {9}The text is no JSON/m);
    expect(out).toMatch(/^FAULT {4}b\.yaml:\d+:\d+\n/m);
    expect(out).toMatch(/^OK {7}Right +c\.json$/m);
  });

  it('tells all of it as JSON, and reads the input', async () => {
    const { code, out } = await world.run(['validate', '-', '--json'], {}, BROKEN);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      files: [
        {
          file: '-',
          faults: expect.arrayContaining([
            expect.objectContaining({ pointer: '/steps/2/id', at: { line: 10, column: 5 } }),
          ]) as unknown,
        },
      ],
    });
  });
});

describe('flowctl import', () => {
  it('stores every definition and says under which id', async () => {
    world.write('pair.json', JSON.stringify([aFlow('First of a pair'), aFlow('Second of a pair')]));
    const { code, out } = await world.run(['import', 'pair.json', '--domain', 'imports']);
    expect(code).toBe(0);
    expect(out).toMatch(
      /^CREATED {2}First of a pair +v0\.0\.0 {2}\w{26}\nCREATED {2}Second of a pair +v0\.0\.0 {2}\w{26}\n$/,
    );
  });

  it('stores nothing of a file with a fault, and shows its line', async () => {
    world.write('half.yaml', `title: Right half\nsteps: [{ id: s, operator: '@trigger/manual' }]\n---\n${BROKEN}`);
    const { code, out } = await world.run(['import', 'half.yaml']);
    expect(code).toBe(1);
    expect(out).toMatch(/^FAULT {4}half\.yaml:14:5 {2}\/1\/steps\/2\/operator$/m);
    expect(((await world.call('/dags?keyword=half')) as { items: unknown[] }).items).toEqual([]);
  });

  it('refuses a title that is taken, and changes that DAG with --upsert', async () => {
    world.write('one.json', JSON.stringify(aFlow('Twice'), null, 2));
    expect((await world.run(['import', 'one.json'])).code).toBe(0);
    const again = await world.run(['import', 'one.json']);
    expect(again.code).toBe(1);
    expect(again.out).toMatch(/^FAULT {4}one\.json:2:3 {2}\/title\n.*"Twice"/m);
    world.write('one.json', JSON.stringify({ ...aFlow('Twice'), description: 'changed' }));
    expect((await world.run(['import', 'one.json', '--upsert'])).out).toMatch(/^UPDATED {2}Twice +v0\.0\.1/);
  });
});

describe('flowctl run', () => {
  beforeAll(async () => {
    await world.call('/dags', aFlow('Greeting'));
    await world.call('/dags', {
      title: 'Failing',
      steps: [
        { id: 'start', operator: '@trigger/manual' },
        { id: 'parse', operator: '@internal/json/parse', parameters: { json: '{' } },
      ],
    });
    await world.call('/dags', {
      title: 'Endless',
      steps: [
        { id: 'start', operator: '@trigger/manual' },
        { id: 'ask', operator: '@http/request', parameters: { method: 'GET', url: `http://${hostOf(silent)}/` } },
      ],
    });
  });

  it('starts a run by title and gives its address', async () => {
    const { code, out } = await world.run(['run', 'Greeting', '--data', '{"name":"Ada"}']);
    expect(code).toBe(0);
    expect(out).toMatch(/^Started "Greeting"\.\n {2}instance {2}\w{26}\n {2}status {4}\w+\n {2}see {7}http/);
    const answer = await fetch(/see +(\S+)/.exec(out)?.[1] ?? '', { headers: { authorization: `Bearer ${TOKEN}` } });
    expect(await answer.json()).toMatchObject({ input: { name: 'Ada' } });
  });

  it('follows a run to its end: steps to the error output, the result to the output', async () => {
    world.write('input.json', '{"name":"Grace"}');
    const { code, out, err } = await world.run(['run', 'Greeting', '--data', '@input.json', '--wait']);
    expect([code, JSON.parse(out)]).toEqual([0, { hello: 'Grace' }]);
    expect(err).toMatch(
      /^Started "Greeting": instance \w{26}\nsucceeded +start +.*\nsucceeded +end +.*\n"Greeting" succeeded in/,
    );
  });

  it('takes an id, and gives the whole instance as JSON', async () => {
    const { items } = (await world.call('/dags?keyword=Greeting')) as { items: { id: string }[] };
    const { out } = await world.run(['run', items[0]?.id ?? '', '--wait', '--json', '--dag-version', 'v0.0.0']);
    expect(JSON.parse(out)).toMatchObject({ dagId: items[0]?.id, status: 'succeeded', version: 'v0.0.0' });
  });

  it('exits with 1 and the reason when the run fails', async () => {
    const { code, out, err } = await world.run(['run', 'Failing', '--wait']);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/^failed +parse .*\n"Failing" failed in .* at step parse: .+ \(.+\)$/m);
  });

  it('starts nothing with an unknown title, an input that does not fit or a token that is wrong', async () => {
    const file = world.write('token', 'wrong-token');
    const [unknown, unfit, stranger] = await Promise.all([
      world.run(['run', 'Greet']),
      world.run(['run', 'Greeting', '--data', '{"name":1}']),
      world.run(['run', 'Greeting', '--token-file', 'token'], { FLOW_TOKEN: '' }),
    ]);
    expect(unknown).toEqual({
      code: 5,
      out: '',
      err: 'No DAG has the id or the title "Greet". There is "Greeting".\n',
    });
    expect(unfit).toMatchObject({ code: 2, out: '' });
    expect(unfit.err).toMatch(/^The service refused it \(input\.invalid\):\nFAULT {4}\/data\/name {2}.*\n$/);
    expect(stranger).toMatchObject({
      code: 4,
      out: '',
      err: expect.stringContaining('does not accept the token') as string,
    });
    expect(stranger.err).toContain(`WARNING token can be read by others. Run: chmod 600 token`);
    expect(file).toBe(world.path('token'));
  });

  it('lets the run go on when Ctrl-C ends the watching', async () => {
    const { child, ended } = world.start(['run', 'Endless', '--wait']);
    let id: string | undefined;
    child.stderr?.on('data', (piece: Buffer) => (id ??= /instance (\w{26})/.exec(piece.toString())?.[1]));
    await until(() => id !== undefined);
    process.kill(-(child.pid ?? 0), 'SIGINT');
    const { code, err } = await ended;
    expect([code, err]).toEqual([130, expect.stringContaining(`the run goes on as instance ${id ?? ''}`)]);
    expect(await world.call(`/instances/${id ?? ''}`)).toMatchObject({ endedAt: null });
  });

  it('knows a stranger from the service', async () => {
    const stranger = createServer((_request, response) => response.end('hello'));
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    const { code, err } = await world.run(['run', 'x', '--url', `http://${hostOf(stranger)}`]);
    stranger.close();
    expect([code, err]).toEqual([3, expect.stringContaining('is not this service')]);
  });
});
