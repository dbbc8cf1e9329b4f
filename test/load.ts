import { SeededRandom } from '@flow/testing/kernel';
import { Answers } from './answers';
import { violationsIn, type Violation } from './checker';
import type { Target } from './service';
import { CHAIN, type Shape } from './shapes';
import type { Effects } from './sink';

export interface Start {
  readonly n: number;
  readonly shape: Shape;
  readonly key: string;
  /** Once it was acknowledged. */
  id?: string;
}

const LIVE = 'queued,running,waiting,paused,cancelling';
const REFUSED = new Set([503, 507]);
/** Another process holds the key of a request whose process died, until its lease is over. */
const HELD = 'idempotency.in_progress';
const PAUSE_MS = 30;
/** What has not ended by then is stuck; no word about how fast it should be. */
const SETTLES_WITHIN_MS = 60_000;

export interface LoadOptions {
  readonly shapes?: readonly Shape[];
  readonly seed?: number;
  /** The wall clock of the service is not the sink's. */
  readonly clockJumps?: boolean;
  /** Where steps reach the sink; its own address unless a wire lies between. */
  readonly stepsCall?: string;
}

/**
 * Callers who start runs and write down what was acknowledged, over any number of processes on the same folder. What they start follows
 * from the seed; the checker (`checker.ts`) then says what is not as it must be.
 */
export class Load {
  readonly starts: Start[] = [];
  readonly deaths: number[] = [];
  /** When the wall clock of the service was set. */
  readonly jumps: number[] = [];
  /** When a process that had been stopped went on. */
  readonly resumes: number[] = [];
  /** When a process, dead or not, lost its hold of what it carried out, as the store tells it: others go on with that. */
  readonly takeovers: { readonly from: number; readonly to: number }[] = [];
  /** When answers may have been lost on their way. */
  readonly losses: { readonly from: number; readonly to: number }[] = [];
  /** Answers that no promise allows. */
  readonly surprises: string[] = [];
  /** Starts that were refused, by status. */
  readonly refused = new Map<number, number>();
  readonly clockJumps: boolean;
  private readonly shapes: readonly Shape[];
  private readonly stepsCall: string;
  private readonly dags = new Map<Shape, string>();
  private readonly random: SeededRandom;
  private readonly answers: Answers;
  private stopped = false;

  constructor(
    readonly sink: Effects,
    { shapes = [CHAIN], seed = 1, clockJumps = false, stepsCall = sink.url }: LoadOptions = {},
  ) {
    this.shapes = shapes;
    this.stepsCall = stepsCall;
    this.clockJumps = clockJumps;
    this.random = new SeededRandom(seed);
    const byId = (id: string) => this.starts.find((start) => start.id === id);
    this.answers = new Answers(sink, (key) => {
      const start = byId(key.slice(0, key.indexOf(':')));
      return start?.shape.answer?.(start.n);
    });
  }

  async prepare(service: Target): Promise<void> {
    for (const shape of this.shapes) await this.save(service, shape);
    this.answers.service = service;
  }

  /** Whether runs of this DAG are what this load started, or a child of it. */
  owns(dag: string): boolean {
    return [...this.dags.values()].includes(dag);
  }

  get acknowledged(): readonly Start[] {
    return this.starts.filter(({ id }) => id !== undefined);
  }

  get answerFaults(): readonly string[] {
    return this.answers.faults;
  }

  /** Runs that were acknowledged and have not called all that they call. A look that costs nothing, not a promise. */
  get inFlight(): number {
    const keys = this.sink.effects.filter(({ answeredAt, failed }) => answeredAt !== undefined && !failed);
    const calls = new Map<string, number>();
    for (const key of new Set(keys.map((effect) => effect.key))) {
      const id = key.slice(0, key.indexOf(':'));
      calls.set(id, (calls.get(id) ?? 0) + 1);
    }
    return this.acknowledged.filter(({ id = '', shape }) => (calls.get(id) ?? 0) < shape.effects.length).length;
  }

