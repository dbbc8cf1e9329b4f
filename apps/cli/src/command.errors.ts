/** What a shell is told; docs/flowctl.md has the table. */
export const EXIT = {
  done: 0,
  /** The run failed, a file has faults, a check found something. */
  failed: 1,
  /** The command line, or what was sent with it, cannot be meant. */
  usage: 2,
  /** Nobody answers, or the service takes no work just now. */
  away: 3,
  /** Not this token (401), or not with its permissions (403). */
  refused: 4,
  notFound: 5,
  /** Not in the state that things are in (409, 412). */
  conflict: 6,
  /** It did not come about in the time that was given. */
  timeout: 7,
} as const;

/** An expected fault: its message is all that a person is shown, and the advice behind it. */
export class CommandFailed extends Error {
  constructor(
    message: string,
    readonly exitCode: number = EXIT.failed,
    /** What to do about it. */
    readonly advice?: string,
  ) {
    super(message);
    this.name = new.target.name;
  }
}

/** The command line asks for something that cannot be meant. */
export class UsageWrong extends CommandFailed {
  constructor(message: string) {
    super(message, EXIT.usage);
  }
}

const SIGNAL_NUMBERS: Readonly<Partial<Record<NodeJS.Signals, number>>> = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

/** Someone ended the command; the message says what is left. The exit code is 128 and the signal's number, as shells have it. */
export class Interrupted extends CommandFailed {
  constructor(
    readonly signal: NodeJS.Signals,
    message: string,
  ) {
    super(message, 128 + (SIGNAL_NUMBERS[signal] ?? 0));
  }
}
