import { AppError, type ErrorKind } from '@flow/kernel';

/**
 * Why a guarded call came to nothing. Messages name the host only: paths and queries may hold secrets, and what a
 * name resolves to inside our network is nobody's business.
 */
export abstract class OutboundError extends AppError {
  /** Whether the same call may succeed later. */
  abstract readonly retryable: boolean;
}

/** The target, or an address that its name resolves to, is not one that this service may call. */
export class OutboundBlocked extends OutboundError {
  readonly kind: ErrorKind = 'unprocessable';
  readonly code = 'outbound.blocked';
  readonly retryable = false;
  constructor(host: string) {
    super(`Calls to ${host} are not allowed from here; an administrator can allow the host with OUTBOUND_ALLOW.`, {
      host,
    });
  }
}

/** The request itself cannot be sent: its URL, method or a header is not one that this client takes. */
export class OutboundInvalid extends OutboundError {
  readonly kind: ErrorKind = 'invalid';
  readonly code = 'outbound.invalid';
  readonly retryable = false;
}

/** No answer came: the name is unknown, the connection was refused or broke, or the certificate is not trusted. */
export class OutboundFailed extends OutboundError {
  readonly kind: ErrorKind = 'unavailable';
  readonly code = 'outbound.failed';
  constructor(
    message: string,
    readonly retryable: boolean,
    options?: ErrorOptions,
  ) {
    super(message, {}, options);
  }
}

export class OutboundTimeout extends OutboundError {
  readonly kind: ErrorKind = 'unavailable';
  readonly code = 'outbound.timeout';
  readonly retryable = true;
  constructor(host: string, timeoutMs: number) {
    super(`${host} did not answer within ${timeoutMs} ms.`, { host, timeoutMs });
  }
}

/** The caller's signal fired before the answer was there. */
export class OutboundAborted extends OutboundError {
  readonly kind: ErrorKind = 'unavailable';
  readonly code = 'outbound.aborted';
  readonly retryable = true;
  constructor(host: string) {
    super(`The call to ${host} was given up.`, { host });
  }
}

/** The answer, as sent or as decompressed, is larger than the caller takes. */
export class OutboundTooLarge extends OutboundError {
  readonly kind: ErrorKind = 'unprocessable';
  readonly code = 'outbound.too_large';
  readonly retryable = false;
  constructor(host: string, limitBytes: number) {
    super(`The answer of ${host} is larger than ${limitBytes} bytes.`, { host, limitBytes });
  }
}

/** More redirects than the caller follows, or one that cannot be followed safely. */
export class OutboundRedirectRefused extends OutboundError {
  readonly kind: ErrorKind = 'unprocessable';
  readonly code = 'outbound.redirect_refused';
  readonly retryable = false;
}

/** The allow-list holds an entry that is no host, host:port, address or CIDR. */
export class OutboundAllowInvalid extends AppError {
  readonly kind: ErrorKind = 'invalid';
  readonly code = 'outbound.allow_invalid';
  constructor(entry: string) {
    super(
      `"${entry}" in OUTBOUND_ALLOW is no host (api.example.com, *.example.com), host:port, address (10.0.0.7, [::1]:9000) or CIDR (10.0.0.0/8).`,
    );
  }
}
