import { loadSettings, type LoadedSettings } from '@flow/settings';
import { resolve } from 'node:path';
import type { Cli } from './installation';

/** As the service reads them when it is started in `home`. @throws SettingsInvalid */
export function settingsOf({ home, environment }: Cli): LoadedSettings {
  return loadSettings({ folder: home, environment });
}

/** The data folder, absolute. @throws SettingsInvalid */
export function dataDirOf(cli: Cli): string {
  return resolve(cli.home, settingsOf(cli).settings.dataDir);
}