  /** Starts runs one after another, with a pause between two of a caller, until the process is gone or `hush` was called; first those whose outcome nobody knows. */
  async call(service: Target, callers: number, pauseMs = 0): Promise<void> {
    this.stopped = false;
    this.answers.service = service;
    const unknown = this.starts.filter(({ id }) => id === undefined);
    await Promise.all(
      Array.from({ length: callers }, async () => {
        while (!this.stopped && service.running) {
          const start = unknown.pop() ?? this.newStart();
          try {
            const isKnown = await this.ask(service, start);
            if (!isKnown) unknown.push(start);
            if (!isKnown || pauseMs > 0) await pause(isKnown ? pauseMs : PAUSE_MS);
          } catch {
            // The process is gone, or the wire broke, and with it the answer: asked again, under the same key.
            unknown.push(start);
            await pause();
          }
        }
      }),
    );
  }

  hush(): void {
    this.stopped = true;
  }

  /** To be called when a process was killed: what it was in the midst of may be done again. */
  died(at: number): void {
    this.deaths.push(at);
  }

  /** A process gave its last sign of life behind `from`, and others were free to go on with what it held before `to`. */
  tookOver(from: number, to: number): void {
    this.takeovers.push({ from, to });
  }

  /** What was in flight then may be called once more: whoever called may not have heard the answer. */
  lostAnswers(from: number, to: number): void {
    this.losses.push({ from, to });
  }

  /** What it was about to send when it was stopped leaves it now, whatever others have done meanwhile. */
  resumed(at: number): void {
    this.resumes.push(at);
  }

  jumped(at: number): void {
    this.jumps.push(at);
  }

  /** Asks again for whatever nobody knows about, then waits for the end of all runs. */
  async settle(service: Target, withinMs?: number): Promise<void> {
    this.answers.service = service;
    for (const start of this.starts)
      for (const endMs = Date.now() + SETTLES_WITHIN_MS; start.id === undefined;) {
        if (await this.ask(service, start)) break;
        if (Date.now() > endMs) throw new Error(`${start.key} is refused for a minute.`);
        await pause();
      }
    await this.ended(service, withinMs);
  }

  /** Waits for the end of all runs. */
  async ended(service: Target, withinMs = SETTLES_WITHIN_MS): Promise<void> {
    this.answers.service = service;
    for (const endMs = Date.now() + withinMs; ;) {
      const { total } = await service.must<{ total: number }>('GET', `/instances?status=${LIVE}&count=true&limit=1`);
      if (total === 0) return;
      if (Date.now() > endMs) throw new Error(`${total} instances have not ended.`);
      await pause();
    }
  }

  /** Everything that is not as it must be. */
  async violations(service: Target): Promise<readonly Violation[]> {
    return violationsIn(this, service);
  }

  async close(): Promise<void> {
    await this.answers.close();
  }

  private async save(service: Target, shape: Shape): Promise<string> {
    const known = this.dags.get(shape);
    if (known !== undefined) return known;
    const child = shape.child ? await this.save(service, shape.child) : '';
    const steps = shape.steps(this.stepsCall, child);
    const { id } = await service.must<{ id: string }>('POST', '/dags', { title: shape.name, steps });
    this.dags.set(shape, id);
    return id;
  }

  /** False when it was refused for now. Throws when nobody knows. */
  private async ask(service: Target, start: Start): Promise<boolean> {
    const { status, text } = await service.call(
      'POST',
      `/dags/${this.dags.get(start.shape)}/run`,
      { data: { n: start.n } },
      { 'idempotency-key': start.key },
    );
    if (status === 202) start.id = (JSON.parse(text) as { id: string }).id;
    else {
      this.refused.set(status, (this.refused.get(status) ?? 0) + 1);
      if (!REFUSED.has(status) && !text.includes(HELD)) this.surprises.push(`${status} to a start: ${text}`);
    }
    return status === 202;
  }

  private newStart(): Start {
    const n = this.starts.length;
    const shape = this.shapes[Math.floor(this.random.fraction() * this.shapes.length)]!;
    const start: Start = { n, shape, key: `start-${n}` };
    this.starts.push(start);
    return start;
  }
}

function pause(ms = PAUSE_MS): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
