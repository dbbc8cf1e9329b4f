import { createHash } from 'node:crypto';
import { closeSync, copyFileSync, fsyncSync, openSync, readSync, writeFileSync } from 'node:fs';

const PIECE = 1024 * 1024;

/** SHA-256 of a file, read piece by piece, and its length. */
export function digestOf(file: string): { sha256: string; bytes: number } {
  const hash = createHash('sha256');
  const piece = Buffer.allocUnsafe(PIECE);
  const handle = openSync(file, 'r');
  let bytes = 0;
  try {
    for (;;) {
      const read = readSync(handle, piece, 0, PIECE, null);
      if (read === 0) return { sha256: hash.digest('hex'), bytes };
      hash.update(piece.subarray(0, read));
      bytes += read;
    }
  } finally {
    closeSync(handle);
  }
}

/** A file or a folder's list of names, on the disk when it returns. */
export function sync(path: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** A copy that only its owner can read, on the disk when it returns. It must not stand yet. */
export function copyPrivately(from: string, to: string): void {
  writeFileSync(to, '', { mode: 0o600, flag: 'wx' });
  copyFileSync(from, to);
  sync(to);
}
