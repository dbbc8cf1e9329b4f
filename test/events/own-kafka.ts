import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../build';

/** A broker of one test's own, to be stopped and started; what it was given stays on its disk. */
export class OwnKafka {
  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly environment: NodeJS.ProcessEnv,
    /** Where it speaks TLS, and where it wants a password besides. */
    readonly ports: { readonly tls: number; readonly sasl: number },
  ) {}

  /** A file that is gone with it. */
  file(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  /** It does not run yet. With a keystore (PEM) it speaks TLS too. */
  static async prepare(secure?: { readonly keystore: string; readonly password: string }): Promise<OwnKafka> {
    const [port, controller] = [await freePort(), await freePort()];
    const ports = { tls: await freePort(), sasl: await freePort() };
    const folder = mkdtempSync(join(tmpdir(), 'flow-kafka-'));
    const environment = {
      ...process.env,
      SERVICES_DIR: folder,
      SERVICES_KAFKA_PORT: String(port),
      SERVICES_KAFKA_CONTROLLER_PORT: String(controller),
      ...(secure && {
        SERVICES_KAFKA_KEYSTORE: join(folder, 'keystore.pem'),
        SERVICES_KAFKA_PASSWORD: secure.password,
        SERVICES_KAFKA_SSL_PORT: String(ports.tls),
        SERVICES_KAFKA_SASL_PORT: String(ports.sasl),
      }),
    };
    const kafka = new OwnKafka(port, folder, environment, ports);
    if (secure) kafka.file('keystore.pem', secure.keystore);
    return kafka;
  }

  get brokers(): string {
    return `127.0.0.1:${this.port}`;
  }

  up(): void {
    this.ask('up');
  }

  down(): void {
    this.ask('down');
  }

  close(): void {
    this.down();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private ask(what: 'up' | 'down'): void {
    const script = join(ROOT, 'scripts', 'services.sh');
    const { status, stdout, stderr } = spawnSync(script, [what, 'kafka'], { env: this.environment, encoding: 'utf8' });
    if (status !== 0) throw new Error(`services.sh ${what} kafka failed:\n${stdout}${stderr}`);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
