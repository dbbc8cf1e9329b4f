import { LOCK_FILE, checkFolder, type FolderCheck } from '@flow/adapters/embedded';
import { FolderLock } from '@flow/adapters/sqlite';
import { HttpClient, SystemRandom } from '@flow/platform';
import { KEY_FILE, keyFileFault, openSecretBox } from '@flow/secrets';
import { SettingsInvalid, type SettingLine, type Settings } from '@flow/settings';
import { existsSync, realpathSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { DATABASES } from './databases';
import { fault, ok, warning, type Finding } from './finding';
import type { Cli } from './installation';
import { settingsOf } from './local.settings';
import { countText } from './layout';
import { processWithFile } from './processes.linux';

export function checkNode(oldest: string, version = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = oldest.split('.').map(Number);
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)
    ? ok('node', `${version}; ${oldest} or newer is needed.`)
    : fault('node', `${version} is too old.`, `Install Node ${oldest} or newer.`);
}

/** What the other checks go on with is there even when some settings are wrong. */
export function checkSettings(cli: Cli): { findings: Finding[]; settings: Partial<Settings> } {
  const about = 'settings';
  const advice =
    'Correct it in .env.local or in the environment; `flowctl settings` shows where each value comes from.';
  try {
    const { settings, lines } = settingsOf(cli);
    return {
      settings,
      findings: [ok(about, countText(lines.length, 'setting') + sourcesOf(lines)), ...risks(settings)],
    };
  } catch (error) {
    if (!(error instanceof SettingsInvalid)) throw error;
    const { settings } = error.readable;
    return {
      settings,
      findings: [...error.faults.map(({ message }) => fault(about, message, advice)), ...risks(settings)],
    };
  }
}

function sourcesOf(lines: readonly SettingLine[]): string {
  const given = lines.filter(({ source }) => source === '.env.local' || source === 'environment');
  if (given.length === 0) return '; none is set in .env.local or the environment.';
  return `; set here: ${given.map(({ name }) => name).join(', ')}.`;
}

/** What each setting's own reader cannot see. */
function risks({ apiServerHost, outboundAllow, apiServerPort, apiServerPrivatePort }: Partial<Settings>): Finding[] {
  const found: Finding[] = [];
  if (apiServerHost !== undefined && !isLoopback(apiServerHost))
    found.push(
      warning(
        'settings',
        `API_SERVER_HOST=${apiServerHost} opens both servers to the network, without encryption.`,
        'Put a proxy with TLS before it, or listen on 127.0.0.1.',
      ),
    );
  if (apiServerPort !== undefined && apiServerPort !== 0 && apiServerPort === apiServerPrivatePort)
    found.push(
      fault('settings', `Both servers have the port ${apiServerPort}.`, 'Set API_SERVER_PRIVATE_PORT to another one.'),
    );
  if (outboundAllow) {
    try {
      new HttpClient({ allow: outboundAllow });
    } catch (error) {
      found.push(fault('settings', `OUTBOUND_ALLOW: ${messageOf(error)}`, 'Correct it; a start refuses it.'));
    }
  }
  return found;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** The folder, its databases, its lock and its keys. */
export function checkData(
  dataDir: string,
  { secretsKey }: Partial<Settings>,
): { findings: Finding[]; isServed: boolean } {
  const lock = join(dataDir, LOCK_FILE);
  const isServed = FolderLock.isHeld(lock);
  const isNew = !DATABASES.some(({ file }) => existsSync(join(dataDir, file)));
  const checks = checkFolder(dataDir, DATABASES, { ownKeys: Boolean(secretsKey) });
  const findings = checks.map((check) => {
    if (check.about !== 'lock') return isNew ? asNew(check) : withAdvice(check);
    const holder = isServed ? processWithFile(realpathSync(lock)) : undefined;
    return ok('lock', check.message + (holder ? ` It is process ${holder.pid}: ${holder.command}.` : ''));
  });
  return { isServed, findings: [...findings, ...checkKeys(dataDir, secretsKey ?? undefined)] };
}

/** Whether the keys can be read as keys; nothing is made. */
function checkKeys(dataDir: string, setting: string | undefined): Finding[] {
  const file = join(dataDir, KEY_FILE);
  if (!setting && (!existsSync(file) || keyFileFault(file))) return [];
  try {
    openSecretBox(dataDir, setting, new SystemRandom());
    return [];
  } catch (error) {
    return [
      fault(
        setting ? 'SECRETS_KEY' : KEY_FILE,
        messageOf(error),
        'Put back the key that was used before, from a backup.',
      ),
    ];
  }
}

function adviceFor({ about, state, message }: FolderCheck): string {
  switch (about) {
    case 'folder':
      return 'Make this user its owner (chown), with the right to read and write (chmod u+rwx).';
    case 'space':
      return 'Free some space, or move the folder to a larger disk and set DATA_DIR.';
    case KEY_FILE:
      return state === 'fault'
        ? 'Until then the service does not start.'
        : 'If secrets were stored, put it back from a backup before the next start.';
    default:
      return message.includes('newer version')
        ? 'Start that version, or move the folder away and `flowctl restore` a backup that this version made.'
        : 'Stop the service, move the folder away, and `flowctl restore` the newest backup.';
  }
}

function withAdvice(check: FolderCheck): Finding {
  const { about, state, message } = check;
  return state === 'ok' ? ok(about, message) : { about, state, message, advice: adviceFor(check) };
}

/** What the first start will make is nothing to warn of. */
function asNew(check: FolderCheck): Finding {
  return check.state === 'warning' && check.about !== 'space' ? ok(check.about, check.message) : withAdvice(check);
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
