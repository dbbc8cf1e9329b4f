export const INSTANCE_TABS = ['graph', 'timeline', 'events', 'data'] as const;
export type InstanceTab = (typeof INSTANCE_TABS)[number];

/** What the address of an instance holds: its tab, and the task whose drawer is open. */
export interface InstanceSearch {
  readonly tab?: InstanceTab;
  readonly task?: string;
}

export const instanceSearch = (search: Record<string, unknown>): InstanceSearch => ({
  tab: INSTANCE_TABS.find((tab) => tab === search['tab']),
  task: typeof search['task'] === 'string' ? search['task'] : undefined,
});
