import { RequestInvalid, durationMs, type Fault } from '@flow/kernel';
import type { CronExpression } from './cron-expression';
import { LONGEST_CRON, parseCron, splitZone } from './cron-expression';
import { parseExclusion, type Exclusion } from './schedule-exclusion';
import { ScheduleZone, nearZones } from './schedule-zone';

/** What becomes of fire times that passed while nobody was there: none of them is made up for, the latest, or all. */
export const MISSED_POLICIES = ['none', 'latest', 'all'] as const;
export type MissedPolicy = (typeof MISSED_POLICIES)[number];

/** Of a fixed time that comes twice when clocks are set back: the first one counts, or both. */
export const REPEATED_HOURS = ['first', 'both'] as const;
export type RepeatedHour = (typeof REPEATED_HOURS)[number];

/** The fields of a schedule as they are sent and kept (docs/schedules.md). */
export interface ScheduleConfig {
  readonly cron: string;
  readonly timezone?: string;
  readonly repeatedHour?: RepeatedHour;
  readonly exclude?: readonly string[];
  readonly startAt?: string;
  readonly endAt?: string;
  readonly jitter?: string;
  readonly missed?: { readonly policy?: MissedPolicy; readonly window?: string };
}
export const SCHEDULE_FIELDS = [
  'cron',
  'timezone',
  'repeatedHour',
  'exclude',
  'startAt',
  'endAt',
  'jitter',
  'missed',
] as const satisfies readonly (keyof ScheduleConfig)[];

/** A schedule that is ready to be asked (schedule-times.ts); times are in seconds since 1970. */
export interface Schedule {
  readonly cron: CronExpression;
  readonly zone: ScheduleZone;
  readonly repeatedHour: RepeatedHour;
  readonly exclusions: readonly Exclusion[];
  /** Fire times are not before `start` and before `end`. */
  readonly start: number;
  readonly end: number;
  /** `@every` counts from here. */
  readonly anchor: number;
  readonly jitterMs: number;
  readonly missed: { readonly policy: MissedPolicy; readonly windowMs: number };
}

/** The range of fire times: from 1970 to the end of 2199. */
export const EARLIEST = 0;
export const LATEST = Date.UTC(2200, 0) / 1000;
export const MOST_EXCLUSIONS = 100;
export const LONGEST_JITTER_MS = 86_400_000;

/** A schedule whose fields are wrong: every fault at once. */
export class ScheduleInvalid extends RequestInvalid {
  constructor(faults: readonly Fault[]) {
    super(faults, 'schedule.invalid');
  }
}

/** The schedule of a config; `createdAt` is the trigger's and never changes, so that every process counts `@every` alike. */
export function scheduleOf(config: ScheduleConfig, createdAt: Date): Schedule {
  const read = readSchedule({ ...config }, createdAt);
  if (Array.isArray(read)) throw new ScheduleInvalid(read);
  return read as Schedule;
}

/** Reads what was sent in the place of a config, fields of others left alone. Whether it ever fires is another question (`fireFaults`). */
export function readSchedule(sent: Readonly<Record<string, unknown>>, createdAt: Date): Schedule | readonly Fault[] {
  const faults: Fault[] = [];
  const wrong = (pointer: string, code: string, message: string) => void faults.push({ pointer, code, message });
  const given = typeof sent.cron === 'string' ? splitZone(sent.cron.slice(0, LONGEST_CRON * 2)) : undefined;
  if (!given) wrong('/cron', 'field.invalid', '"cron" must be a text like "30 2 * * *".');
  const cron = given ? parseCron(given.cron) : [];
  if (isFaults(cron)) for (const { code, message } of cron) wrong('/cron', code, message);
  const zone = zoneOf(sent.timezone, given?.zone, wrong);
  const repeatedHour = oneOf(REPEATED_HOURS, sent.repeatedHour ?? 'first');
  if (!repeatedHour) wrong('/repeatedHour', 'field.invalid', '"repeatedHour" must be "first" or "both".');
  const [start, end] = [instantOf('startAt', sent.startAt, wrong), instantOf('endAt', sent.endAt, wrong)];
  if (start !== undefined && end !== undefined && end <= start)
    wrong('/endAt', 'schedule.never_fires', 'It never fires: "endAt" must be later than "startAt".');
  const jitterMs = durationOf('/jitter', sent.jitter, LONGEST_JITTER_MS, wrong);
  const exclusions = exclusionsOf(sent.exclude, wrong);
  const missed = missedOf(sent.missed, wrong);
  if (faults.length > 0 || isFaults(cron) || !zone || !repeatedHour) return faults;
  return {
    cron,
    zone,
    repeatedHour,
    exclusions,
    start: Math.ceil(start ?? EARLIEST),
    end: Math.ceil(end ?? LATEST),
    anchor: Math.floor(start ?? createdAt.getTime() / 1000),
    jitterMs: jitterMs ?? 0,
    missed,
  };
}

