import { aHttpServer, type HttpWorld } from '@flow/testing/http';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { encodingFor, readConsole } from './console-files';

const PAGE =
  '<!doctype html><html><head><script type="module" src="/assets/a-1.js"></script></head><body></body></html>';
const SCRIPT = 'console.log("the console")\n'.repeat(100);
const PAGES = ['/', '/dags', '/dags/01A', '/instances', '/instances/01A', '/approvals', '/triggers', '/workers'];

function aBuild(): string {
  const folder = mkdtempSync(join(tmpdir(), 'flow-console-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), PAGE);
  writeFileSync(join(folder, 'secret.txt'), 'beside the assets');
  writeFileSync(join(folder, 'assets', 'a-1.js'), SCRIPT);
  writeFileSync(join(folder, 'assets', 'a-1.js.br'), 'in brotli');
  writeFileSync(join(folder, 'assets', 'a-1.js.gz'), gzipSync(SCRIPT));
  writeFileSync(join(folder, 'assets', 'b-2.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  return folder;
}

describe('The console', () => {
  let folder: string;
  let world: HttpWorld;
  beforeAll(async () => {
    folder = aBuild();
    world = await aHttpServer([], { console: folder });
  });
  afterAll(async () => {
    await world.close();
    rmSync(folder, { recursive: true });
  });
  const get = (path: string, headers: Record<string, string> = {}) => world.ask('GET', path, { token: null, headers });

  it('is one page at the addresses of its sections, whatever is searched for there', async () => {
    for (const path of [
      ...PAGES,
      '/settings',
      '/sign-in',
      '/dags/',
      '/dags?status=active&x=1',
      '/instances/01A?task=a%2Fb',
    ]) {
      const { status, headers, text } = await get(path);
      expect([path, status, headers['content-type'], headers['cache-control']]).toEqual([
        path,
        200,
        'text/html; charset=utf-8',
        'no-cache',
      ]);
      expect(text).toContain('<script type="module" src="/assets/a-1.js">');
      expect([headers.etag, headers['last-modified'], headers['set-cookie']]).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
    }
  });

  it('lets the page do nothing but load its own files and styles with the nonce of that answer', async () => {
    const answers = [await get('/'), await get('/'), await get('/dags')];
    const nonces = answers.map(({ text, headers }) => {
      const nonce = /<head><meta property="csp-nonce" nonce="([A-Za-z0-9+/]{22}==)"><script/.exec(text)?.[1] ?? '';
      expect(headers['content-security-policy']).toBe(
        `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      );
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
      });
      return nonce;
    });
    expect(new Set(nonces).size).toBe(3);
  });

  it('gives files for ever, in the smallest form that the client takes', async () => {
    const plain = await get('/assets/a-1.js');
    expect([plain.status, plain.text, plain.headers['content-encoding']]).toEqual([200, SCRIPT, undefined]);
    expect(plain.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'accept-encoding',
      'x-content-type-options': 'nosniff',
    });
    const { headers, text } = await get('/assets/a-1.js', { 'accept-encoding': 'gzip, deflate, br' });
    expect([text, headers['content-encoding'], headers.vary]).toEqual(['in brotli', 'br', 'accept-encoding']);
    const svg = await get('/assets/b-2.svg', { 'accept-encoding': 'br' });
    expect([svg.status, svg.headers['content-type'], svg.headers['content-encoding']]).toEqual([
      200,
      'image/svg+xml',
      undefined,
    ]);
  });

  it.each([
    [undefined, undefined],
    ['', undefined],
    ['identity', undefined],
    ['br', 'br'],
    ['gzip', 'gzip'],
    ['GZIP;q=0.5, br;q=0.1', 'br'],
    ['br;q=0, gzip', 'gzip'],
    ['br; q=0.0, *', 'gzip'],
    ['*', 'br'],
    ['*;q=0', undefined],
    ['br;q=nonsense', undefined],
    [',;,=', undefined],
  ])('answers Accept-Encoding %p with %p', async (accepted, encoding) => {
    const asset = (await readConsole(folder))!.assets.get('a-1.js')!;
    expect(encodingFor(accepted, asset)).toBe(encoding);
  });

  it('answers HEAD as GET without a body, and takes nothing', async () => {
    for (const path of ['/', '/assets/a-1.js']) {
      const head = await world.ask('HEAD', path, { token: null });
      expect([head.status, head.text]).toEqual([200, '']);
      expect(Number(head.headers['content-length'])).toBeGreaterThan(100);
      for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
        expect((await world.ask(method, path, { token: null })).status).toBe(401);
        const answer = await world.ask(method, path);
        expect([method, answer.status, answer.headers.allow]).toEqual([method, 405, 'GET, HEAD']);
      }
    }
  });

  it('leaves every other address what it was', async () => {
    for (const path of [
      '/nowhere',
      '/index.html',
      '/approvals/',
      '/dags/a/b',
      '/Dags',
      '/assets',
      '/assets/a/b',
      '//',
    ]) {
      expect([path, (await get(path)).status]).toEqual([path, 401]);
      const { status, json } = await world.ask('GET', path);
      expect([path, status, json.code]).toEqual([path, 404, 'route.not_found']);
    }
  });

  it('has no way to a file that was not built', async () => {
    const line = (path: string) =>
      new Promise<string>((resolve, reject) => {
        const { hostname, port } = new URL(world.addresses.public!);
        let text = '';
        connect(Number(port), hostname)
          .on('data', (part) => (text += part.toString('utf8')))
          .on('close', () => resolve(text))
          .on('error', reject)
          .end(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      });
    for (const path of [
      '/assets/../secret.txt',
      '/assets/..%2fsecret.txt',
      '/assets/..%2Fsecret.txt',
      '/assets/%2e%2e%2fsecret.txt',
      '/assets/%2e%2e/secret.txt',
      '/assets/..%5csecret.txt',
      '/assets/..\\secret.txt',
      '/assets/%252e%252e%252fsecret.txt',
      '/assets//etc/passwd',
      '/assets/%2fetc%2fpasswd',
      '/assets/a-1.js%00.svg',
      '/assets/a-1.js.br',
      '/assets/a-1.js.gz',
      '/assets/A-1.JS',
      '/assets/a-1.js/',
      '/assets/a-1.js/..',
      '/assets/__proto__',
      '/assets/constructor',
      '/assets/.',
      '/assets/..',
      'file:///etc/passwd',
    ]) {
      const answer = await line(path);
      expect([path, /^HTTP\/1\.1 (400|401|404) /.test(answer)]).toEqual([path, true]);
      expect(answer).not.toMatch(/beside the assets|root:|the console/);
    }
  });

  it('is on the public server alone, and in no document', async () => {
    for (const path of [...PAGES, '/assets/a-1.js'])
      expect([path, (await world.askPrivate('GET', path, { token: null })).status]).toEqual([path, 401]);
    for (const server of ['public', 'private'] as const)
      expect(Object.keys(world.server.openApi(server).paths).sort()).toEqual(['/docs', '/openapi.json']);
    expect(world.server.console).toBe('built');
  });

  it('says how it is built where it was not', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'flow-console-'));
    for (const place of [empty, join(empty, 'none')]) {
      const other = await aHttpServer([], { console: place });
      expect(other.server.console).toBe('not built');
      for (const path of ['/', '/dags/01A']) {
        const { status, headers, text } = await other.ask('GET', path, { token: null });
        expect([status, headers['content-type']]).toEqual([404, 'text/html; charset=utf-8']);
        expect(text).toContain('npm run build');
      }
      await other.close();
    }
    rmSync(empty, { recursive: true });
  });

  it('is not there where it is not wanted', async () => {
    const other = await aHttpServer([]);
    expect(other.server.console).toBe('none');
    expect((await other.ask('GET', '/')).json.code).toBe('route.not_found');
    expect((await other.ask('GET', '/', { token: null })).status).toBe(401);
    await other.close();
  });
});
