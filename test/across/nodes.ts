import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtMain, type AppName } from '../build';
import { notOutlivingUs } from '../chaos/leftovers';
import { Service, aFolder, bodyOf, type Exit, type Reply, type Target } from '../service';

/** Whoever asks is told something by then, whatever is away; only a process that stands still itself may say nothing. */
export const ANSWERS_WITHIN_MS = 25_000;
/** From the end of a fault until all serve again. */
const READY_WITHIN_MS = 60_000;
const PAUSE_MS = 50;

/** What runs: processes that do everything, or each of them one thing. */
export const TOPOLOGIES = {
  alike: ['standalone', 'standalone', 'standalone'],
  apart: ['public-api', 'public-api', 'worker', 'worker', 'worker'],
} as const satisfies Record<string, readonly AppName[]>;
export type Topology = keyof typeof TOPOLOGIES;

const mains = new Map<AppName, string>();

/** Of the sources as they stood when it was first asked for, whatever is written while it is used. */
function mainOf(app: AppName): string {
  const main = mains.get(app) ?? builtMain(app);
  mains.set(app, main);
  return main;
}

/** Several processes of the service on the same stores, asked as one: each request goes to the next of those that serve. */
export class Nodes implements Target {
  readonly all: (Service | undefined)[];
  /** Calls that nothing answered in time though their process was there. */
  readonly hung: string[] = [];
  longestAnswerMs = 0;
  private readonly folders = new Map<number, ReturnType<typeof aFolder>>();
  private readonly away = new Set<number>();
  private readonly mains: readonly string[];
  private readonly environment: Readonly<Record<string, string>>;
  /** Every process that there was, by its place. */
  private readonly started: { readonly place: number; readonly node: Service }[] = [];
  private turn = 0;

  constructor(
    private readonly apps: readonly AppName[],
    private readonly settingsOf: (place: number) => Readonly<Record<string, string>>,
    /** Told of each process that ends otherwise than as it was told to, by whatever. */
    private readonly onDeath: () => void = () => undefined,
    /** The build that is tried, of processes that do everything; the sources as they stand unless said. */
    main?: string,
  ) {
    this.all = apps.map(() => undefined);
    this.mains = apps.map((app) => main ?? mainOf(app));
    this.environment = {
      OUTBOUND_ALLOW: '127.0.0.1',
      LOG_LEVEL: 'error',
      STEP_OUTPUT_LIMIT: '16KiB',
      SECRETS_KEY: randomBytes(32).toString('base64'),
    };
  }

  /** A new process in this place. */
  async start(place: number, more: Readonly<Record<string, string>> = {}): Promise<void> {
    const node = this.spawn(place, more);
    await node.ready();
    this.all[place] = node;
    this.away.delete(place);
  }

  /** A new process in this place, which may die before it is ready: at a write that it comes to while it starts, where the machine is busy. */
  async startToDie(place: number, more: Readonly<Record<string, string>>): Promise<void> {
    const node = this.spawn(place, more);
    await node.ready().catch(() => undefined);
    this.all[place] = node;
    this.away.delete(place);
  }

  /** One that ends before it is ready. */
  async startInVain(place: number, more: Readonly<Record<string, string>>): Promise<Exit> {
    const node = this.spawn(place, more);
    const isReady = await node.ready().then(
      () => true,
      () => false,
    );
    if (isReady) await node.stop();
    return node.exited;
  }

  private spawn(place: number, more: Readonly<Record<string, string>>): Service {
    const folder = this.folders.get(place) ?? aFolder();
    this.folders.set(place, folder);
    const environment = { ...this.environment, ...this.settingsOf(place), ...more };
    const node = Service.spawn(folder.path, environment, this.mains[place]);
    this.started.push({ place, node });
    node.child.once('exit', (code) => {
      if (code !== 0) this.onDeath();
    });
    void node.exited.then(notOutlivingUs(() => node.child.kill('SIGKILL')));
    return node;
  }

