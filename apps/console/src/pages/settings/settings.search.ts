export const SETTINGS_TABS = ['tokens', 'secrets', 'variables'] as const;
export type SettingsTab = (typeof SETTINGS_TABS)[number];

export interface SettingsSearch {
  readonly tab?: SettingsTab;
}

export const settingsSearch = (search: Record<string, unknown>): SettingsSearch => ({
  tab: SETTINGS_TABS.find((tab) => tab === search['tab']),
});
