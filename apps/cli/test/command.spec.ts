import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CliWorld, ROOT, TOKEN } from './cli-world';

const COMMANDS = [
  ...['dags', 'validate', 'diff', 'import', 'export'],
  ...[
    'run',
    'instances',
    'get',
    'logs',
    'history',
    'cancel',
    'why',
    'pause',
    'resume',
    'retry',
    'archive',
    'approvals',
  ],
  'debug',
  ...['login', 'logout', 'whoami', 'profiles', 'use'],
  ...['settings', 'doctor', 'backup', 'restore', 'compact', 'migrate'],
];
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };

let world: CliWorld;
beforeAll(async () => (world = await CliWorld.open()));
afterAll(() => world.close());

describe('flowctl', () => {
  it('says its version, also through its launcher', async () => {
    expect(await world.run(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' });
    const { stdout } = await promisify(execFile)(process.execPath, [join(ROOT, 'scripts', 'flowctl.mjs'), '-V']);
    expect(stdout).toBe(`${version}\n`);
  });

  it('explains itself and each command, with examples', async () => {
    const { out } = await world.run(['--help']);
    for (const command of COMMANDS) expect(out).toMatch(new RegExp(`^  ${command}[ |]`, 'm'));
    const helps = await Promise.all(COMMANDS.map((command) => world.run([command, '--help'])));
    for (const help of helps)
      expect(help).toMatchObject({ code: 0, out: expect.stringContaining('Examples:') as string });
  });

  it.each<[string, string[]]>([
    ['an unknown command', ['bakcup']],
    ['no command', []],
    ['an unknown option', ['doctor', '--fast']],
    ['a missing argument', ['backup']],
    ['a token as an argument', ['run', 'x', '--token', TOKEN]],
    ['an address that is none', ['run', 'x', '--url', 'localhost']],
    ['a password in the address', ['run', 'x', '--url', 'http://me:secret@127.0.0.1']],
    ['a file that is not there', ['validate', 'nothing.yaml']],
    ['data that is no JSON', ['run', 'x', '--data', '{']],
    ['data that is no object', ['run', 'x', '--data', '[1]']],
    ['a parameter without a value', ['run', 'x', '-p', 'key']],
    ['a time that is none', ['run', 'x', '--timeout', 'soon']],
    ['a limit that is none', ['instances', '--limit', '0']],
    ['nothing to cancel', ['cancel']],
    ['a pin that is no JSON', ['debug', 'run', 'x', '--pin', 'a=b']],
    ['a context that is no object', ['debug', 'step', 'x', 'y', '--context', '[]']],
    ['a login that nobody made', ['whoami', '--profile', 'nobody']],
    ['a format that is none', ['export', 'x', '--format', 'xml']],
  ])('exits with 2 for %s', async (_what, args) => {
    const { code, out, err } = await world.run(args);
    expect([code, out]).toEqual([2, '']);
    expect(err).not.toMatch(/^\s+at /m);
    expect(err.trim()).not.toBe('');
  });

  it.each([
    ['no token', { FLOW_TOKEN: '' }, 2, /FLOW_TOKEN/],
    ['nobody who listens', {}, 3, /No service answers/],
    ['settings that are wrong', { API_SERVER_PORT: 'eighty', DOCS: 'x' }, 1, /API_SERVER_PORT[^]*DOCS/],
    ['a port that only the service knows', { API_SERVER_PORT: '0' }, 2, /--url/],
  ])('says in plain words what is wrong with %s', async (_what, environment, code, message) => {
    const ended = await world.run(['run', 'x'], environment);
    expect(ended).toMatchObject({ code, out: '' });
    expect(ended.err).toMatch(message);
    expect(ended.err).not.toMatch(/^\s+at /m);
  });
});

describe('flowctl settings', () => {
  it('tells value, source and purpose of each setting, and masks secrets', async () => {
    world.write('home/.env.local', 'LOG_LEVEL=debug\n');
    const { code, out } = await world.run(['settings', '--home', 'home']);
    expect(code).toBe(0);
    expect(out).toMatch(/^LOG_LEVEL +debug +\.env\.local \(default info\)\n {4}The least urgent/m);
    expect(out).toMatch(/^ADMIN_TOKEN +\*{8} +environment$/m);
    expect(out).toMatch(/^DOCS +open +default$/m);
    expect(out).not.toContain(TOKEN);
    expect(out).not.toContain('\x1b');
  });

  it('prints the same as JSON', async () => {
    const { out } = await world.run(['settings', '--json']);
    const { settings, faults } = JSON.parse(out) as { settings: { name: string }[]; faults: unknown[] };
    expect(faults).toEqual([]);
    expect(settings).toContainEqual(
      expect.objectContaining({ name: 'API_SERVER_PORT', value: String(world.ports[0]), source: 'environment' }),
    );
  });

  it('shows all settings and all faults when some are wrong, and exits with 1', async () => {
    world.write('bad/.env.local', 'API_SERVR_HOST=x\n');
    const { code, out, err } = await world.run(['settings', '--home', 'bad'], { DOCS: 'maybe' });
    expect(code).toBe(1);
    expect(out).toMatch(/^DRAIN_TIMEOUT +PT25S/m);
    expect(err).toMatch(/FAULT {2}API_SERVR_HOST in .env.local is no setting\.\nFAULT {2}DOCS must be one of/);
  });
});
