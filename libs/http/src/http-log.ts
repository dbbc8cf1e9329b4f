/** What this lib needs of a log; pino's loggers fit. */
export interface HttpLog {
  /** Whether lines of this level are written: spares the work for those that are not. */
  isLevelEnabled(level: 'debug'): boolean;
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** One answered request, for metrics. */
export interface AnsweredRequest {
  readonly server: 'public' | 'private';
  readonly method: string;
  /** The route's pattern, not the address: few and known. `unknown` where no route matched. */
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
}
