import {
  closeSync,
  createWriteStream,
  existsSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { durationMs } from '@flow/kernel';
import { ArchiveLines } from './archive.lines';
import { CommandFailed, EXIT, Interrupted, UsageWrong } from './command.errors';
import type { ServiceOptions } from './connection';
import { findDag } from './dag.lookup';
import type { Cli } from './installation';
import { countText, sizeText } from './layout';
import { Leaving } from './leaving';
import { Patience } from './patience';
import { ServiceClient } from './service.client';

export interface ArchiveOptions extends ServiceOptions {
  readonly before: string;
  readonly out: string;
  readonly dag?: string;
  readonly purge?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

interface Wanted {
  readonly before: string;
  readonly dagId?: string;
}

/** Ends the name of an archive that is being made. */
const UNFINISHED = '.unfinished';

/**
 * `flowctl archive`: ended runs as lines of JSON in a file that is whole or not there; then, with --purge, the service is told to remove
 * what is in it. A page that was cut off is asked for again.
 */
export async function archiveCommand(cli: Cli, options: ArchiveOptions): Promise<number> {
  const { terminal } = cli;
  const target = resolve(cli.cwd, options.out);
  if (!options.force && existsSync(target))
    throw new CommandFailed(`${target} exists already: name another file, or add --force.`, EXIT.conflict);
  const client = ServiceClient.of(cli, options);
  const before = momentGiven(options.before);
  const dag = options.dag === undefined ? undefined : await findDag(client, options.dag);
  const wanted = { before, ...(dag && { dagId: dag.id }) };
  const leaving = new Leaving();
  const unfinished = target + UNFINISHED;
  try {
    const instances = await collect(cli, client, wanted, unfinished, leaving.signal);
    flush(unfinished);
    renameSync(unfinished, target);
    const bytes = statSync(target).size;
    terminal.tell(
      `Archived ${countText(instances, 'run')} that ended before ${before}: ${sizeText(bytes)} in ${target}.`,
    );
    const purged = options.purge ? await purge(client, wanted) : undefined;
    if (purged !== undefined) terminal.tell(`Removed ${countText(purged, 'run')} from the service.`);
    if (options.json)
      terminal.json({ file: target, bytes, before, instances, ...(purged !== undefined && { purged }) });
    return EXIT.done;
  } catch (error) {
    rmSync(unfinished, { force: true });
    if (leaving.why && leaving.why !== 'timeout' && leaving.signal.aborted)
      throw new Interrupted(leaving.why, 'Interrupted: there is no archive, and nothing was removed.');
    throw error;
  } finally {
    leaving.forget();
  }
}

/** A moment, or how long ago: `2026-01-31T00:00:00Z`, `30d`, `12h`, `P30D`. @throws UsageWrong */
export function momentGiven(given: string, now = new Date()): string {
  const [, days, unit] = /^(\d{1,6})(d|h|m)$/.exec(given) ?? [];
  const ago =
    days === undefined
      ? durationMs(given)
      : durationMs(unit === 'd' ? `P${days}D` : `PT${days}${unit === 'h' ? 'H' : 'M'}`);
  const moment =
    ago === undefined
      ? /^\d{4}-\d{2}-\d{2}/.test(given)
        ? new Date(given)
        : new Date(NaN)
      : new Date(now.getTime() - ago);
  if (!Number.isNaN(moment.getTime())) return moment.toISOString();
  throw new UsageWrong(
    `--before wants a time such as 2026-01-31T00:00:00Z, or an age such as 30d or 12h, not "${given}".`,
  );
}

/** Every page is a member of its own in a compressed file, so that one can be cut off again. */
async function collect(
  cli: Cli,
  client: ServiceClient,
  wanted: Wanted,
  file: string,
  signal: AbortSignal,
): Promise<number> {
  const patience = new Patience({ signal, onAway: () => cli.terminal.tell('The service does not answer; trying on.') });
  closeSync(openSync(file, 'wx', 0o600));
  let instances = 0;
  for (let cursor: string | undefined; ;) {
    const lines = new ArchiveLines();
    const { size } = statSync(file);
    const query = { ...wanted, ...(cursor !== undefined && { cursor }) };
    try {
      const source = lines.watching(client.bytes('GET /archive', { query }, signal));
      const sink = createWriteStream(file, { flags: 'a' });
      await (file.endsWith(`.gz${UNFINISHED}`) ? pipeline(source, createGzip(), sink) : pipeline(source, sink));
      patience.renew();
    } catch (error) {
      truncateSync(file, size);
      await patience.endure(error);
      continue;
    }
    instances += lines.whole;
    if (lines.next === null) return instances;
    cursor = lines.next;
  }
}

async function purge(client: ServiceClient, body: Wanted): Promise<number> {
  let purged = 0;
  for (;;) {
    const answer = await client.ask('POST /archive/purge', { body });
    purged += answer.purged;
    if (answer.done) return purged;
  }
}

/** On the disk before anything is removed elsewhere. */
function flush(file: string): void {
  const handle = openSync(file, 'r+');
  fsyncSync(handle);
  closeSync(handle);
}
