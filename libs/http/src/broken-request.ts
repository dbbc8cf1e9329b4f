import type { Socket } from 'node:net';
import { RequestMalformed, RequestTooSlow } from './http.errors';
import { PROBLEM_TYPE, toProblem } from './problem';

/** What HTTP says of some of them. */
const BROKEN: Readonly<Partial<Record<string, readonly [status: number, title: string]>>> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout'],
};

/** The answer to bytes that are no HTTP, or came too slowly: there is no request to speak of yet. */
export function brokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const isSlow = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  // Browsers open connections before they need them: what stands on one that asked for nothing would be taken for the answer to what it asks first.
  if (isSlow && socket.bytesRead === 0) {
    socket.destroy();
    return;
  }
  const { body } = toProblem(isSlow ? new RequestTooSlow() : new RequestMalformed(), '-', '');
  const [status, title] = BROKEN[error.code ?? ''] ?? [body.status, body.title];
  const text = JSON.stringify({ ...body, status, title });
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\ncontent-type: ${PROBLEM_TYPE}\r\ncontent-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n${text}`,
  );
}
