import type { LogEntry } from 'kafkajs';
import type { Clock } from '@flow/kernel';

/** One line of the client's for ours: no stack, and nothing of what was sent. */
export interface KafkaLine {
  readonly message: string;
  /** The same line that was left out since it was last told. */
  readonly repeats: number;
}

const SAME_LINE_MS = 60_000;
const MOST_LINES = 200;

/**
 * What the client says of itself. It says the same again at every try, so each line is told once a minute. What matters comes to us as errors as well:
 * these lines are for whoever looks closer.
 */
export class KafkaLog {
  private readonly said = new Map<string, { readonly at: number; repeats: number }>();

  constructor(
    private readonly clock: Clock,
    private readonly onLine: (line: KafkaLine) => void,
  ) {}

  readonly creator =
    () =>
    ({ namespace, log }: LogEntry): void => {
      const { error } = log as { error?: unknown };
      const message = `${namespace}: ${log.message}${typeof error === 'string' && !log.message.includes(error) ? `: ${error}` : ''}`;
      const now = this.clock.monotonicMs();
      const before = this.said.get(message);
      if (before && now - before.at < SAME_LINE_MS) {
        before.repeats += 1;
        return;
      }
      if (this.said.size >= MOST_LINES) this.said.clear();
      this.said.set(message, { at: now, repeats: 0 });
      this.onLine({ message, repeats: before?.repeats ?? 0 });
    };
}
