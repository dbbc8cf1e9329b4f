export interface Fault {
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
}

/** What the service answered in the place of what was asked for (RFC 9457), or that there was no answer. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';

  constructor(
    /** Of HTTP; 0: no answer came. */
    readonly status: number,
    /** Stable; `network.unreachable` where no answer came. */
    readonly code: string,
    readonly detail: string,
    readonly errors: readonly Fault[] = [],
    readonly requestId?: string,
  ) {
    super(detail);
  }
}

/** A body that is no problem document, as of a proxy before the service, tells by its status alone. */
export function problemOf(status: number, statusText: string, body: unknown): ApiProblem {
  if (typeof body !== 'object' || body === null) return new ApiProblem(status, `http.${status}`, statusText);
  const { code, detail, errors, requestId } = body as Partial<ApiProblem>;
  return new ApiProblem(status, code ?? `http.${status}`, detail ?? statusText, errors ?? [], requestId);
}

export const isStatus = (error: unknown, status: number): error is ApiProblem =>
  error instanceof ApiProblem && error.status === status;

/** What to tell of anything that was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
