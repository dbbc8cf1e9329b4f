import { randomBytes } from 'node:crypto';
import { builtMain } from '../build';
import { Service, aFolder, type Exit, type Reply, type Target } from '../service';

const ANSWERS_WITHIN_MS = 8_000;

/** Several processes of the service on the same stores, asked as one: each request goes to the next of those that serve. */
export class Nodes implements Target {
  readonly all: (Service | undefined)[];
  private readonly folders = new Map<number, ReturnType<typeof aFolder>>();
  private readonly away = new Set<number>();
  private readonly environment: Readonly<Record<string, string>>;
  private turn = 0;

  constructor(
    count: number,
    stores: Readonly<Record<string, string>>,
    private readonly main = builtMain(),
  ) {
    this.all = Array.from({ length: count }, () => undefined);
    this.environment = {
      OUTBOUND_ALLOW: '127.0.0.1',
      LOG_LEVEL: 'error',
      STEP_OUTPUT_LIMIT: '16KiB',
      SECRETS_KEY: randomBytes(32).toString('base64'),
      ...stores,
    };
  }

  /** A new process in this place. */
  async start(place: number): Promise<void> {
    const folder = this.folders.get(place) ?? aFolder();
    this.folders.set(place, folder);
    const node = Service.spawn(folder.path, this.environment, this.main);
    await node.ready();
    this.all[place] = node;
    this.away.delete(place);
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

  get running(): boolean {
    return this.serving.length > 0;
  }

  call(
    method: string,
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
    token?: string,
  ): Promise<Reply> {
    return within(ANSWERS_WITHIN_MS, this.next().call(method, path, body, headers, token));
  }

  must<T>(method: string, path: string, body?: object, headers: Readonly<Record<string, string>> = {}): Promise<T> {
    return this.next().must<T>(method, path, body, headers);
  }

  async close(): Promise<void> {
    for (const node of this.all) {
      node?.child.kill('SIGCONT');
      await node?.kill();
    }
    for (const folder of this.folders.values()) folder.remove();
  }

  private get serving(): readonly Service[] {
    return this.all.flatMap((node, place) => (node?.running && !this.away.has(place) ? [node] : []));
  }

  private next(): Service {
    this.turn += 1;
    const node = this.serving[this.turn % Math.max(1, this.serving.length)];
    if (!node) throw new Error('No process serves.');
    return node;
  }
}

/** A process that was stopped answers nobody; whoever asks goes to another. */
async function within<T>(ms: number, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer within ${ms} ms.`)), ms);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
