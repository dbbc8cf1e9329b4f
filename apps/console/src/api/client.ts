import { requestOf, type AnswerOf, type InputOf, type Operation } from '@flow/client';
import { businessDomain } from './business-domain';
import { ApiProblem, problemOf } from './problem';

export const API = '/api/automation/v1';

export interface Sending {
  readonly signal?: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Request extends Sending {
  /** Sent as JSON; with a `Content-Type` of its own as it is. */
  readonly body?: unknown;
}

/**
 * One request to the service that this page is from, signed in by the cookie. The header says that a page of the console sends it, which
 * no other site can. Gives what is a success, throws ApiProblem for all else.
 */
export async function request(
  method: string,
  path: string,
  { body, headers, signal }: Request = {},
): Promise<Response> {
  const domain = businessDomain();
  const isRaw = headers?.['Content-Type'] !== undefined;
  const response = await fetch(`${API}${path}`, {
    method,
    credentials: 'same-origin',
    headers: {
      Accept: 'application/json',
      'X-Flow-Console': '1',
      ...(domain !== undefined && { 'X-Business-Domain': domain }),
      ...(body !== undefined && !isRaw && { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: isRaw ? (body as BodyInit) : JSON.stringify(body) }),
    ...(signal !== undefined && { signal }),
  }).catch((error: unknown) => {
    if (signal?.aborted === true) throw error;
    throw new ApiProblem(0, 'network.unreachable', 'The service cannot be reached.');
  });
  if (response.ok) return response;
  throw problemOf(response.status, response.statusText, await jsonOf(response).catch(() => undefined));
}

/** An operation of the public API by its name: `call('GET /dags/{id}', { path: { id } })`. */
export async function call<O extends Operation>(
  operation: O,
  input: InputOf<O>,
  sending: Sending = {},
): Promise<AnswerOf<O>> {
  return await jsonOf(await send(operation, input, sending));
}

/** The same with the answer as it came, for its headers or for what is no JSON. */
export function send<O extends Operation>(operation: O, input: InputOf<O>, sending: Sending = {}): Promise<Response> {
  const { method, path } = requestOf(operation, input);
  return request(method, path, { ...sending, body: (input as { readonly body?: unknown }).body });
}

async function jsonOf(response: Response): Promise<unknown> {
  const text = await response.text();
  return text === '' ? undefined : JSON.parse(text);
}
