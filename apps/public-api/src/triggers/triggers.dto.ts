import { Doc, Nullable, Optional, PageQuery } from '@flow/http';
import { ON_FULL, type OnFull } from '@flow/dags';
import { RequestInvalid, type JsonObject } from '@flow/kernel';
import {
  FIRING_STATUSES,
  LONGEST_CALENDAR_MS,
  MOST_OF_HOUR,
  MOST_PARALLEL,
  MOST_PREVIEWED,
  TRIGGER_KINDS,
  type BackfillRequest,
  type CalendarRequest,
  type FiringStatus,
  type SentTrigger,
  type TriggerFilter,
  type TriggerKind,
} from '@flow/triggers';
import { IsBoolean, IsIn, IsInt, IsObject, IsString, Length, Matches, Max, Min } from 'class-validator';

export class TriggerBody {
  @Doc('It stays what it is: another kind is another trigger.', 'cron')
  @IsIn([...TRIGGER_KINDS])
  kind!: TriggerKind;

  @Doc('For people.')
  @Optional()
  @IsString()
  @Length(0, 255)
  name?: string;

  @Optional()
  @IsBoolean()
  enabled?: boolean;

  @Doc('What its kind needs; docs/triggers.md has each kind.', { cron: '30 2 * * *', timezone: 'Europe/Berlin' })
  @Optional()
  @IsObject()
  config?: JsonObject;

  @Doc("The start's `data`, with expressions that read `event` and `trigger`; the event's own data when null.", {
    order: '{{event.data.id}}',
  })
  @Nullable()
  @Optional()
  @IsObject()
  input?: JsonObject | null;

  @Doc('An expression; what it is not true of starts nothing.', 'event.data.amount > 100')
  @Nullable()
  @Optional()
  @IsString()
  @Length(1, 4_000)
  filter?: string | null;

  @Doc('A text with expressions; of events with the same value one starts a run.', '{{event.data.id}}')
  @Nullable()
  @Optional()
  @IsString()
  @Length(1, 1_000)
  dedupeKey?: string | null;

  @Doc(
    `How many of its runs go on at once, and what happens to one more: \`{max, onFull}\`, onFull ${ON_FULL.join(', ')}.`,
    {
      max: 1,
      onFull: 'queueOne',
    },
  )
  @Nullable()
  @Optional()
  @IsObject()
  concurrency?: { max: number; onFull: OnFull } | null;
}

export function sentOf(body: TriggerBody): SentTrigger {
  return body;
}

export class TriggerListQuery extends PageQuery {
  @Optional()
  @IsIn([...TRIGGER_KINDS])
  kind?: TriggerKind;

  @Optional()
  @IsBoolean()
  enabled?: boolean;

  @Doc('Schedules by when they fire next, the first ones, in the place of a page.')
  @Optional()
  @IsBoolean()
  upcoming?: boolean;
}

export function filterOf({ kind, enabled }: TriggerListQuery): TriggerFilter {
  return { ...(kind && { kind }), ...(enabled !== undefined && { enabled }) };
}

export class PreviewQuery {
  @Doc('How many times to come.')
  @IsInt()
  @Min(1)
  @Max(MOST_PREVIEWED)
  n: number = 10;
}

export class PreviewBody {
  @Doc('What a trigger of kind `cron` has as its `config`.', { cron: '30 2 * * *', timezone: 'Europe/Berlin' })
  @IsObject()
  config!: JsonObject;

  @Doc('How many times to come.')
  @IsInt()
  @Min(1)
  @Max(MOST_PREVIEWED)
  n: number = 10;
}

export class CalendarQuery {
  @Doc('RFC 3339, whole seconds; hours count from here on.', '2026-11-30T00:00:00Z')
  @IsString()
  @Length(1, 40)
  from!: string;

  @Doc('RFC 3339; at most 8 days later.', '2026-12-07T00:00:00Z')
  @IsString()
  @Length(1, 40)
  to!: string;

  @Doc('Schedules of an hour that are told of by themselves; all of them are counted.')
  @IsInt()
  @Min(1)
  @Max(MOST_OF_HOUR)
  perHour: number = 20;
}

/** @throws RequestInvalid for times that are none, or too far apart */
export function calendarOf({ from, to, perHour }: CalendarQuery): CalendarRequest {
  const asked = { from: timeOf('from', from), to: timeOf('to', to), perHour };
  const lengthMs = asked.to.getTime() - asked.from.getTime();
  if (lengthMs > 0 && lengthMs <= LONGEST_CALENDAR_MS) return asked;
  const message = '"to" must be later than "from", by 8 days at most: ask for the next days by themselves.';
  throw new RequestInvalid([{ pointer: '/to', code: 'field.invalid', message }]);
}

export class FiringListQuery extends PageQuery {
  @Doc(`One status, or several between commas: ${FIRING_STATUSES.join(', ')}.`)
  @Optional()
  @IsString()
  @Matches(/^[a-z]+(,[a-z]+)*$/)
  status?: string;

  @Doc('A backfill or a batch.')
  @Optional()
  @IsString()
  @Length(1, 64)
  group?: string;
}

/** @throws RequestInvalid for a status that is none */
export function firingFilterOf({ status, group }: FiringListQuery) {
  const statuses = status?.split(',').map((text): FiringStatus => {
    const known = FIRING_STATUSES.find((one) => one === text);
    if (known) return known;
    const message = `There is no status "${text}"; there are ${FIRING_STATUSES.join(', ')}.`;
    throw new RequestInvalid([{ pointer: '/status', code: 'field.invalid', message }]);
  });
  return { ...(statuses && { statuses }), ...(group !== undefined && { groupId: group }) };
}

export class FireBody {
  @Doc("The event's `data`, which has to fit the form of the trigger; of a schedule `{scheduledAt}` when absent.")
  @Optional()
  @IsObject()
  data?: JsonObject;

  @Doc('The name of a saved input, in the place of `data`.')
  @Optional()
  @IsString()
  @Length(1, 100)
  input?: string;
}

export class SavedInputBody {
  @Doc('Letters, digits, blanks and _.- in any language, the first one a letter or a digit.', 'A small order')
  @IsString()
  @Matches(/^[\p{L}\p{N}][\p{L}\p{N} _.-]{0,99}$/u)
  name!: string;

  @Doc('It has to fit the form of the trigger.')
  @IsObject()
  data!: JsonObject;
}

export class BackfillBody {
  @Doc('RFC 3339; fire times from here on.', '2026-11-01T00:00:00Z')
  @IsString()
  @Length(1, 40)
  from!: string;

  @Doc('RFC 3339; fire times before this.', '2026-11-08T00:00:00Z')
  @IsString()
  @Length(1, 40)
  to!: string;

  @Doc('Shows the times and starts nothing.')
  @IsBoolean()
  dryRun: boolean = false;

  @Doc('Of its runs, so many at once.')
  @IsInt()
  @Min(1)
  @Max(MOST_PARALLEL)
  maxParallel: number = 1;
}

/** @throws RequestInvalid for times that are none */
export function backfillOf({ from, to, dryRun, maxParallel }: BackfillBody): BackfillRequest {
  return { from: timeOf('from', from), to: timeOf('to', to), dryRun, maxParallel };
}

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

function timeOf(name: string, text: string): Date {
  const at = new Date(TIME.test(text) ? text : NaN);
  if (!Number.isNaN(at.getTime())) return at;
  const message = `"${name}" must be a time like "2026-12-01T00:00:00Z".`;
  throw new RequestInvalid([{ pointer: `/${name}`, code: 'field.invalid', message }]);
}
