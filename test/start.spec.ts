import { Database } from '@flow/adapters/sqlite';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  openSync,
  closeSync,
  existsSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Service, aFolder } from './service';

const DAG = { title: 'Kept', steps: [{ id: '0', operator: '@trigger/manual' }] };
const NO_STACK = /\n\s+at |node_modules|\.js:\d+/;

describe('A start of the service', () => {
  let folder: ReturnType<typeof aFolder>;
  let services: Service[] = [];
  const spawn = (environment: Record<string, string> = {}) => {
    const service = Service.spawn(folder.path, environment);
    services.push(service);
    return service;
  };
  const start = async (environment: Record<string, string> = {}) => {
    const service = spawn(environment);
    await service.ready();
    return service;
  };

  beforeEach(() => {
    folder = aFolder();
  });
  afterEach(async () => {
    await Promise.all(services.map((service) => service.kill()));
    services = [];
    folder.remove();
  });

  it('prints addresses, places and one admin token the first time, and finds everything the second', async () => {
    const first = await start({ ADMIN_TOKEN: '' });
    expect(first.output).toMatch(/public API\s+http:\/\/127\.0\.0\.1:\d+\n/);
    expect(first.output).toMatch(/private API\s+http:\/\/127\.0\.0\.1:\d+\n/);
    expect(first.output).toMatch(/docs\s+http:\/\/127\.0\.0\.1:\d+\/docs\n/);
    expect(first.output).toContain(join(folder.path, 'documents.db'));
    const tokens = new Set(first.output.match(/fa_[\w-]+/g));
    expect(tokens.size).toBe(1);
    const [token = ''] = tokens;
    const made = await first.call('POST', '/dags', DAG, {}, token);
    expect(made.status).toBe(201);
    expect(await first.stop()).toEqual({ code: 0, signal: null });
    const files = readdirSync(folder.path, { recursive: true, encoding: 'utf8' });
    for (const file of files.filter((name) => statSync(join(folder.path, name)).isFile()))
      expect([file, readFileSync(join(folder.path, file)).includes(token)]).toEqual([file, false]);
    const second = await start({ ADMIN_TOKEN: '' });
    expect(second.output).not.toMatch(/fa_\w+/);
    const { id } = JSON.parse(made.text) as { id: string };
    const read = await second.call('GET', `/dags/${id}`, undefined, {}, token);
    expect(JSON.parse(read.text)).toEqual(JSON.parse(made.text));
    expect((await second.call('GET', '/dags', undefined, {}, `${token}x`)).status).toBe(401);
    expect(await second.kill('SIGINT')).toEqual({ code: 0, signal: null });
  });

  it('is refused while another process has the folder, which goes on', async () => {
    const first = await start();
    const second = spawn();
    expect(await second.exited).toEqual({ code: 1, signal: null });
    expect(second.errors).toContain(`Another process uses the data folder ${folder.path}`);
    expect(second.errors).toContain('DATA_DIR');
    expect(second.errors).not.toMatch(NO_STACK);
    expect((await first.call('POST', '/dags', DAG)).status).toBe(201);
    await first.kill('SIGKILL');
    // The lock goes with the process, however it ended.
    expect((await (await start()).call('GET', '/dags')).text).toContain('Kept');
  });

  it.each(['API_SERVER_PORT', 'API_SERVER_PRIVATE_PORT'])(
    'is refused with the name of the setting when %s is taken',
    async (name) => {
      const other: Server = createServer().listen(0, '127.0.0.1');
      await new Promise((resolve) => other.once('listening', resolve));
      const { port } = other.address() as AddressInfo;
      const service = spawn({ [name]: String(port) });
      const exit = await service.exited;
      other.close();
      expect(exit).toEqual({ code: 1, signal: null });
      expect(service.errors).toContain(`127.0.0.1:${port} is in use`);
      expect(service.errors).toContain(`Set ${name} `);
      expect(service.errors).not.toMatch(NO_STACK);
    },
  );

  it('is refused with every fault of the settings at once, secrets not shown', async () => {
    writeFileSync(join(folder.path, '.env'), 'API_SERVER_PROT=8082\nLOG_LEVEL=loud\n');
    const service = spawn({
      LOG_LEVEL: 'louder',
      API_SERVER_PORT: '70000',
      DRAIN_TIMEOUT: 'soon',
      SECRETS_KEY: 'short-secret',
      BODY_LIMIT: '1',
      OUTBOUND_ALLOW: 'a b',
    });
    expect(await service.exited).toEqual({ code: 1, signal: null });
    for (const name of [
      'API_SERVER_PROT',
      'LOG_LEVEL',
      'API_SERVER_PORT',
      'DRAIN_TIMEOUT',
      'SECRETS_KEY',
      'BODY_LIMIT',
      'OUTBOUND_ALLOW',
    ])
      expect(service.errors).toContain(name);
    expect(service.errors).not.toContain('short-secret');
    expect(service.errors).not.toMatch(NO_STACK);
    expect(existsSync(join(folder.path, 'documents.db'))).toBe(false);
  });

  it.each(['documents.db', 'relational.db'])('leaves a %s of a newer version as it is', async (file) => {
    const path = join(folder.path, file);
    await (await start()).stop();
    const db = Database.open(path);
    db.exec('PRAGMA user_version = 999');
    db.close();
    const hash = () => createHash('sha256').update(readFileSync(path)).digest('hex');
    const before = hash();
    const service = spawn();
    expect(await service.exited).toEqual({ code: 1, signal: null });
    expect(service.errors).toContain(`${path} has schema 999`);
    expect(service.errors).not.toMatch(NO_STACK);
    expect(hash()).toBe(before);
  });

  it.each(['documents.db', 'relational.db', 'lock.db'])('says plainly that %s is damaged', async (file) => {
    const path = join(folder.path, file);
    await (await start()).stop();
    const handle = openSync(path, 'r+');
    writeSync(handle, Buffer.alloc(512, 0xa5), 0, 512, 0);
    closeSync(handle);
    const service = spawn();
    expect(await service.exited).toEqual({ code: 1, signal: null });
    expect(service.errors).toContain(path);
    expect(service.errors).toMatch(/damaged/);
    expect(service.errors).not.toMatch(NO_STACK);
  });

  it('is refused while others may read the key of the secrets', async () => {
    await (await start()).stop();
    chmodSync(join(folder.path, 'secrets.key'), 0o644);
    const service = spawn();
    expect(await service.exited).toEqual({ code: 1, signal: null });
    expect(service.errors).toContain('chmod 600');
    expect(service.errors).not.toMatch(NO_STACK);
  });

  it('is refused when the data folder cannot be made', async () => {
    writeFileSync(join(folder.path, 'file'), 'x');
    const service = spawn({ DATA_DIR: join(folder.path, 'file', 'data') });
    expect(await service.exited).toEqual({ code: 1, signal: null });
    expect(service.errors).toContain(join(folder.path, 'file', 'data'));
    expect(service.errors).not.toMatch(NO_STACK);
  });
});
