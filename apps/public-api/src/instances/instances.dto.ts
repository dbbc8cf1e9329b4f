import { Doc, Optional, PageQuery } from '@flow/http';
import {
  CancelTargetMissing,
  INSTANCE_STATUSES,
  type CancelRequest,
  type InstanceFilter,
  type InstanceStatus,
} from '@flow/instances';
import { PRIORITIES, RequestInvalid, durationMs, type DagId, type JsonObject, type Priority } from '@flow/kernel';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsObject,
  IsString,
  Length,
  Matches,
} from 'class-validator';

const LONGEST_WAIT_MS = 60_000;
const DURATION = /^P(\d+D)?(T(\d+H)?(\d+M)?(\d+(\.\d{1,3})?S)?)?$/;

export class InstanceListQuery extends PageQuery {
  @Doc('One status, or several between commas.')
  @Optional()
  @IsString()
  @Matches(/^[a-z]+(,[a-z]+)*$/)
  status?: string;

  @Doc('RFC 3339; created at this moment or later.')
  @Optional()
  @IsString()
  @Length(1, 40)
  createdFrom?: string;

  @Doc('RFC 3339; created before this moment.')
  @Optional()
  @IsString()
  @Length(1, 40)
  createdTo?: string;

  @Doc('`key:value`.')
  @Optional()
  @IsString()
  @Matches(/^[^:]{1,128}:.{0,256}$/)
  label?: string;

  @IsIn(['createdAt', '-createdAt'])
  sort: 'createdAt' | '-createdAt' = '-createdAt';
}

/** @throws RequestInvalid for a status or a time that is none. */
export function filterOf(query: InstanceListQuery, dagId?: DagId): InstanceFilter {
  const colon = query.label?.indexOf(':') ?? -1;
  return {
    sort: query.sort,
    ...(dagId !== undefined && { dagId }),
    ...(query.status !== undefined && { status: query.status.split(',').map(statusFrom) }),
    ...(query.createdFrom !== undefined && { createdFrom: timeFrom('createdFrom', query.createdFrom) }),
    ...(query.createdTo !== undefined && { createdTo: timeFrom('createdTo', query.createdTo) }),
    ...(query.label !== undefined && {
      label: { key: query.label.slice(0, colon), value: query.label.slice(colon + 1) },
    }),
  };
}

function statusFrom(text: string): InstanceStatus {
  const status = INSTANCE_STATUSES.find((known) => known === text);
  if (status) return status;
  throw new RequestInvalid([
    {
      pointer: '/status',
      code: 'field.invalid',
      message: `There is no status "${text}"; there are ${INSTANCE_STATUSES.join(', ')}.`,
    },
  ]);
}

/** @throws RequestInvalid */
export function timeFrom(field: string, text: string): string {
  const time = /^\d{4}-\d{2}-\d{2}T/.test(text) ? new Date(text) : new Date(NaN);
  if (!Number.isNaN(time.getTime())) return time.toISOString();
  throw new RequestInvalid([
    {
      pointer: `/${field}`,
      code: 'field.invalid',
      message: `"${text}" is no time as RFC 3339 has it (2026-01-31T08:00:00Z).`,
    },
  ]);
}

export class RunQuery {
  @Doc('Answer when the run has ended, or after this time as it stands then: ISO 8601, at most PT60S.', 'PT30S')
  @Optional()
  @IsString()
  @Matches(DURATION)
  wait?: string;
}

/** Milliseconds. @throws RequestInvalid when it is longer than the longest wait. */
export function waitMsOf({ wait }: RunQuery): number {
  const ms = wait === undefined ? 0 : (durationMs(wait) ?? Infinity);
  if (ms <= LONGEST_WAIT_MS) return ms;
  throw new RequestInvalid([
    { pointer: '/wait', code: 'field.invalid', message: 'wait is an ISO 8601 duration of at most PT60S.' },
  ]);
}

export class RunBody {
  @Doc("What the trigger's fields take.")
  @Optional()
  @IsObject()
  data?: JsonObject;

  @Doc('An older version; the newest when left out.')
  @Optional()
  @IsString()
  @Length(1, 64)
  version?: string;

  @Optional()
  @IsIn(PRIORITIES)
  priority?: Priority;

  @Doc('Text by name; lists of instances filter by them.')
  @Optional()
  @IsObject()
  labels?: Record<string, string>;

  @Doc(
    'Told at the end of the run, however it ends, by a signed POST that is repeated until it is taken.',
    'https://hooks.example.com/flows',
  )
  @Optional()
  @IsString()
  @Length(1, 2_048)
  callbackUrl?: string;
}

const MOST_LABELS = 32;

/** @throws RequestInvalid unless labels are texts. */
export function labelsOf({ labels }: RunBody): Record<string, string> | undefined {
  if (labels === undefined) return undefined;
  const entries = Object.entries(labels as Record<string, unknown>);
  const faults = entries.flatMap(([key, value]) =>
    typeof value === 'string' &&
    value.length <= 256 &&
    key.length >= 1 &&
    key.length <= 128 &&
    !key.includes(':') &&
    !value.includes('\0') &&
    !key.includes('\0')
      ? []
      : [
          {
            pointer: `/labels/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`,
            code: 'field.invalid',
            message: 'A label is a text of at most 256 characters under a name of 1 to 128 without a colon.',
          },
        ],
  );
  if (entries.length > MOST_LABELS)
    faults.push({ pointer: '/labels', code: 'field.too_long', message: `At most ${MOST_LABELS} labels.` });
  if (faults.length > 0) throw new RequestInvalid(faults);
  return labels;
}

export class CancelBody {
  @Optional()
  @IsString()
  @Length(1, 64)
  instanceId?: string;

  @Doc('Every instance of the DAG that has not ended.')
  @Optional()
  @IsBoolean()
  all?: boolean;

  @Optional()
  @IsString()
  @Length(0, 1_000)
  reason?: string;

  @Doc('Run the undo steps of what has succeeded, last success first.')
  @Optional()
  @IsBoolean()
  compensate?: boolean;
}

/** @throws CancelTargetMissing unless exactly one target is named. */
export function targetOf({ instanceId, all }: CancelBody): { readonly instanceId: string } | 'all' {
  if (instanceId !== undefined && all !== true) return { instanceId };
  if (instanceId === undefined && all === true) return 'all';
  throw new CancelTargetMissing();
}

export class CancelInstanceBody {
  @Optional()
  @IsString()
  @Length(0, 1_000)
  reason?: string;

  @Doc('Run the undo steps of what has succeeded, last success first.')
  @Optional()
  @IsBoolean()
  compensate?: boolean;
}

export function cancelRequestOf({
  reason = null,
  compensate,
}: {
  reason?: string | null;
  compensate?: boolean;
}): CancelRequest {
  return { reason, ...(compensate && { compensate }) };
}

export const BATCH_ACTIONS = ['cancel', 'pause', 'resume', 'retry'] as const;
export type BatchAction = (typeof BATCH_ACTIONS)[number];

export class InstanceBatchBody extends CancelInstanceBody {
  @IsIn(BATCH_ACTIONS)
  action!: BatchAction;

  @Doc('Of a retry: the version that the instance ran on, or the newest one.')
  @Optional()
  @IsIn(['original', 'latest'])
  version?: 'original' | 'latest';

  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @IsString({ each: true })
  @Length(1, 64, { each: true })
  ids!: string[];
}
