import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto';
import type { Random } from '@flow/kernel';
import { SecretDamaged, SecretKeyMissing, SecretKeysInvalid } from './secret.errors';

export const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const ALGORITHM = 'aes-256-gcm';

/** Where a sealed value belongs; it opens nowhere else. */
export interface SealedFor {
  readonly tenant: string;
  readonly type: string;
  readonly id: string;
  readonly field: string;
}

/**
 * Encrypts with AES-256-GCM under a random nonce of 96 bits. An envelope is text, `v1.<key id>.<nonce>.<ciphertext and tag>`
 * (base64url). Its place, version and key are authenticated, so a copy in another row, tenant or field does not open.
 * The first key encrypts, all of them decrypt: a new key is put in front and the old ones stay until nothing needs them.
 */
export class SecretBox {
  private readonly keys: ReadonlyMap<string, Uint8Array>;
  private readonly newest: string;

  /** Throws SecretKeysInvalid unless there is a key and each has 32 bytes. */
  constructor(
    keys: readonly Uint8Array[],
    private readonly random: Random,
  ) {
    if (keys.length === 0 || keys.some((key) => key.length !== KEY_BYTES))
      throw new SecretKeysInvalid(`Secrets are encrypted with keys of ${KEY_BYTES} bytes; at least one is needed.`);
    this.keys = new Map(keys.map((key) => [keyIdOf(key), key]));
    this.newest = keyIdOf(keys[0] as Uint8Array);
  }

  /** Ids of the keys, newest first. */
  get keyIds(): readonly string[] {
    return [...this.keys.keys()];
  }

  seal(value: string, place: SealedFor): string {
    const nonce = this.random.bytes(NONCE_BYTES);
    const head = `v1.${this.newest}`;
    const cipher = createCipheriv(ALGORITHM, this.keys.get(this.newest) as Uint8Array, nonce);
    cipher.setAAD(authenticated(head, place));
    const sealed = Buffer.concat([cipher.update(value, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `${head}.${Buffer.from(nonce).toString('base64url')}.${sealed.toString('base64url')}`;
  }

  /** Throws SecretKeyMissing, and SecretDamaged for what was changed or stands in another place. */
  open(envelope: string, place: SealedFor): string {
    const [version, keyId, nonceText, sealedText, ...rest] = envelope.split('.');
    if (version !== 'v1' || keyId === undefined || nonceText === undefined || sealedText === undefined || rest.length)
      throw new SecretDamaged();
    const key = this.keys.get(keyId);
    if (!key) throw new SecretKeyMissing(keyId);
    const nonce = Buffer.from(nonceText, 'base64url');
    const sealed = Buffer.from(sealedText, 'base64url');
    if (nonce.length !== NONCE_BYTES || sealed.length < TAG_BYTES) throw new SecretDamaged();
    const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(authenticated(`v1.${keyId}`, place));
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    try {
      return Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]).toString('utf8');
    } catch {
      throw new SecretDamaged();
    }
  }

  /** A key of its own for another purpose, from the newest one (HKDF): another one after a rotation, and no way back to what encrypts. */
  keyFor(purpose: string): Uint8Array {
    return derived(this.keys.get(this.newest) as Uint8Array, purpose);
  }

  /** The same of every key, by its id: for what was made before a rotation. */
  keysFor(purpose: string): ReadonlyMap<string, Uint8Array> {
    return new Map([...this.keys].map(([id, key]) => [id, derived(key, purpose)]));
  }

  /** Whether an envelope was made with one of these keys. */
  knows(envelope: string): boolean {
    return this.keys.has(envelope.split('.')[1] ?? '');
  }

  /** Whether an envelope was made with an older key. */
  isOutdated(envelope: string): boolean {
    return !envelope.startsWith(`v1.${this.newest}.`);
  }
}

/** As a JSON list, so that no two places give the same text. */
function authenticated(head: string, { tenant, type, id, field }: SealedFor): Buffer {
  return Buffer.from(JSON.stringify([head, tenant, type, id, field]), 'utf8');
}

function derived(key: Uint8Array, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, '', `flow key for ${purpose}`, KEY_BYTES));
}

function keyIdOf(key: Uint8Array): string {
  return createHash('sha256').update('flow key id').update(key).digest('hex').slice(0, 12);
}

/**
 * Keys of a setting or a key file: 32 bytes each as Base64 or 64 hexadecimal digits, one a line or separated by commas, newest
 * first; lines that begin with # are comments. Throws SecretKeysInvalid, which never shows a key.
 */
export function parseKeys(text: string, source: string): Uint8Array[] {
  const parts = text
    .replace(/^\s*#.*$/gm, '')
    .split(/[\s,]+/)
    .filter((part) => part !== '');
  const keys = parts.map((part) => {
    const key = /^[0-9a-f]{64}$/i.test(part)
      ? Buffer.from(part, 'hex')
      : /^[A-Za-z0-9+/_-]{43}=?$/.test(part)
        ? Buffer.from(part, 'base64')
        : undefined;
    if (key?.length !== KEY_BYTES)
      throw new SecretKeysInvalid(
        `${source} holds something that is no key: each is 32 random bytes in Base64, as \`openssl rand -base64 32\` makes them.`,
      );
    return key;
  });
  if (keys.length === 0) throw new SecretKeysInvalid(`${source} holds no key.`);
  return keys;
}
