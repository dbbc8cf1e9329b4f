import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

/** Linux tells in /proc who has what open, as far as this user may know; elsewhere nobody is found. */
export interface ProcessNamed {
  readonly pid: number;
  readonly command: string;
}

const LISTENS = '0A';
const LONGEST_COMMAND = 60;

/** Who listens on a TCP port. */
export function listenerOn(port: number): ProcessNamed | undefined {
  const sockets = new Set(
    ['tcp', 'tcp6'].flatMap((table) =>
      linesOf(`/proc/net/${table}`).flatMap((line) => {
        const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
        const listens = state === LISTENS && Number.parseInt(local?.split(':')[1] ?? '', 16) === port;
        return listens ? [`socket:[${inode ?? ''}]`] : [];
      }),
    ),
  );
  return sockets.size === 0 ? undefined : processWith((opened) => sockets.has(opened));
}

/** Another process that has the file open. */
export function processWithFile(file: string): ProcessNamed | undefined {
  return processWith((opened) => opened === file);
}

function processWith(isIt: (opened: string) => boolean): ProcessNamed | undefined {
  for (const entry of namesIn('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    for (const handle of namesIn(`/proc/${entry}/fd`)) {
      if (isIt(target(`/proc/${entry}/fd/${handle}`))) return { pid, command: commandOf(entry) };
    }
  }
  return undefined;
}

function commandOf(pid: string): string {
  const command = linesOf(`/proc/${pid}/cmdline`).join(' ').replaceAll('\0', ' ').trim();
  return command.length > LONGEST_COMMAND ? `${command.slice(0, LONGEST_COMMAND)}...` : command;
}

/** A process may end, or belong to somebody else, at any moment of the search. */
function orElse<T>(read: () => T, other: T): T {
  try {
    return read();
  } catch {
    return other;
  }
}

const namesIn = (folder: string): string[] => orElse(() => readdirSync(folder), []);
const linesOf = (file: string): string[] => orElse(() => readFileSync(file, 'utf8').split('\n'), []);
const target = (link: string): string => orElse(() => readlinkSync(link), '');
