import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KEY_FILE, SecretKeysInvalid, openSecretBox } from '@flow/secrets';
import { SeededRandom } from '@flow/testing/kernel';

describe('openSecretBox', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'keys-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const place = { tenant: 'a', type: 'secret', id: '1', field: 'value' };

  it('makes a key file that only its owner can read, and finds it again', () => {
    const data = join(folder, 'data');
    const envelope = openSecretBox(data, undefined, new SeededRandom(1)).seal('value', place);
    expect(statSync(join(data, KEY_FILE)).mode & 0o777).toBe(0o600);
    expect(openSecretBox(data, undefined, new SeededRandom(2)).open(envelope, place)).toBe('value');
  });

  it('takes the setting before the file and then makes none', () => {
    const setting = Buffer.alloc(32, 5).toString('base64');
    const envelope = openSecretBox(folder, setting, new SeededRandom()).seal('value', place);
    expect(existsSync(join(folder, KEY_FILE))).toBe(false);
    expect(openSecretBox(folder, setting, new SeededRandom()).open(envelope, place)).toBe('value');
  });

  it.each(['640', '604', '660'])('refuses a key file that others can use (mode %s)', (mode) => {
    openSecretBox(folder, undefined, new SeededRandom());
    chmodSync(join(folder, KEY_FILE), parseInt(mode, 8));
    expect(() => openSecretBox(folder, undefined, new SeededRandom())).toThrow(/can be read by others.*chmod 600/);
  });

  it('refuses a broken key file and leaves it as it is', () => {
    const file = join(folder, KEY_FILE);
    writeFileSync(file, 'nonsense', { mode: 0o600 });
    expect(() => openSecretBox(folder, undefined, new SeededRandom())).toThrow(SecretKeysInvalid);
    expect(readFileSync(file, 'utf8')).toBe('nonsense');
  });

  it('is not stopped by what a crash left of making the file', () => {
    writeFileSync(join(folder, `${KEY_FILE}.new`), 'half', { mode: 0o600 });
    openSecretBox(folder, undefined, new SeededRandom());
    expect(existsSync(join(folder, `${KEY_FILE}.new`))).toBe(false);
  });
});
