import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { API_PREFIX } from '@flow/http';
import { ADMIN_TOKEN, type ApiWorld } from './api-world';

export interface Item {
  readonly id: string;
  readonly type: string;
  readonly seq: number;
  readonly [field: string]: unknown;
}

/** An open stream, as a client sees it: items as they come, and what the server said at the end. */
export class StreamReader {
  readonly items: Item[] = [];
  /** Data of the event `end`. */
  end: { readonly type: 'end'; readonly status: string } | undefined;
  /** Everything as it came. */
  text = '';
  over = false;
  private unread = '';
  private readonly waiting = new Set<() => void>();

  private constructor(
    private readonly client: ClientRequest,
    private readonly response: IncomingMessage,
  ) {
    response.setEncoding('utf8');
    response.on('data', (text: string) => this.take(text));
    response.on('close', () => {
      this.over = true;
      this.tell();
    });
    response.on('error', () => undefined);
  }

  static open(
    world: ApiWorld,
    path: string,
    ask: { readonly token?: string; readonly domain?: string; readonly headers?: Record<string, string> } = {},
  ): Promise<StreamReader> {
    const { token = ADMIN_TOKEN, domain, headers } = ask;
    return new Promise((resolve, reject) => {
      const client = request(`${world.addressOf('public')}${API_PREFIX}${path}`, {
        agent: false,
        headers: {
          authorization: `Bearer ${token}`,
          ...(domain !== undefined && { 'x-business-domain': domain }),
          ...headers,
        },
      });
      client.once('error', reject);
      client.once('response', (response) => {
        client.off('error', reject).on('error', () => undefined);
        resolve(new StreamReader(client, response));
      });
      client.end();
    });
  }

  get status(): number | undefined {
    return this.response.statusCode;
  }

  get headers(): IncomingMessage['headers'] {
    return this.response.headers;
  }

  get ids(): string[] {
    return this.items.map(({ id }) => id);
  }

  /** Whether the answer was ended as HTTP ends one. */
  get complete(): boolean {
    return this.response.complete;
  }

  /** Resolves when so many items are there. */
  async count(wanted: number): Promise<readonly Item[]> {
    await this.when(() => this.items.length >= wanted || this.over);
    return this.items;
  }

  /** Resolves when the server has ended the answer. */
  async rest(): Promise<readonly Item[]> {
    await this.when(() => this.over);
    return this.items;
  }

  stopReading(): void {
    this.response.pause();
  }

  readOn(): void {
    this.response.resume();
  }

  close(): void {
    this.client.destroy();
  }

  private async when(fact: () => boolean): Promise<void> {
    while (!fact()) await new Promise<void>((resolve) => this.waiting.add(resolve));
  }

  private take(text: string): void {
    this.text += text;
    const lines = this.headers['content-type'] === 'application/x-ndjson';
    const parts = (this.unread + text).split(lines ? '\n' : '\n\n');
    this.unread = parts.pop() ?? '';
    for (const part of parts) this.takePart(part, lines);
    this.tell();
  }

  private takePart(part: string, isLine: boolean): void {
    const data = isLine ? part : /^data: (.*)$/m.exec(part)?.[1];
    if (data === undefined) return;
    const item = JSON.parse(data) as Item;
    if (item.type === 'end') this.end = item as never;
    else this.items.push(item);
    const id = /^id: (.*)$/m.exec(part)?.[1];
    if (!isLine && item.type !== 'end' && id !== item.id) throw new Error(`The id ${id} is not that of ${data}.`);
  }

  private tell(): void {
    for (const wake of this.waiting) wake();
    this.waiting.clear();
  }
}
