import type { Target } from './service';
import type { Effects } from './sink';

interface Answer {
  readonly token: string;
  readonly body: { readonly v: number };
  asked: boolean;
  settled: boolean;
}

const PAUSE_MS = 10;

/**
 * Whoever answers the calls that carry an address: each once, over any number of processes, asked again while nobody knows what became of it.
 * What was taken is offered a second time with another body, which must be refused.
 */
export class Answers {
  /** What was taken that should not have been, or refused that should have been taken. */
  readonly faults: string[] = [];
  /** Who is asked; undefined while nobody can be. */
  service: Target | undefined;
  private readonly answers = new Map<string, Answer>();
  private read = 0;
  private closed = false;
  private readonly over: Promise<void>;

  constructor(
    private readonly sink: Effects,
    private readonly answerTo: (key: string) => { readonly v: number } | undefined,
  ) {
    this.over = this.work();
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.over;
  }

  private async work(): Promise<void> {
    while (!this.closed) {
      this.collect();
      const { service } = this;
      if (service?.running) {
        const open = [...this.answers.values()].filter(({ settled }) => !settled);
        await Promise.all(open.map((answer) => this.give(service, answer)));
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  private collect(): void {
    for (; this.read < this.sink.effects.length; this.read += 1) {
      const { url, key } = this.sink.effects[this.read]!;
      const token = url?.split('/').at(-1);
      if (token === undefined || this.answers.has(token)) continue;
      const body = this.answerTo(key);
      // Who started the run may not have heard of it yet: looked at again in the next round.
      if (body === undefined) return;
      this.answers.set(token, { token, body, asked: false, settled: false });
    }
  }

  private async give(service: Target, answer: Answer): Promise<void> {
    const path = `/callbacks/${answer.token}`;
    try {
      const wasAsked = answer.asked;
      answer.asked = true;
      const { status, text } = await service.call('POST', path, answer.body);
      if (status === 503 || status === 507) return;
      // An earlier process may have taken it and died before it said so.
      if (status === 404 ? !wasAsked : status >= 300) this.faults.push(`an answer was refused: ${status} ${text}`);
      answer.settled = true;
      const again = await service.call('POST', path, { v: -1 });
      if (again.status < 300) this.faults.push(`an answer was taken twice: ${answer.token}`);
    } catch {
      // The process is gone, and with it what it said: the next one is asked.
    }
  }
}
