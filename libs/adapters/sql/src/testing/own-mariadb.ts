import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection, type Connection } from 'mysql2/promise';

const AS_ROOT = process.getuid?.() === 0 ? ['--user=root'] : [];
const READY_MS = 30_000;
const TOO_MANY = 1040;

/** A MariaDB of the test's own, from the packages of this machine, for what cannot be done to one that is shared. */
export class OwnMariaDb {
  private child: ChildProcess | undefined;

  private constructor(
    private readonly folder: string,
    readonly port: number,
  ) {}

  static async make(): Promise<OwnMariaDb> {
    const folder = mkdtempSync(join(tmpdir(), 'own-mariadb-'));
    const made = spawnSync('mariadb-install-db', [
      '--no-defaults',
      ...AS_ROOT,
      `--datadir=${join(folder, 'data')}`,
      '--skip-test-db',
    ]);
    if (made.status !== 0) throw new Error(`mariadb-install-db failed: ${String(made.error ?? made.stderr)}`);
    writeFileSync(
      join(folder, 'init.sql'),
      "CREATE DATABASE IF NOT EXISTS flow;\nCREATE USER IF NOT EXISTS flow@'%' IDENTIFIED BY 'hidden';\nGRANT ALL ON flow.* TO flow@'%';\nGRANT ALL ON `flow\\_%`.* TO flow@'%';\n",
    );
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as AddressInfo;
    probe.close();
    return new OwnMariaDb(folder, port);
  }

  get url(): URL {
    return new URL(`mysql://flow:hidden@localhost:${this.port}/flow`);
  }

  /** A file in the folder of the server. */
  file(name: string, text: string): string {
    writeFileSync(join(this.folder, name), text, { mode: 0o600 });
    return join(this.folder, name);
  }

  /** Runs it with these options, in the place of the one that runs. */
  async start(options: readonly string[]): Promise<void> {
    await this.stop();
    const fixed = [
      '--no-defaults',
      ...AS_ROOT,
      '--bind-address=127.0.0.1',
      `--port=${this.port}`,
      '--skip-name-resolve',
    ];
    const places = ['data', 'socket', 'pid-file', 'init-file'].map((name) => {
      const option = name === 'data' ? 'datadir' : name;
      return `--${option}=${join(this.folder, name === 'init-file' ? 'init.sql' : name)}`;
    });
    let said = '';
    const child = spawn('mariadbd', [...fixed, ...places, ...options], { stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr.on('data', (text: Buffer) => (said += text.toString()));
    this.child = child;
    const until = Date.now() + READY_MS;
    while (!(await this.answers())) {
      if (child.exitCode !== null || Date.now() > until) throw new Error(`mariadbd did not start:\n${said}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (!child || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  /** Connects until it takes nobody any more. */
  async fill(): Promise<{ close: () => Promise<void> }> {
    const taken: Connection[] = [];
    for (;;) {
      const connection = await this.connect().catch((error: unknown) => (error as { errno?: number }).errno);
      if (connection === TOO_MANY) break;
      if (typeof connection !== 'object') throw new Error(`mariadbd does not answer: ${String(connection)}`);
      taken.push(connection);
    }
    return {
      close: async () => {
        for (const connection of taken) await connection.end();
      },
    };
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Over its socket, whatever it wants of others. */
  private connect(): Promise<Connection> {
    const socketPath = join(this.folder, 'socket');
    return createConnection({ socketPath, user: 'flow', password: 'hidden', database: 'flow' });
  }

  private async answers(): Promise<boolean> {
    return this.connect().then(
      async (connection) => {
        await connection.end();
        return true;
      },
      () => false,
    );
  }
}
