import { FolderLock } from '@flow/adapters/sqlite';

// Takes the lock that is named on the command line, says how that went, and holds it until its input ends.
const lock = FolderLock.acquire(process.argv[2] ?? '');
process.stdout.write(lock ? 'held\n' : 'refused\n');
if (lock) process.stdin.resume().on('end', () => lock.release());
