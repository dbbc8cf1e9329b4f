import { chmodSync, closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { CliWorld, contentOf } from './cli-world';

interface Finding {
  readonly about: string;
  readonly state: 'ok' | 'warning' | 'fault';
  readonly message: string;
  readonly advice?: string;
}

async function examine(world: CliWorld, environment = {}): Promise<{ code: number | null; findings: Finding[] }> {
  const { code, out } = await world.run(['doctor', '--json'], environment);
  return { code, findings: (JSON.parse(out) as { findings: Finding[] }).findings };
}

const of = (findings: Finding[], state: Finding['state']) =>
  findings.filter((finding) => finding.state === state).map(({ about, message }) => `${about}: ${message}`);

describe('flowctl doctor', () => {
  let world: CliWorld;
  beforeEach(async () => (world = await CliWorld.open()));
  afterEach(() => world.close());

  it('finds a place for a first start, and makes nothing there', async () => {
    const { code, out } = await world.run(['doctor']);
    expect(code).toBe(0);
    expect(out).toMatch(/^OK {7}node .*^OK {7}settings .*^OK {7}folder .*first start makes it.*^All is well\.$/ms);
    expect(out).not.toContain('\x1b');
    expect(existsSync(world.dataDir)).toBe(false);
  });

  it('finds all well while the service runs and after it stopped, and leaves the folder as it is', async () => {
    const pid = await world.serve();
    const served = await examine(world);
    expect(served.code).toBe(0);
    expect(of(served.findings, 'ok')).toEqual(
      expect.arrayContaining([
        expect.stringMatching(`lock: A process has the folder. It is process ${pid}`),
        `port ${world.ports[0]}: The service listens and is ready (process ${pid}).`,
        `port ${world.ports[1]}: The service listens and is ready (process ${pid}).`,
        expect.stringMatching(/documents.db: Sound; schema \d/),
        expect.stringMatching(/relational.db: Sound; schema \d/),
        'secrets.key: Only its owner can read it.',
      ]),
    );
    await world.stopService();
    const before = contentOf(world.dataDir);
    const stopped = await examine(world);
    expect(stopped.code).toBe(0);
    expect(of(stopped.findings, 'ok')).toContain('lock: No process has the folder.');
    expect(of(stopped.findings, 'ok')).toContain(`port ${world.ports[0]}: Free.`);
    expect(contentOf(world.dataDir)).toEqual(before);
  });

  it('finds all well after the service was killed', async () => {
    await world.serve();
    await world.stopService('SIGKILL');
    const before = contentOf(world.dataDir);
    expect(await examine(world)).toMatchObject({ code: 0 });
    expect(contentOf(world.dataDir)).toEqual(before);
  });

  it('names every fault at once, each with what to do', async () => {
    await world.fill();
    chmodSync(world.path('data', 'secrets.key'), 0o644);
    damage(world.path('data', 'relational.db'), 100, 'x'.repeat(3_000));
    for (const suffix of ['-wal', '-shm']) rmSync(world.path('data', `relational.db${suffix}`), { force: true });
    const other = await listen(world.ports[0]);
    try {
      const { code, findings } = await examine(world, { LOG_LEVEL: 'loud', BODY_LIMIT: 'much' });
      expect(code).toBe(1);
      expect(of(findings, 'fault')).toEqual([
        expect.stringMatching(/^settings: LOG_LEVEL must be/),
        expect.stringMatching(/^settings: BODY_LIMIT must be/),
        expect.stringMatching(/^relational.db: It (is damaged|cannot be read)/),
        expect.stringMatching(/^secrets.key: .*can be read by others \(mode 0644\)/),
        expect.stringContaining(`port ${world.ports[0]}: Another program listens (process ${process.pid}: `),
      ]);
      for (const { state, advice } of findings) expect(advice === undefined).toBe(state === 'ok');
    } finally {
      other.close();
    }
  });

  it('warns of what can wait, as an open listener, and tells that a start refuses a folder without one of its databases', async () => {
    await world.fill();
    for (const name of ['relational.db', 'relational.db-wal', 'relational.db-shm'])
      rmSync(world.path('data', name), { force: true });
    const { code, findings } = await examine(world, { API_SERVER_HOST: '0.0.0.0' });
    expect(code).toBe(1);
    expect(of(findings, 'fault')).toEqual([
      expect.stringMatching(/^installation: documents\.db belongs to [0-9A-Z]{26}, and relational\.db to none\.$/),
    ]);
    expect(of(findings, 'warning')).toEqual([
      expect.stringContaining('settings: API_SERVER_HOST=0.0.0.0 opens both servers to the network'),
      expect.stringContaining('relational.db: It does not exist yet'),
    ]);
  });

  it('refuses settings that only a start would find wrong', async () => {
    const { findings } = await examine(world, {
      OUTBOUND_ALLOW: '10.0.0.0/99',
      SECRETS_KEY: 'x'.repeat(40),
      API_SERVER_PRIVATE_PORT: String(world.ports[0]),
    });
    expect(of(findings, 'fault')).toEqual([
      expect.stringContaining('settings: Both servers have the port'),
      expect.stringContaining('settings: OUTBOUND_ALLOW:'),
      expect.stringContaining('SECRETS_KEY:'),
    ]);
  });

  it('says so when a service on another folder has the port', async () => {
    await world.serve();
    const { code, findings } = await examine(world, { DATA_DIR: world.path('elsewhere') });
    expect(code).toBe(1);
    expect(of(findings, 'fault')[0]).toContain('A Flow Automation service on another data folder listens');
  });

  it('finds a data folder that is a file', async () => {
    world.write('data', 'not a folder');
    const { code, findings } = await examine(world);
    expect(code).toBe(1);
    expect(of(findings, 'fault')).toEqual([expect.stringContaining('folder: ')]);
    expect(readFileSync(world.dataDir, 'utf8')).toBe('not a folder');
  });
});

function damage(file: string, at: number, bytes: string): void {
  if (!existsSync(file)) writeFileSync(file, '');
  const handle = openSync(file, 'r+');
  writeSync(handle, bytes, at);
  closeSync(handle);
}

async function listen(port: number): Promise<Server> {
  const server = createServer((_request, response) => response.end('something else'));
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return server;
}
