import { AUDIT_OUTCOMES, parsePlace, type AuditFilter, type AuditOutcome, type ChainPlace } from '@flow/audit';
import { Doc, Optional, PageQuery } from '@flow/http';
import { RequestInvalid } from '@flow/kernel';
import { IsIn, IsInt, IsString, Length, Max, Min } from 'class-validator';
import { timeFrom } from '../instances/instances.dto';

export class AuditListQuery extends PageQuery {
  @Doc('Whose commands: a principal.', 'alice')
  @Optional()
  @IsString()
  @Length(1, 255)
  actor?: string;

  @Doc('Commands of this kind.', 'token.revoke')
  @Optional()
  @IsString()
  @Length(1, 64)
  action?: string;

  @Doc('Commands about the object of this id or name.')
  @Optional()
  @IsString()
  @Length(1, 255)
  object?: string;

  @Optional()
  @IsIn(AUDIT_OUTCOMES)
  outcome?: AuditOutcome;

  @Doc('RFC 3339: commands from this moment on.')
  @Optional()
  @IsString()
  @Length(1, 40)
  from?: string;

  @Doc('RFC 3339: commands before this moment.')
  @Optional()
  @IsString()
  @Length(1, 40)
  to?: string;
}

export class AuditExportQuery {
  @Doc('JSON Lines: one record a line.')
  @IsIn(['jsonl'])
  format: string = 'jsonl';

  @Doc('Records behind this sequence.')
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  after: number = 0;
}

export class AuditVerifyQuery {
  @Doc('A head that was noted elsewhere, as `sequence:hash`: what it names has to stand still.')
  @Optional()
  @IsString()
  @Length(1, 80)
  head?: string;

  @Doc('`next` of the answer before.')
  @Optional()
  @IsString()
  @Length(1, 80)
  after?: string;
}

/** @throws RequestInvalid for a time that is none. */
export function auditFilterOf({ actor, action, object, outcome, from, to }: AuditListQuery): AuditFilter {
  return {
    ...(actor !== undefined && { principal: actor }),
    ...(action !== undefined && { action }),
    ...(object !== undefined && { objectId: object }),
    ...(outcome !== undefined && { outcome }),
    ...(from !== undefined && { from: new Date(timeFrom('from', from)) }),
    ...(to !== undefined && { to: new Date(timeFrom('to', to)) }),
  };
}

/** @throws RequestInvalid */
export function auditQuestionOf({ head, after }: AuditVerifyQuery) {
  return {
    ...(head !== undefined && { noted: placeFrom('head', head) }),
    ...(after !== undefined && { after: placeFrom('after', after) }),
  };
}

function placeFrom(name: string, text: string): ChainPlace {
  const place = parsePlace(text);
  if (place) return place;
  const message = `${name} is a sequence and a hash, as in 42:mN3...: what the head, or an earlier answer, has said.`;
  throw new RequestInvalid([{ pointer: `/${name}`, code: 'field.invalid', message }]);
}
