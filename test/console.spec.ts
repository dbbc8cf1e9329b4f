import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { Agent, request } from 'undici';
import { ROOT } from './build';
import { Service, aFolder } from './service';

/** Less than what is promised (500): the editor is not to come with it unnoticed. */
const FIRST_PAGE_BYTES = 350 * 1_024;

describe('The built console', () => {
  let folder: ReturnType<typeof aFolder>;
  let dist: string;
  let dispatcher: Agent;

  const build = (environment: Record<string, string> = {}) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'scripts', 'build.mjs')], {
      env: { ...process.env, BUILD_OUT: dist, ...environment },
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`The build failed:\n${stderr}`);
    return stdout;
  };
  const started = async (environment: Record<string, string> = {}) => {
    const data = join(folder.path, 'data');
    rmSync(data, { recursive: true, force: true });
    const main = join(dist, 'apps', 'standalone', 'src', 'main.js');
    const service = Service.spawn(folder.path, { DATA_DIR: data, ...environment }, main);
    await service.ready();
    return service;
  };
  const get = async (url: string, headers: Record<string, string> = {}) => {
    const { statusCode, headers: said, body } = await request(url, { dispatcher, headers });
    return { status: statusCode, headers: said, bytes: Buffer.from(await body.arrayBuffer()) };
  };
  const addressOf = ({ output }: Service) => /console\s+(http:\/\/\S+)\n/.exec(output)?.[1] ?? '';

  beforeAll(() => {
    folder = aFolder();
    // Within the checkout, where its packages are found.
    mkdirSync(join(ROOT, '.cache'), { recursive: true });
    dist = mkdtempSync(join(ROOT, '.cache', 'console-spec-'));
    dispatcher = new Agent();
    build();
  }, 180_000);
  afterAll(async () => {
    await dispatcher.destroy();
    folder.remove();
    rmSync(dist, { recursive: true });
  });

  it('stands beside the servers, compressed, and nothing of its sources does', () => {
    const files = readdirSync(join(dist, 'apps', 'console'), { recursive: true, encoding: 'utf8' });
    expect(files.filter((name) => /\.(tsx?|map|md)$/.test(name) || /(^|\/)src\//.test(name))).toEqual([]);
    const assets = join(dist, 'apps', 'console', 'assets');
    const names = readdirSync(assets);
    const scripts = names.filter((name) => name.endsWith('.js') && statSync(join(assets, name)).size > 1_024);
    expect(scripts.length).toBeGreaterThan(0);
    for (const name of scripts) {
      const bytes = readFileSync(join(assets, name));
      const read = (ending: string) => readFileSync(join(assets, `${name}${ending}`));
      expect([name, brotliDecompressSync(read('.br')).equals(bytes), gunzipSync(read('.gz')).equals(bytes)]).toEqual([
        name,
        true,
        true,
      ]);
    }
  });

  it('is not built again while nothing of it has changed', () => {
    const page = readFileSync(join(dist, 'apps', 'console', 'index.html'), 'utf8');
    expect(build()).toContain('the console (as it was built before)');
    expect(readFileSync(join(dist, 'apps', 'console', 'index.html'), 'utf8')).toBe(page);
  });

  it('is named at the first start with the token to open it by, and its first page is small', async () => {
    const service = await started({ ADMIN_TOKEN: '' });
    try {
      const address = addressOf(service);
      const token = /fa_[\w-]+/.exec(service.output)?.[0] ?? '';
      expect(service.output).toContain(`  Open ${address}/#token=${token}\n`);
      const page = await get(`${address}/dags?status=active`);
      expect(page.status).toBe(200);
      const loaded = [...page.bytes.toString().matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path!);
      expect(loaded.length).toBeGreaterThan(1);
      let bytes = page.bytes.length;
      for (const path of loaded) {
        const asset = await get(`${address}${path}`, { 'accept-encoding': 'br' });
        expect([path, asset.status]).toEqual([path, 200]);
        bytes += asset.bytes.length;
      }
      expect(bytes).toBeLessThan(FIRST_PAGE_BYTES);
      // It runs under a policy that lets no script stand in the page.
      expect(page.bytes.toString()).not.toMatch(/<script(?![^>]* src=)|<style|\sstyle="|\son\w+="/);
    } finally {
      await service.kill();
    }
  });

  it('is not there with CONSOLE=off', async () => {
    const service = await started({ CONSOLE: 'off' });
    try {
      expect(addressOf(service)).toBe('');
      const address = /public API\s+(http:\/\/\S+)\n/.exec(service.output)?.[1] ?? '';
      expect((await get(`${address}/`)).status).toBe(401);
    } finally {
      await service.kill();
    }
  });

  it('is left out of a build that wants none: the service starts and says how it is built', async () => {
    expect(build({ BUILD_CONSOLE: 'off' })).not.toContain('console');
    expect(existsSync(join(dist, 'apps', 'console'))).toBe(false);
    const service = await started();
    try {
      expect(service.output).toContain('console       not built; npm run build makes it\n');
      const address = /public API\s+(http:\/\/\S+)\n/.exec(service.output)?.[1] ?? '';
      const page = await get(`${address}/`);
      expect([page.status, page.headers['content-type']]).toEqual([404, 'text/html; charset=utf-8']);
      expect(page.bytes.toString()).toContain('npm run build');
    } finally {
      await service.kill();
    }
  });
});