  async startAll(): Promise<void> {
    await Promise.all(this.all.map((_, place) => this.start(place)));
  }

  at(place: number): Service {
    const node = this.all[place];
    if (!node) throw new Error(`There is no process in place ${place}.`);
    return node;
  }

  /** Nobody asks it meanwhile: whoever distributes requests sees by its probes that it does not answer. */
  leaveAlone(place: number): void {
    this.away.add(place);
  }

  askAgain(place: number): void {
    this.away.delete(place);
  }

  async kill(place: number): Promise<Exit> {
    const exit = await this.at(place).kill();
    this.all[place] = undefined;
    return exit;
  }

  /** Whether the process in this place carries out runs. */
  works(place: number): boolean {
    return this.apps[place] !== 'public-api';
  }

  /** All say that they are ready; what has ended by itself a platform has started again. */
  async ready(): Promise<void> {
    const isReady = async (node: Service | undefined) =>
      (await fetch(`${node?.privateAddress}/health/ready`).catch(() => undefined))?.status === 200;
    for (const endMs = Date.now() + READY_WITHIN_MS; ;) {
      const gone = this.all.flatMap((node, place) => (node?.running ? [] : [place]));
      await Promise.all(gone.map((place) => this.start(place)));
      const words = await Promise.all(this.all.map(isReady));
      if (words.every(Boolean)) return;
      if (Date.now() > endMs) throw new Error(`Not ready within ${READY_WITHIN_MS} ms: ${JSON.stringify(words)}`);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  get running(): boolean {
    return this.serving.length > 0;
  }

  /** Throws when nobody knows what became of it. */
  async call(
    method: string,
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
    token?: string,
  ): Promise<Reply> {
    const node = this.next();
    const since = Date.now();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const isThere = node.running && this.serving.includes(node);
        if (isThere)
          this.hung.push(
            `${new Date(since).toISOString()} no answer within ${ANSWERS_WITHIN_MS} ms: ${method} ${path} of ${this.all.indexOf(node)}`,
          );
        reject(new Error(`No answer within ${ANSWERS_WITHIN_MS} ms.`));
      }, ANSWERS_WITHIN_MS);
    });
    try {
      const reply = await Promise.race([node.call(method, path, body, headers, token), late]);
      if (this.serving.includes(node)) this.longestAnswerMs = Math.max(this.longestAnswerMs, Date.now() - since);
      return reply;
    } finally {
      clearTimeout(timer);
    }
  }

  async must<T>(
    method: string,
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<T> {
    // On a busy machine a store may not answer in time: whoever only reads asks again.
    for (const endMs = Date.now() + READY_WITHIN_MS; ;) {
      const reply = await this.call(method, path, body, headers);
      if (method !== 'GET' || reply.status !== 503 || Date.now() > endMs) return bodyOf(`${method} ${path}`, reply);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  /** Whether the process with this number ended as it was told to. */
  hasEnded(pid: number): boolean {
    return this.started.some(({ node: { child } }) => child.pid === pid && child.exitCode === 0);
  }

  keepLogs(folder: string): void {
    mkdirSync(folder, { recursive: true });
    for (const [i, { place, node }] of this.started.entries())
      writeFileSync(join(folder, `${i}-place-${place}.log`), node.output + node.errors);
  }

  async close(): Promise<void> {
    for (const node of this.all) {
      node?.child.kill('SIGCONT');
      await node?.kill();
    }
    for (const folder of this.folders.values()) folder.remove();
  }

  private get serving(): readonly Service[] {
    return this.all.flatMap((node, place) =>
      node?.running && this.apps[place] !== 'worker' && !this.away.has(place) ? [node] : [],
    );
  }

  private next(): Service {
    this.turn += 1;
    const node = this.serving[this.turn % Math.max(1, this.serving.length)];
    if (!node) throw new Error('No process serves.');
    return node;
  }
}
