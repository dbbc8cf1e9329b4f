import { ON_FULL, type OnFull } from '@flow/dags';
import type { JsonObject } from '@flow/kernel';
import { MISSED_POLICIES, REPEATED_HOURS, scheduleOf, type Schedule, type ScheduleConfig } from '../schedule';
import { scheduleFaults } from '../schedule-faults';
import { nextAfter } from '../schedule-times';
import type { Trigger } from '../trigger';
import { closed, type KindRules } from './kind';

const text = { type: 'string' } as const;

export const cron: KindRules = {
  config: closed(
    {
      cron: { ...text, description: '5, 6 (seconds first) or 7 (a year last) fields, @daily and the like, @every 90s' },
      timezone: { ...text, description: 'IANA name; UTC when absent' },
      repeatedHour: { enum: [...REPEATED_HOURS] },
      exclude: {
        type: 'array',
        maxItems: 100,
        items: text,
        description: 'Dates, ranges of dates, or cron expressions',
      },
      startAt: text,
      endAt: text,
      jitter: { ...text, description: 'ISO 8601: each time is up to so much later, the same from every process' },
      missed: closed({ policy: { enum: [...MISSED_POLICIES] }, window: text }),
      overlap: { enum: ['allow', ...ON_FULL], description: 'What happens when the run of the last time still goes on' },
      pauseOnFailure: {
        type: 'integer',
        minimum: 1,
        maximum: 100,
        description: 'Disabled after so many failed runs in a row',
      },
    },
    ['cron'],
  ),
  faults: (config, about) => scheduleFaults(config, about),
  nextFireAt: (trigger, after) => nextAfter(scheduleOfTrigger(trigger), after) ?? null,
  concurrency: ({ overlap }: JsonObject) =>
    overlap === undefined || overlap === 'allow' ? undefined : { max: 1, onFull: overlap as OnFull },
};

export function scheduleOfTrigger({ config, createdAt }: Pick<Trigger, 'config' | 'createdAt'>): Schedule {
  return scheduleOf(config as unknown as ScheduleConfig, createdAt);
}

/** How many failed runs in a row disable it; undefined for one that goes on whatever comes. */
export function pauseOnFailureOf({ config }: Pick<Trigger, 'config'>): number | undefined {
  return typeof config.pauseOnFailure === 'number' ? config.pauseOnFailure : undefined;
}
