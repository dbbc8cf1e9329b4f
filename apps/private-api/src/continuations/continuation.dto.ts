import { Doc, Optional } from '@flow/http';
import type { Continuation } from '@flow/instances';
import { RequestInvalid, type Json } from '@flow/kernel';
import { IsIn, IsObject } from 'class-validator';

const LONGEST = { code: 100, message: 2_000 };

export class ContinuationBody {
  @Doc('What the other side has come to.', 'succeeded')
  @IsIn(['succeeded', 'failed'])
  status!: 'succeeded' | 'failed';

  @Doc("Any JSON: the answer's body, or what came back all the same.")
  @Optional()
  output?: Json;

  @Doc('Of one that failed: why.', { code: 'warehouse.closed', message: 'The warehouse is closed.' })
  @Optional()
  @IsObject()
  error?: { code?: unknown; message?: unknown };
}

/** @throws RequestInvalid */
export function continuationOf({ status, output = null, error }: ContinuationBody): Continuation {
  if (status === 'succeeded') {
    if (error) throw refused('/error', '"error" goes with "status": "failed" alone.');
    return { status, output };
  }
  const { code = 'callback.failed', message } = error ?? {};
  if (typeof message !== 'string' || message === '' || message.length > LONGEST.message)
    throw refused('/error/message', `A failure needs "error": {"message": 1 to ${LONGEST.message} characters}.`);
  if (typeof code !== 'string' || code === '' || code.length > LONGEST.code)
    throw refused('/error/code', `"code" is a text of 1 to ${LONGEST.code} characters, such as noun.fact.`);
  return { status, output, error: { code, message } };
}

function refused(pointer: string, message: string): RequestInvalid {
  return new RequestInvalid([{ pointer, code: 'field.invalid', message }]);
}
