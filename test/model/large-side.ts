import { evaluate, type Evaluation, type Plan, type RunEvent, type RunState } from '@flow/engine';
import { AppError, LargeValue, LargeValueClosed, isJsonObject, type Json, type JsonObject } from '@flow/kernel';

/** Puts a large value in the place of everything that comes into a run and is no number, as if the least of it were too large to be held. */
export class LargeSide {
  private readonly contents = new Map<string, Json>();

  /** How many expressions had to wait for what they look into. */
  evaluations = 0;

  arriving(event: RunEvent): RunEvent {
    switch (event.type) {
      case 'started':
        return { ...event, trigger: this.entries(event.trigger) };
      case 'succeeded':
        return { ...event, output: this.away(event.output) };
      case 'answered':
        return { ...event, body: this.away(event.body) };
      case 'childEnded':
        return { ...event, result: this.away(event.result) };
      default:
        return event;
    }
  }

  entries(object: JsonObject): JsonObject {
    return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, this.away(value)]));
  }

  /** What the runner does: reads what is asked for, and tells the run what came of it. */
  evaluated(plan: Plan, run: RunState, of: Evaluation, at: number): RunEvent {
    this.evaluations += 1;
    try {
      const values = this.opened(() => evaluate(plan, run, of));
      const kept = of.kind === 'collect' ? values.map((value) => this.away(value)) : values;
      return { type: 'evaluated', of, at, values: kept };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { type: 'evaluated', of, at, error: { code: error.code, message: error.message, retryable: false } };
    }
  }

  /** Does the work with everything opened that it looks into. */
  opened<T>(work: () => T): T {
    const contents = new Map<LargeValue, Json>();
    for (;;) {
      try {
        return LargeValue.withContents(contents, work);
      } catch (error) {
        if (!(error instanceof LargeValueClosed) || !error.value || contents.has(error.value)) throw error;
        contents.set(error.value, this.contents.get(error.value.stored.sha256) ?? null);
      }
    }
  }

  private away(value: Json): Json {
    if (!Array.isArray(value) && !isJsonObject(value) && typeof value !== 'string') return value;
    if (value instanceof LargeValue) return value;
    const sha256 = String(this.contents.size).padStart(64, '0');
    this.contents.set(sha256, value);
    const form = typeof value === 'string' ? 'text' : 'json';
    return new LargeValue({ sha256, bytes: 1_000_000, form }) as unknown as Json;
  }
}
