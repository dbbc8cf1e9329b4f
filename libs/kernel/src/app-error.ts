/** What went wrong, in the vocabulary that an edge (HTTP, command line) translates; the kind decides the status, the code names the fact. */
export type ErrorKind =
  | 'invalid' // 400: the request cannot be understood or breaks a rule
  | 'unauthenticated' // 401
  | 'forbidden' // 403
  | 'not_found' // 404
  | 'method_not_allowed' // 405
  | 'conflict' // 409
  | 'stale' // 412: If-Match names an older state
  | 'too_large' // 413
  | 'unsupported' // 415
  | 'unprocessable' // 422
  | 'limited' // 429: try again after `retryAfterMs`
  | 'internal' // 500
  | 'unavailable' // 503: draining, or a store is away
  | 'storage_full'; // 507

/** One fault of a request: where (a JSON pointer into it), which (a stable code), and what to do (a sentence). */
export interface Fault {
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
}

/** The one error type. Subclasses are named facts; anything else that is thrown is a bug and answers 500. */
export abstract class AppError extends Error {
  abstract readonly kind: ErrorKind;
  /** Stable, `noun.fact`; listed in docs/errors.md. */
  abstract readonly code: string;
  /** All faults of the request, when there can be several. */
  readonly faults: readonly Fault[] = [];
  /** When a repeat may succeed (kinds `limited` and `unavailable`). */
  readonly retryAfterMs?: number;

  constructor(
    message: string,
    readonly details: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** A request whose fields are wrong: every fault at once. */
export class RequestInvalid extends AppError {
  readonly kind = 'invalid';
  readonly code: string;
  override readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[], code = 'request.invalid', message?: string) {
    const first = faults[0];
    super(
      message ??
        (first
          ? `${first.message}${faults.length > 1 ? ` (and ${faults.length - 1} more)` : ''}`
          : 'The request is not valid.'),
    );
    this.faults = faults;
    this.code = code;
  }
}
