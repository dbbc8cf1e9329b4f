/** Why a command that stays leaves before the end. */
export type LeaveReason = NodeJS.Signals | 'timeout';

/** Someone wants a command that stays to end, by Ctrl-C or SIGTERM, or its time is up; `forget()` when it has ended. */
export class Leaving {
  private readonly abort = new AbortController();
  private readonly timer: NodeJS.Timeout | undefined;
  private cause: LeaveReason | undefined;
  private readonly leave = (cause: LeaveReason): void => {
    this.cause ??= cause;
    this.abort.abort();
  };

  constructor(timeoutMs?: number) {
    this.timer = timeoutMs === undefined ? undefined : setTimeout(this.leave, timeoutMs, 'timeout');
    process.on('SIGINT', this.leave).on('SIGTERM', this.leave);
  }

  get signal(): AbortSignal {
    return this.abort.signal;
  }

  get why(): LeaveReason | undefined {
    return this.cause;
  }

  forget(): void {
    clearTimeout(this.timer);
    process.off('SIGINT', this.leave).off('SIGTERM', this.leave);
  }
}
