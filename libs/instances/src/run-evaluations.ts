import { AppError, LargeValue, LargeValueClosed, type Clock, type Json } from '@flow/kernel';
import { evaluate, keyOfEvaluation, type Evaluation, type RunEvent, type SecretText } from '@flow/engine';
import { persistently } from '@flow/platform';
import type { HeldRun } from './held-run';
import type { LargeValues } from './large-values';
import type { RunBytes } from './run-bytes';

/** What was read last is kept for this long: a loop over a list asks for it piece by piece. */
const KEPT_MS = 5_000;

/**
 * Works out what expressions ask of large values: reads those, opens them for as long as the expression runs, and tells the run what it came
 * to. One evaluation at a time in a process, so that what it has in memory is bounded.
 */
export class RunEvaluations {
  private last: Promise<void> = Promise.resolve();
  /** What was read, by instance and hash; of one instance at a time. */
  private read = new Map<string, Json>();
  private forget: () => void = () => undefined;

  constructor(
    private readonly large: LargeValues,
    private readonly bytes: RunBytes,
    private readonly clock: Clock,
    private readonly news: (held: HeldRun, event: RunEvent) => void,
    private readonly isHeld: (held: HeldRun) => boolean,
    private readonly onBug: (error: unknown) => void,
  ) {}

  begin(held: HeldRun, of: Evaluation): void {
    const work = async () => {
      const event = await this.outcome(held, of);
      if (event) this.news(held, event);
    };
    this.last = this.last.then(work).catch((error: unknown) => this.onBug(error));
  }

  /** Lets go of what was read. */
  stop(): void {
    this.forget();
    this.read.clear();
  }

  /** undefined when nobody waits for it any more. */
  private async outcome(held: HeldRun, of: Evaluation): Promise<RunEvent | undefined> {
    try {
      const values = await persistently(this.clock, () => this.values(held, of));
      const tooLarge = values && this.bytes.faultOf(held.run);
      if (tooLarge !== undefined) return this.failed(of, { code: 'instance.too_large', message: tooLarge });
      return values && { type: 'evaluated', of, at: this.nowMs(), values };
    } catch (error) {
      if (error instanceof AppError) return this.failed(of, error);
      this.onBug(error);
      return this.failed(of, { code: 'engine.broken', message: 'What the expression looks into could not be read.' });
    }
  }

  private failed(of: Evaluation, { code, message }: { readonly code: string; readonly message: string }): RunEvent {
    return { type: 'evaluated', of, at: this.nowMs(), error: { code, message, retryable: false } };
  }

  private async values(held: HeldRun, of: Evaluation): Promise<readonly Json[] | undefined> {
    const { run } = held;
    const contents = new Map<LargeValue, Json>();
    for (;;) {
      if (!this.isHeld(held) || !run.state.evaluating.has(keyOfEvaluation(of))) return undefined;
      try {
        const values = LargeValue.withContents(contents, () => evaluate(run.plan, run.state, of));
        return await this.kept(held, of, values);
      } catch (error) {
        if (!(error instanceof LargeValueClosed) || !error.value || contents.has(error.value)) throw error;
        contents.set(error.value, await this.contentOf(held, error.value, contents));
      }
    }
  }

  private async contentOf({ run }: HeldRun, value: LargeValue, opened: ReadonlyMap<LargeValue, Json>): Promise<Json> {
    const { id, creation } = run;
    const key = `${id} ${value.stored.sha256}`;
    this.forget();
    this.forget = this.clock.after(KEPT_MS, () => this.read.clear());
    const known = this.read.get(key);
    if (known !== undefined) return known;
    // One that is not of this evaluation has had its time.
    if (opened.size === 0) this.read.clear();
    const together = [...opened.keys(), value];
    const content = await this.large.read({ domain: creation.domain, owner: id }, value, together);
    this.read.set(key, content);
    return content;
  }

  /** What of the values is large is put away, for good, before anybody hears of it. */
  private async kept({ run }: HeldRun, of: Evaluation, values: readonly Json[]): Promise<readonly Json[]> {
    if (of.kind === 'when' || of.kind === 'while') return values;
    const place = { domain: run.creation.domain, owner: run.id };
    const step = of.kind === 'begin' ? run.plan.steps[run.state.tasks.get(of.path)?.step ?? -1] : undefined;
    const kept: Json[] = [];
    for (const [i, value] of values.entries()) {
      const isRecord = of.kind === 'outputs' || (of.kind === 'begin' && (i === 0 || step?.kind === 'subflow'));
      const held = of.kind === 'begin' && i === 0 ? keysWithSecrets(values[1]) : [];
      if (of.kind === 'begin' && i === 1) kept.push(value);
      else
        kept.push(isRecord ? await this.large.fitEntries(place, value, held) : await this.large.fit(place, value, []));
    }
    // Parameters of calls are counted with the calls, and of a list that is gone over only some elements are held at a time.
    const isCounted = (i: number) =>
      step?.kind !== 'action' && of.kind !== 'items' && (step?.kind !== 'loop' || i === 0);
    for (const [i, value] of kept.entries()) if (isCounted(i)) this.bytes.grow(run, value);
    return kept;
  }

  private nowMs(): number {
    return this.clock.now().getTime();
  }
}

/** Parameters into which secrets are filled in later: they stay where they are. */
function keysWithSecrets(secrets: Json | undefined): readonly string[] {
  return ((secrets ?? []) as unknown as readonly SecretText[]).map(({ pointer }) =>
    (pointer.split('/')[1] ?? '').replaceAll('~1', '/').replaceAll('~0', '~'),
  );
}
