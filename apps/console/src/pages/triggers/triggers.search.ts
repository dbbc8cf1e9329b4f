import { CALENDAR_VIEWS, dayOf, type CalendarView } from './calendar/calendar-days';

export const TRIGGERS_TABS = ['calendar', 'all', 'firings', 'dead'] as const;
export type TriggersTab = (typeof TRIGGERS_TABS)[number];

export const LETTER_KINDS = ['firing', 'callback'] as const;
export type LetterKind = (typeof LETTER_KINDS)[number];

/** What the address of the triggers holds: its tab, and what is looked at in it. */
export interface TriggersSearch {
  readonly tab?: TriggersTab;
  /** Whose history, or whose dead letters. */
  readonly trigger?: string;
  /** Of the calendar: a day that it shows, how much around it, and the hour that is open. */
  readonly day?: string;
  readonly view?: CalendarView;
  readonly hour?: string;
  /** Of dead letters: of one kind, and the one that is open. */
  readonly kind?: LetterKind;
  readonly letter?: string;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
const oneOf = <T extends string>(words: readonly T[], value: unknown): T | undefined =>
  words.find((word) => word === value);

export const triggersSearch = (search: Record<string, unknown>): TriggersSearch => {
  const [day, hour] = [text(search['day']), text(search['hour'])];
  return {
    tab: oneOf(TRIGGERS_TABS, search['tab']),
    trigger: text(search['trigger']),
    day: day !== undefined && dayOf(day) ? day : undefined,
    view: oneOf(CALENDAR_VIEWS, search['view']),
    hour: hour !== undefined && !Number.isNaN(Date.parse(hour)) ? hour : undefined,
    kind: oneOf(LETTER_KINDS, search['kind']),
    letter: text(search['letter']),
  };
};
