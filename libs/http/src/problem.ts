import { AppError, type ErrorKind, type Fault } from '@flow/kernel';
import {
  BodyTooLarge,
  ContentTypeUnsupported,
  InternalError,
  MethodNotAllowed,
  RequestMalformed,
  RouteNotFound,
} from './http.errors';

export const PROBLEM_TYPE = 'application/problem+json';

export const STATUS_OF: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  stale: 412,
  too_large: 413,
  unsupported: 415,
  unprocessable: 422,
  limited: 429,
  internal: 500,
  unavailable: 503,
  storage_full: 507,
};

const TITLE_OF: Readonly<Record<ErrorKind, string>> = {
  invalid: 'Bad Request',
  unauthenticated: 'Unauthorized',
  forbidden: 'Forbidden',
  not_found: 'Not Found',
  method_not_allowed: 'Method Not Allowed',
  conflict: 'Conflict',
  stale: 'Precondition Failed',
  too_large: 'Content Too Large',
  unsupported: 'Unsupported Media Type',
  unprocessable: 'Unprocessable Content',
  limited: 'Too Many Requests',
  internal: 'Internal Server Error',
  unavailable: 'Service Unavailable',
  storage_full: 'Insufficient Storage',
};

/** RFC 9457, with a stable code, the request's id and every fault. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly instance: string;
  readonly requestId: string;
  readonly errors?: readonly Fault[];
}

export interface ProblemAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Problem;
}

const DEFAULT_RETRY_MS = 1_000;

/** The answer to an error; `instance` is the path that was asked for, without its query. */
export function toProblem(error: AppError, requestId: string, instance: string): ProblemAnswer {
  const status = STATUS_OF[error.kind];
  const headers: Record<string, string> = {};
  if (error.kind === 'unauthenticated') headers['www-authenticate'] = 'Bearer';
  if (error instanceof MethodNotAllowed) headers.allow = error.allowed.join(', ');
  const mayRetry = error.kind === 'limited' || error.kind === 'unavailable';
  const retryAfterMs = error.retryAfterMs ?? (mayRetry ? DEFAULT_RETRY_MS : undefined);
  if (retryAfterMs !== undefined) headers['retry-after'] = String(Math.max(1, Math.ceil(retryAfterMs / 1000)));
  return {
    status,
    headers,
    body: {
      type: `urn:flow-automation:problem:${error.code}`,
      title: TITLE_OF[error.kind],
      status,
      code: error.code,
      detail: error.message,
      instance,
      requestId,
      ...(error.faults.length > 0 && { errors: error.faults }),
    },
  };
}

/** Whatever was thrown, as an error that may be shown: AppErrors as they are, what HTTP forbids by its name, and all else as a bug. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const { code, statusCode, status } = (thrown ?? {}) as { code?: unknown; statusCode?: unknown; status?: unknown };
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new BodyTooLarge();
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return new ContentTypeUnsupported(['application/json']);
  const answered = Number(statusCode ?? status);
  if (answered === 404) return new RouteNotFound();
  return answered >= 400 && answered < 500 ? new RequestMalformed() : new InternalError(thrown);
}
