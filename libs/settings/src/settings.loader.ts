import { AppError, type Fault } from '@flow/kernel';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { SETTINGS, SETTING_NAMES, isSettingName, propertyOf, type SettingName, type Settings } from './settings';

/** Where a value came from. A later one of this list wins. */
export type SettingSource = 'default' | '.env' | '.env.local' | 'environment';

/** One line of `flowctl settings`: a secret's value is masked. */
export interface SettingLine {
  readonly name: SettingName;
  readonly value: string;
  readonly source: SettingSource;
  readonly help: string;
}

export interface LoadedSettings {
  readonly settings: Settings;
  readonly lines: readonly SettingLine[];
}

/** All that is wrong with the settings, at once. `pointer` is the name of the setting. */
export class SettingsInvalid extends AppError {
  readonly kind = 'invalid';
  readonly code = 'settings.invalid';
  override readonly faults: readonly Fault[];
  constructor(
    faults: readonly Fault[],
    /** What could be read all the same, for those who look for faults: every line, and the values that are right. */
    readonly readable: { readonly lines: readonly SettingLine[]; readonly settings: Partial<Settings> },
  ) {
    super(['The settings are not valid:', ...faults.map(({ message }) => `  - ${message}`)].join('\n'));
    this.faults = faults;
  }
}

const FILES = ['.env', '.env.local'] as const;

/**
 * Reads the settings once: `.env`, over it `.env.local` (either may be missing), over both the environment. A name in the files that is no
 * setting is a fault, for it would be a typing mistake that nothing else finds; the environment may hold anything.
 * @throws SettingsInvalid
 */
export function loadSettings(
  from: { folder?: string; environment?: Readonly<Record<string, string | undefined>> } = {},
): LoadedSettings {
  const folder = from.folder ?? process.cwd();
  const environment = from.environment ?? process.env;
  const faults: Fault[] = [];
  const given = new Map<SettingName, { text: string; source: SettingSource }>();

  for (const name of SETTING_NAMES) given.set(name, { text: SETTINGS[name].fallback, source: 'default' });
  for (const file of FILES) {
    for (const [name, text] of Object.entries(readEnvFile(join(folder, file)))) {
      if (isSettingName(name)) given.set(name, { text: text ?? '', source: file });
      else faults.push({ pointer: name, code: 'setting.unknown', message: `${name} in ${file} is no setting.` });
    }
  }
  for (const name of SETTING_NAMES) {
    const text = environment[name];
    if (text !== undefined) given.set(name, { text, source: 'environment' });
  }

  const values: Record<string, unknown> = {};
  const lines: SettingLine[] = [];
  for (const [name, { text, source }] of given) {
    const { read, secret, help } = SETTINGS[name];
    const outcome = read(text.trim());
    if ('value' in outcome) values[propertyOf(name)] = outcome.value;
    else {
      const shown = secret ? 'its value' : `"${text.slice(0, 100)}"`;
      const where = source === 'environment' ? 'the environment' : source;
      faults.push({
        pointer: name,
        code: 'setting.invalid',
        message: `${name} ${outcome.fault} (${shown} in ${where}).`,
      });
    }
    lines.push({ name, value: secret && text !== '' ? '********' : text, source, help });
  }
  if (faults.length > 0) throw new SettingsInvalid(faults, { lines, settings: values });
  return { settings: Object.freeze(values) as unknown as Settings, lines };
}

function readEnvFile(path: string): Record<string, string | undefined> {
  try {
    return parseEnv(readFileSync(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}
