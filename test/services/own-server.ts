import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../build';

const SCRIPT = join(ROOT, 'scripts', 'services.sh');

/** A server of one test's own, on a port of its own: to be stopped, killed and started. What is on its disk stays. */
export class OwnServer {
  private constructor(
    private readonly name: 'kafka' | 'mongo',
    readonly port: number,
    private readonly folder: string,
    private readonly environment: NodeJS.ProcessEnv,
  ) {}

  /** It does not run yet. `more` is told its folder. */
  static async prepare(
    name: 'kafka' | 'mongo',
    more: (folder: string) => Readonly<Record<string, string>> = () => ({}),
  ): Promise<OwnServer> {
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), `flow-${name}-`));
    const own = { SERVICES_DIR: folder, [`SERVICES_${name.toUpperCase()}_PORT`]: String(port) };
    return new OwnServer(name, port, folder, { ...process.env, ...own, ...more(folder) });
  }

  /** A file that is gone with it. */
  file(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  up(): Promise<void> {
    return this.ask('up');
  }

  down(): Promise<void> {
    return this.ask('down');
  }

  /** kill -9, in this very turn. */
  kill(): void {
    try {
      process.kill(Number(readFileSync(join(this.folder, this.name, 'pid'), 'utf8').split(' ')[0]), 'SIGKILL');
    } catch {
      // It does not run.
    }
  }

  async close(): Promise<void> {
    await this.down();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async ask(what: 'up' | 'down'): Promise<void> {
    const child = spawn(SCRIPT, [what, this.name], { env: this.environment, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (said += text.toString()));
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0) throw new Error(`services.sh ${what} ${this.name} failed:\n${said}`);
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
