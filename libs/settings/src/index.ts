export { SETTINGS, SETTING_NAMES, type SettingName, type Settings } from './settings';
export {
  SettingsInvalid,
  loadSettings,
  type LoadedSettings,
  type SettingLine,
  type SettingSource,
} from './settings.loader';
