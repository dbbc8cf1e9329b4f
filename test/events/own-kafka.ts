import { join } from 'node:path';
import { OwnServer, freePort } from '../services/own-server';

/** A broker of one test's own, to be stopped, killed and started; what it was given stays on its disk. */
export class OwnKafka {
  private constructor(
    private readonly server: OwnServer,
    /** Where it speaks TLS, and where it wants a password besides. */
    readonly ports: { readonly tls: number; readonly sasl: number },
  ) {}

  /** It does not run yet. With a keystore (PEM) it speaks TLS too. */
  static async prepare(secure?: { readonly keystore: string; readonly password: string }): Promise<OwnKafka> {
    const controller = await freePort();
    const ports = { tls: await freePort(), sasl: await freePort() };
    const server = await OwnServer.prepare('kafka', (folder) => ({
      SERVICES_KAFKA_CONTROLLER_PORT: String(controller),
      ...(secure && {
        SERVICES_KAFKA_KEYSTORE: join(folder, 'keystore.pem'),
        SERVICES_KAFKA_PASSWORD: secure.password,
        SERVICES_KAFKA_SSL_PORT: String(ports.tls),
        SERVICES_KAFKA_SASL_PORT: String(ports.sasl),
      }),
    }));
    if (secure) server.file('keystore.pem', secure.keystore);
    return new OwnKafka(server, ports);
  }

  get port(): number {
    return this.server.port;
  }

  get brokers(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** A file that is gone with it. */
  file(name: string, text: string): string {
    return this.server.file(name, text);
  }

  up(): Promise<void> {
    return this.server.up();
  }

  down(): Promise<void> {
    return this.server.down();
  }

  /** kill -9, in this very turn. */
  kill(): void {
    this.server.kill();
  }

  close(): Promise<void> {
    return this.server.close();
  }
}
