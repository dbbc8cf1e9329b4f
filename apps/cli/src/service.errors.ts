import type { Fault } from '@flow/kernel';
import { CommandFailed, EXIT } from './command.errors';

/** What the service refused, in its words. */
export class ServiceRefused extends CommandFailed {
  constructor(
    readonly status: number,
    /** Stable: docs/errors.md lists all. */
    readonly code: string,
    detail: string,
    readonly faults: readonly Fault[],
    readonly requestId?: string,
    retryAfter?: string | null,
  ) {
    super(detail, exitCodeOf(status), adviceFor(status, retryAfter, requestId));
  }
}

/** Nobody answered, or not in time, or somebody else did. */
export class ServiceAway extends CommandFailed {
  constructor(message: string, exitCode: number = EXIT.away) {
    super(message, exitCode);
  }
}

function exitCodeOf(status: number): number {
  if (status === 401 || status === 403) return EXIT.refused;
  if (status === 404) return EXIT.notFound;
  if (status === 409 || status === 412) return EXIT.conflict;
  if (status === 429 || status === 503) return EXIT.away;
  return status < 500 ? EXIT.usage : EXIT.failed;
}

function adviceFor(status: number, retryAfter?: string | null, requestId?: string): string | undefined {
  if (status === 401)
    return 'Log in with a token that is valid: flowctl login. (FLOW_TOKEN, when set, is taken first.)';
  if (status === 403)
    return '`flowctl whoami` shows what the token may do; one who may do more can make another with POST /me/tokens.';
  if (status === 429 || status === 503) return retryAfter ? `Try again in ${retryAfter} s.` : 'Try again in a moment.';
  if (status >= 500) return `The service's log tells more about the request ${requestId ?? ''}`.trimEnd() + '.';
  return undefined;
}
