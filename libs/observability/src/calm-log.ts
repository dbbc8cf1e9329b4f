import { AppError, type Clock } from '@flow/kernel';

/** What is told of each kind of trouble at most once in so long. */
export const CALM_MS = 60_000;

type Level = 'debug' | 'info' | 'warn' | 'error';

/** What this needs of a log; pino's loggers fit. */
export interface Lines extends Record<Level, (facts: object, message: string) => void> {
  isLevelEnabled(level: 'debug'): boolean;
}

/**
 * A log for a process whose stores may be away. While one is, everything that wanted it fails, again and again: of each kind of that trouble one
 * line a minute is written, without a stack, with how many there were; `onUnavailable` hears of each. All else passes as it comes.
 */
export class CalmLog implements Lines {
  private readonly told = new Map<string, { atMs: number; since: number }>();

  constructor(
    private readonly lines: Lines,
    private readonly clock: Pick<Clock, 'monotonicMs'>,
    private readonly onUnavailable: (error: AppError) => void,
  ) {}

  isLevelEnabled(level: 'debug'): boolean {
    return this.lines.isLevelEnabled(level);
  }

  debug(facts: object, message: string): void {
    this.lines.debug(facts, message);
  }

  info(facts: object, message: string): void {
    this.lines.info(facts, message);
  }

  warn(facts: object, message: string): void {
    this.write('warn', facts, message);
  }

  error(facts: object, message: string): void {
    this.write('error', facts, message);
  }

  private write(level: 'warn' | 'error', facts: object, message: string): void {
    const { err, ...others } = facts as { readonly err?: unknown };
    if (!isUnavailable(err)) {
      this.lines[level](facts, message);
      return;
    }
    this.onUnavailable(err);
    const key = `${message} ${err.code}`;
    const nowMs = this.clock.monotonicMs();
    const known = this.told.get(key);
    if (known && nowMs - known.atMs < CALM_MS) {
      known.since += 1;
      return;
    }
    this.told.set(key, { atMs: nowMs, since: 0 });
    this.lines.warn(
      { ...others, code: err.code, detail: err.message, ...(known?.since && { more: known.since }) },
      message,
    );
  }
}

function isUnavailable(error: unknown): error is AppError {
  return error instanceof AppError && (error.kind === 'unavailable' || error.kind === 'storage_full');
}
