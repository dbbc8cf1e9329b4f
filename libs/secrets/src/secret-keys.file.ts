import {
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Random } from '@flow/kernel';
import { KEY_BYTES, SecretBox, parseKeys } from './secret-box';
import { SecretKeysInvalid } from './secret.errors';

export const KEY_FILE = 'secrets.key';

/** What is wrong with who may read the key file; undefined when nothing is. Windows has no such modes. */
export function keyFileFault(file: string): string | undefined {
  const mode = statSync(file).mode & 0o777;
  if (process.platform === 'win32' || (mode & 0o077) === 0) return undefined;
  return `${file} can be read by others (mode ${mode.toString(8).padStart(4, '0')}). Run: chmod 600 ${file}`;
}

/**
 * The box for this installation's secrets: with the keys of the setting SECRETS_KEY, else with those of `secrets.key` in the data
 * folder, which is made when it is missing. Throws SecretKeysInvalid, also when others can read the file.
 */
export function openSecretBox(dataDir: string, setting: string | undefined, random: Random): SecretBox {
  if (setting) return new SecretBox(parseKeys(setting, 'SECRETS_KEY'), random);
  const file = join(dataDir, KEY_FILE);
  if (!existsSync(file)) makeKeyFile(file, random);
  const fault = keyFileFault(file);
  if (fault) throw new SecretKeysInvalid(fault);
  return new SecretBox(parseKeys(readFileSync(file, 'utf8'), file), random);
}

/** The file appears whole or not at all. */
function makeKeyFile(file: string, random: Random): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const unfinished = `${file}.new`;
  rmSync(unfinished, { force: true });
  const key = Buffer.from(random.bytes(KEY_BYTES)).toString('base64');
  const handle = openSync(unfinished, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    writeSync(
      handle,
      `# Encrypts the secrets of this folder. Without it they are lost: back it up, show it to nobody.\n${key}\n`,
    );
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(unfinished, file);
  syncFolder(dirname(file));
}

function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  fsyncSync(handle);
  closeSync(handle);
}
