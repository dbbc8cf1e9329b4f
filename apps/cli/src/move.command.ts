import { DOCUMENTS_FILE, FolderMoveSource } from '@flow/adapters/embedded';
import { ENTITIES, RELATIONAL_FILE, RelationalMoveSource, SqlAuditJournal, SqliteRelational } from '@flow/adapters/sql';
import { loadBuiltins } from '@flow/builtins';
import { LogTakeover, PlanCache } from '@flow/instances';
import { AppError, IdGenerator } from '@flow/kernel';
import { Mover, isSame, type MoveSource, type PartVerdict } from '@flow/moving';
import { OperatorCatalogue } from '@flow/operators';
import { HttpClient, SystemClock, SystemRandom, agreeOnInstallation } from '@flow/platform';
import { join, resolve } from 'node:path';
import { CommandFailed, EXIT, Interrupted } from './command.errors';
import type { Cli } from './installation';
import { columns, countText, timeText } from './layout';
import { Leaving } from './leaving';
import { settingsOf } from './local.settings';
import { demandKey, demandReadable } from './move.keys';
import { MoveProgress, faultOf, verdictTable } from './move.progress';
import { MoveServers, type OpenedServers, type Standing } from './move.target';
import type { Output } from './program.parts';

/** More than a process lets wait. */
const MOST_IN_A_JOURNAL = 100_000;
const GOES_ON = 'Type the same command again: it goes on where it was.';

export interface MoveOptions extends Output {
  readonly dryRun?: boolean;
}

/**
 * `flowctl migrate --from embedded --to production`: copies a data folder that nobody serves into the servers of the settings, and compares
 * both. The folder stays as it is, but for what its own log has beyond its rows.
 */
export async function moveCommand(cli: Cli, options: MoveOptions): Promise<number> {
  const { settings } = settingsOf(cli);
  const dataDir = resolve(cli.home, settings.dataDir);
  const servers = MoveServers.of(settings, cli.home);
  const box = demandKey(dataDir, settings.secretsKey);
  const folder = FolderMoveSource.open(dataDir, {
    changes: !options.dryRun,
    uploads: () => RelationalMoveSource.uploadsOf(dataDir),
  });
  try {
    const standing = await servers.look(dataDir, folder.state());
    if (options.dryRun) return await tellCounts(cli, options, dataDir, folder, standing);
    if (typeof standing === 'object') return tellMoved(cli, options, dataDir, standing.movedAt);
    const relational = SqliteRelational.open(dataDir, ENTITIES);
    try {
      const sources = { documents: folder, relational: new RelationalMoveSource(relational) };
      await demandReadable(box, sources.documents, sources.relational);
      const leaving = new Leaving();
      cli.terminal.tell(`Moving ${dataDir} ${standing === 'begun' ? 'on ' : ''}...`);
      await bringIntoRows(folder);
      await bringJournal(folder, relational);
      const opened = await servers.open(folder.blobs());
      try {
        await opened.belongTo(await installationOf(folder, relational, dataDir));
        if (standing === 'empty') await opened.notes.begin(folder.state());
        return await move({ cli, options, dataDir, sources, opened, leaving });
      } finally {
        leaving.forget();
        await opened.close();
      }
    } finally {
      await relational.close();
    }
  } finally {
    folder.close();
  }
}

/** One of before there were any gets its own here. @throws StoresMixed */
function installationOf(folder: FolderMoveSource, relational: SqliteRelational, dataDir: string): Promise<string> {
  const names = { documents: join(dataDir, DOCUMENTS_FILE), relational: join(dataDir, RELATIONAL_FILE) };
  const ids = new IdGenerator(new SystemClock(), new SystemRandom());
  const stores = { documents: folder.installation(), relational: relational.installation(), names };
  return agreeOnInstallation(stores, () => ids.next());
}

/** What a worker that was killed has in its log alone: sealed and put into rows, as the next start would. */
async function bringIntoRows(folder: FolderMoveSource): Promise<void> {
  const { dags, instances, log } = folder.stores();
  const http = new HttpClient({});
  const plans = new PlanCache(dags, new OperatorCatalogue(loadBuiltins({ http })));
  const takeover = new LogTakeover(log, instances, plans, undefined);
  try {
    for (const { id } of await log.unclosed()) await takeover.finish(id);
  } finally {
    await http.close();
  }
}

/** Commands that have no audit record yet, where servers keep them; whoever starts there makes their records. They stay in the folder too. */
async function bringJournal(folder: FolderMoveSource, relational: SqliteRelational): Promise<void> {
  const left = await folder.journal().abandoned('', new SystemClock().now(), MOST_IN_A_JOURNAL);
  const journal = new SqlAuditJournal(relational);
  await journal.remove(left.map(({ command }) => command.id));
  if (left.length > 0) await journal.add(left);
}

