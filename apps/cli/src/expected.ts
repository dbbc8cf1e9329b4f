import { isDiskFull } from '@flow/adapters/sqlite';
import { AppError } from '@flow/kernel';
import { CommandFailed } from './command.errors';

const FILE_SYSTEM: Readonly<Record<string, string>> = {
  EACCES: 'this user may not do that',
  EPERM: 'this user may not do that',
  EROFS: 'the disk is read-only',
  ENOENT: 'it does not exist',
  ENOTDIR: 'a part of the path is no folder',
  EEXIST: 'it exists already',
  EMFILE: 'this process has too many files open',
  EIO: 'the disk failed',
};

/** What to tell a person of an error that can happen to anybody; undefined when it is a fault of this program. */
export function expectedMessage(error: unknown): string | undefined {
  if (isDiskFull(error)) return 'The disk is full.';
  if (!(error instanceof Error)) return undefined;
  if (error instanceof AppError || error instanceof CommandFailed || error.name === 'SchemaTooNew')
    return error.message;
  const { code, path } = error as NodeJS.ErrnoException;
  const why = FILE_SYSTEM[code ?? ''];
  if (why !== undefined) return `${path ?? 'A file'}: ${why} (${code ?? ''}).`;
  return 'errcode' in error ? `SQLite: ${error.message}.` : undefined;
}
