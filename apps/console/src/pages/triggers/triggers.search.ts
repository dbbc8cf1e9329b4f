export const TRIGGERS_TABS = ['next', 'firings', 'dead'] as const;
export type TriggersTab = (typeof TRIGGERS_TABS)[number];

/** What the address of the triggers holds: its tab, and the trigger whose history is looked at. */
export interface TriggersSearch {
  readonly tab?: TriggersTab;
  readonly trigger?: string;
}

export const triggersSearch = (search: Record<string, unknown>): TriggersSearch => ({
  tab: TRIGGERS_TABS.find((tab) => tab === search['tab']),
  trigger: typeof search['trigger'] === 'string' ? search['trigger'] : undefined,
});
