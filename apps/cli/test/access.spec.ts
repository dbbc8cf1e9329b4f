import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { CliWorld, TOKEN } from './cli-world';

let world: CliWorld;
beforeAll(async () => {
  world = await CliWorld.open();
  await world.serve();
});
afterAll(() => world.close());

let count = 0;
/** A user of their own, whose environment holds no token. */
function aUser() {
  const folder = `users/${(count += 1)}`;
  const environment = { HOME: world.path(folder), FLOW_TOKEN: '' };
  const file = world.path(folder, '.config', 'flowctl', 'profiles.json');
  const run = (args: readonly string[], more: Record<string, string> = {}, input = '') =>
    world.run(args, { ...environment, ...more }, input);
  const login = async (...args: string[]) => run(['login', world.url, ...args], {}, `${TOKEN}\n`);
  return { run, login, file };
}

const aToken = async (body: object) => ((await world.call('/me/tokens', body)) as { token: string }).token;

describe('flowctl login', () => {
  it('keeps a token that the service accepts where only its owner can read it, and shows it nowhere', async () => {
    const { run, login, file } = aUser();
    const { code, out, err } = await login();
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain(`Logged in to ${world.url} as admin, domain public.`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
    const whoami = await run(['whoami']);
    expect(whoami).toMatchObject({ code: 0, err: '', out: expect.stringMatching(/^principal +admin$/m) as string });
    expect(whoami.out).toMatch(/^login +profile "default"$/m);
    const listed = await run(['profiles']);
    expect(listed.out).toBe(`*  default  ${world.url}\n`);
    for (const text of [out, whoami.out, listed.out]) expect(text).not.toContain(TOKEN);
  });

  it('keeps nothing that the service refuses, and nothing for a service that is away', async () => {
    const { run, file } = aUser();
    const refused = await run(['login', world.url], {}, 'not-a-token');
    expect(refused).toMatchObject({ code: 4, out: '' });
    expect(refused.err).toMatch(/does not accept the token.*\(token\.invalid\)\n-> Log in/);
    expect(refused.err).not.toContain('not-a-token');
    const away = await run(['login', 'http://127.0.0.1:9'], {}, TOKEN);
    expect(away.code).toBe(3);
    expect(existsSync(file)).toBe(false);
  });

  it('wants a token, an address and a name that can be', async () => {
    const { run } = aUser();
    expect(await run(['login', world.url])).toMatchObject({
      code: 2,
      err: expect.stringContaining('No token') as string,
    });
    expect(await run(['login', 'localhost'], {}, TOKEN)).toMatchObject({ code: 2 });
    expect(await run(['login', world.url, '--profile', '../x'], {}, TOKEN)).toMatchObject({ code: 2 });
    expect(await run(['login', world.url], {}, 'two words')).toMatchObject({ code: 2 });
  });

  it('takes the folder that XDG_CONFIG_HOME names, and a token out of a file', async () => {
    const { run } = aUser();
    world.write('a-token', TOKEN);
    chmodSync(world.path('a-token'), 0o600);
    const config = { XDG_CONFIG_HOME: world.path('xdg') };
    expect(await run(['login', world.url, '--token-file', 'a-token'], config)).toMatchObject({ code: 0, err: '' });
    expect(existsSync(world.path('xdg', 'flowctl', 'profiles.json'))).toBe(true);
  });

  it('warns of plain HTTP to another machine before the token goes out', async () => {
    const { run } = aUser();
    const { code, err } = await run(['login', 'http://flows.invalid'], {}, TOKEN);
    expect(code).toBe(3);
    expect(err).toMatch(/^WARNING http:\/\/flows\.invalid is plain HTTP/);
  });
});

describe('Profiles', () => {
  it('are several logins by name, one of them the current one', async () => {
    const { run, login, file } = aUser();
    await login();
    await login('--profile', 'shop', '--domain', 'shop');
    expect((await run(['whoami', '--json'])).out).toContain('"domain": "shop"');
    expect((await run(['whoami', '--json', '--profile', 'default'])).out).toContain('"domain": "public"');
    expect((await run(['whoami', '--json'], { FLOW_PROFILE: 'default' })).out).toContain('"domain": "public"');
    expect(await run(['use', 'default'])).toMatchObject({
      code: 0,
      out: `From now on: profile "default", ${world.url}.\n`,
    });
    expect((await run(['profiles'])).out).toBe(`*  default  ${world.url}\n   shop     ${world.url}  shop\n`);
    expect((await run(['logout'])).out).toMatch(/^Forgotten: default\./);
    expect((await run(['profiles'])).out).toBe(`*  shop  ${world.url}  shop\n`);
    expect((await run(['logout', '--all', '--json'])).out).toContain('"shop"');
    expect(existsSync(file)).toBe(false);
    expect(await run(['logout'])).toMatchObject({ code: 1, err: 'Nobody is logged in here.\n' });
    expect(await run(['use', 'shop'])).toMatchObject({ code: 2 });
  });

  it('send their token nowhere but to their own address', async () => {
    const { run, login } = aUser();
    await login();
    const asked: (string | undefined)[] = [];
    const stranger = createServer((request, response) => {
      asked.push(request.headers.authorization);
      response.end();
    });
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
    const ended = await run(['instances', '--url', url]);
    stranger.close();
    expect(ended).toMatchObject({ code: 2, err: expect.stringContaining('is not sent to') as string });
    expect(asked).toEqual([]);
  });

  it('follow no redirect with a token', async () => {
    const asked: string[] = [];
    const stranger = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(307, { location: `${world.url}/api/automation/v1/me` }).end();
    });
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
    expect((await world.run(['whoami', '--url', url])).code).toBe(3);
    stranger.close();
    expect(asked).toEqual(['/api/automation/v1/me']);
  });

  it('yield to FLOW_TOKEN, unless they are named', async () => {
    const { run, login } = aUser();
    await login();
    const weak = await aToken({ name: 'weak', permissions: ['dag.view'] });
    const given = JSON.parse((await run(['whoami', '--json'], { FLOW_TOKEN: weak })).out) as object;
    expect(given).toMatchObject({ permissions: ['dag.view'], profile: null });
    const named = JSON.parse(
      (await run(['whoami', '--json', '--profile', 'default'], { FLOW_TOKEN: weak })).out,
    ) as object;
    expect(named).toMatchObject({ profile: 'default' });
  });

  it('are told of when others can read them, and when the file is none', async () => {
    const { run, login, file } = aUser();
    await login();
    chmodSync(file, 0o644);
    expect(await run(['whoami'])).toMatchObject({
      code: 0,
      err: `WARNING ${file} can be read by others. Run: chmod 600 ${file}\n`,
    });
    const before = readFileSync(file, 'utf8');
    writeFileSync(file, before.slice(0, -9));
    const { code, err } = await run(['whoami']);
    expect([code, err]).toEqual([1, expect.stringContaining(`${file} is no file of logins`)]);
    expect((await run(['whoami', '--url', world.url], { FLOW_TOKEN: TOKEN })).code).toBe(0);
  });
});

describe('A token without a permission', () => {
  it('is refused with 4, the reason and what to do', async () => {
    const weak = await aToken({ name: 'weak too', permissions: ['dag.view'] });
    const { code, out, err } = await world.run(['instances'], { FLOW_TOKEN: weak });
    expect([code, out]).toEqual([4, '']);
    expect(err).toMatch(/instance\.view.*\(permission\.missing\)\n-> `flowctl whoami`/);
  });
});
