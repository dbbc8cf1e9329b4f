/** What a shell is told: done, could not be done, wrongly asked. */
export const EXIT = { done: 0, failed: 1, usage: 2 } as const;

/** An expected fault: its message is all that a person is shown. */
export class CommandFailed extends Error {
  constructor(
    message: string,
    readonly exitCode: number = EXIT.failed,
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
