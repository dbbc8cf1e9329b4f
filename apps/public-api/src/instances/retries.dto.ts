import { Doc, Optional } from '@flow/http';
import type { RetryFrom, RetryRequest } from '@flow/instances';
import { RequestInvalid, isJsonObject, type Json, type JsonObject } from '@flow/kernel';
import { IsBoolean, IsIn, IsObject } from 'class-validator';

const LONGEST_NAME = 4_096;

export class RetryBody {
  @Doc('Where to go on: "failed", {"stepId": "..."} or {"path": "..."} of a task.', 'failed')
  @Optional()
  from: Json = 'failed';

  @Doc('Another input; the old one when left out.')
  @Optional()
  @IsObject()
  data?: JsonObject;

  @Doc('Outputs by step id or path, taken as given instead of doing those steps.', { fetch: { status: 200 } })
  @Optional()
  @IsObject()
  outputs?: JsonObject;

  @Doc('The version that the instance ran on, or the newest one.')
  @Optional()
  @IsIn(['original', 'latest'])
  version: 'original' | 'latest' = 'original';

  @Doc('Says what would be kept and done again, and starts nothing.')
  @IsBoolean()
  dryRun: boolean = false;
}

export function toRetryRequest({ from, data, outputs, version }: RetryBody): RetryRequest {
  return { from: fromOf(from), version, ...(data && { data }), ...(outputs && { outputs }) };
}

function fromOf(from: Json): RetryFrom {
  if (from === 'failed') return 'failed';
  if (isJsonObject(from) && Object.keys(from).length === 1) {
    const { stepId, path } = from;
    if (isName(stepId)) return { stepId };
    if (isName(path)) return { path };
  }
  const message = 'from is "failed", {"stepId": "..."} or {"path": "..."}.';
  throw new RequestInvalid([{ pointer: '/from', code: 'field.invalid', message }]);
}

function isName(value: Json | undefined): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= LONGEST_NAME;
}