type Wrong = (pointer: string, code: string, message: string) => void;

function isFaults<T extends object>(read: CronExpression | readonly T[]): read is readonly T[] {
  return Array.isArray(read);
}

function oneOf<T extends string>(words: readonly T[], value: unknown): T | undefined {
  return words.find((word) => word === value);
}

function zoneOf(field: unknown, prefix: string | undefined, wrong: Wrong): ScheduleZone | undefined {
  if (field !== undefined && field !== null && typeof field !== 'string') {
    wrong('/timezone', 'field.invalid', '"timezone" must be the IANA name of a time zone, like "Europe/Berlin".');
    return undefined;
  }
  if (prefix !== undefined && typeof field === 'string' && prefix !== field) {
    wrong(
      '/timezone',
      'schedule.timezone_twice',
      `The cron expression says ${prefix} and "timezone" ${field}: leave one out.`,
    );
    return undefined;
  }
  const name = prefix ?? field ?? 'UTC';
  const zone = ScheduleZone.named(name);
  if (zone) return zone;
  const near = nearZones(name);
  const hint =
    near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'Write an IANA name like "Europe/Berlin", or "UTC".';
  const pointer = prefix === undefined ? '/timezone' : '/cron';
  wrong(pointer, 'schedule.timezone_unknown', `There is no time zone "${name.slice(0, 64)}". ${hint}`);
  return undefined;
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

function instantOf(field: string, value: unknown, wrong: Wrong): number | undefined {
  if (value === undefined || value === null) return undefined;
  const second = typeof value === 'string' && INSTANT.test(value) ? Date.parse(value) / 1000 : NaN;
  if (second >= EARLIEST && second <= LATEST) return second;
  wrong(`/${field}`, 'field.invalid', `"${field}" must be a time like "2026-12-01T00:00:00Z", from 1970 to 2199.`);
  return undefined;
}

function durationOf(pointer: string, value: unknown, mostMs: number, wrong: Wrong): number | undefined {
  if (value === undefined || value === null) return undefined;
  const ms = typeof value === 'string' ? durationMs(value) : undefined;
  if (ms !== undefined && ms >= 0 && ms <= mostMs) return ms;
  const most = mostMs === Infinity ? '' : `, at most PT${mostMs / 3_600_000}H`;
  wrong(pointer, 'field.invalid', `"${pointer.slice(1)}" must be an ISO 8601 duration like "PT5M"${most}.`);
  return undefined;
}

function exclusionsOf(sent: unknown, wrong: Wrong): readonly Exclusion[] {
  if (sent === undefined || sent === null) return [];
  if (!Array.isArray(sent) || sent.length > MOST_EXCLUSIONS) {
    wrong(
      '/exclude',
      'field.invalid',
      `"exclude" must be a list of at most ${MOST_EXCLUSIONS} dates and cron expressions.`,
    );
    return [];
  }
  return sent.flatMap((item: unknown, i) => {
    const read = typeof item === 'string' ? parseExclusion(item.trim()) : 'It must be a text.';
    if (typeof read !== 'string') return [read];
    wrong(`/exclude/${i}`, 'schedule.exclude_invalid', read);
    return [];
  });
}

function missedOf(sent: unknown, wrong: Wrong): Schedule['missed'] {
  const missed = (sent ?? {}) as Readonly<Record<string, unknown>>;
  const policy = typeof missed === 'object' ? oneOf(MISSED_POLICIES, missed.policy ?? 'latest') : undefined;
  if (!policy)
    wrong('/missed/policy', 'field.invalid', '"missed" must be {"policy": "none", "latest" or "all", "window"?}.');
  const windowMs = durationOf('/missed/window', missed.window, Infinity, wrong);
  return { policy: policy ?? 'latest', windowMs: windowMs ?? Infinity };
}