interface Move {
  readonly cli: Cli;
  readonly options: MoveOptions;
  readonly dataDir: string;
  readonly sources: { readonly documents: MoveSource; readonly relational: MoveSource };
  readonly opened: OpenedServers;
  readonly leaving: Leaving;
}

async function move({ cli, options, dataDir, sources, opened, leaving }: Move): Promise<number> {
  const { terminal } = cli;
  const startedAt = performance.now();
  const progress = new MoveProgress(terminal, await countsOf([sources.documents, sources.relational]));
  const routes = [
    { source: sources.documents, target: opened.documents },
    { source: sources.relational, target: opened.relational },
  ];
  const events = { onProgress: progress.note, isOver: () => leaving.signal.aborted };
  const mover = new Mover(routes, opened.notes, events);
  let verdicts: readonly PartVerdict[] | undefined;
  try {
    verdicts = (await mover.copy()) ? await mover.verify() : undefined;
  } catch (error) {
    throw toldApart(error);
  } finally {
    terminal.erase();
  }
  if (!verdicts)
    throw new Interrupted(leaving.why as NodeJS.Signals, `Interrupted: what was copied stays there. ${GOES_ON}`);
  if (await opened.serves())
    throw new CommandFailed(
      'A process of the service was started on these databases while they were filled: stop it, drop both databases (MONGODB_URL, MARIADB_URL), make them anew and type the command again. The folder is as it was.',
    );
  const faults = verdicts.filter((verdict) => !isSame(verdict)).map(faultOf);
  if (faults.length === 0) await opened.notes.finish();
  const tookMs = performance.now() - startedAt;
  if (options.json) terminal.json({ dataDir, moved: faults.length === 0, tookMs: Math.round(tookMs), parts: verdicts });
  else for (const line of verdictTable(verdicts)) terminal.say(line);
  if (faults.length > 0)
    throw new CommandFailed(
      `What is in the servers is not what is in the folder, and the service does not start there:\n${faults.join('\n')}`,
      EXIT.failed,
      'Drop both databases (MONGODB_URL, MARIADB_URL), make them anew and type the command again. The folder is as it was.',
    );
  if (!options.json) tellEnd(cli, dataDir, verdicts, tookMs);
  return EXIT.done;
}

async function countsOf(sources: readonly MoveSource[]): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const source of sources) for (const part of source.parts) counts.set(part, await source.count(part));
  return counts;
}

/** What the service or the driver says of a server, with what to do: everything that is durable stays. */
function toldApart(error: unknown): unknown {
  if (error instanceof AppError) return new CommandFailed(error.message, EXIT.away, GOES_ON);
  const isDriver = error instanceof Error && error.name.startsWith('Mongo');
  return isDriver
    ? new CommandFailed(`MongoDB (MONGODB_URL) refuses it: ${error.message}.`, EXIT.failed, GOES_ON)
    : error;
}

function tellEnd({ terminal }: Cli, dataDir: string, verdicts: readonly PartVerdict[], tookMs: number): void {
  const instances = verdicts.find(({ part }) => part === 'instances')?.inSource ?? 0;
  terminal.say(`Moved in ${timeText(tookMs)}: ${countText(instances, 'instance')}, all as in ${dataDir}.`);
  terminal.say(
    'Start the service with these settings (SECRETS_KEY, MONGODB_URL, MARIADB_URL, ADMIN_TOKEN): its runs go on there.',
  );
  terminal.say(`Do not start it on ${dataDir} again: its runs would go on there too. Keep the folder as a backup.`);
}

function tellMoved({ terminal }: Cli, options: MoveOptions, dataDir: string, movedAt: Date): number {
  if (options.json) terminal.json({ dataDir, moved: true, movedAt: movedAt.toISOString() });
  else terminal.say(`${dataDir} was moved there ${movedAt.toISOString()}. Nothing was changed.`);
  return EXIT.done;
}

async function tellCounts(
  { terminal }: Cli,
  options: MoveOptions,
  dataDir: string,
  folder: FolderMoveSource,
  standing: Standing,
): Promise<number> {
  const counts = new Map([...(await countsOf([folder])), ...RelationalMoveSource.countsOf(dataDir)]);
  const found = typeof standing === 'string' ? standing : 'moved';
  if (options.json) {
    terminal.json({ dataDir, servers: found, counts: Object.fromEntries(counts) });
    return EXIT.done;
  }
  for (const line of columns([...counts].map(([part, count]) => [`  ${part}`, count.toLocaleString('en')])))
    terminal.say(line);
  const told = {
    empty: 'The servers are empty.',
    begun: 'A move of this folder was begun there.',
    moved: 'All of it was moved there.',
  };
  terminal.say(`${told[found]} Nothing was changed.`);
  return EXIT.done;
}
