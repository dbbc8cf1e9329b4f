import type { Command } from 'commander';
import type { ArchiveOptions } from './archive.command';
import type { CancelOptions, InstanceOptions } from './instance.command';
import type { InstancesOptions } from './instances.command';
import type { LogsOptions } from './logs.command';
import { TOKEN, asksService, collect, lines, type Parts } from './program.parts';
import type { RunOptions } from './run.command';

const INSTANCE = 'the id of a run';

/** run, instances, get, logs, history, cancel, archive. */
export function addRunCommands({ program, cliOf, done }: Parts): void {
  canStay(asksService(program.command('run')))
    .argument('<dag>', 'its id or its whole title')
    .description('start a run of a DAG')
    .option('-d, --data <json>', 'what the trigger takes: a JSON object, or @file (@- is the input)')
    .option('-p, --parameter <key=value>', 'one field of it; can be given several times, and goes over --data', collect)
    .option('--label <key=value>', 'a label of the run; can be given several times', collect)
    .option('--priority <priority>', 'lowest, low, medium, high or highest (default: as the DAG says)')
    .option('--dag-version <version>', 'an older version (default: the newest)')
    .option('--callback-url <url>', 'tell this address at the end of the run, by a signed POST')
    .option('--idempotency-key <key>', 'start one run only, however often this is called with the same key')
    .addHelpText(
      'after',
      lines(
        'The result is written to the output as JSON, all else to the error output. With --follow the exit code is 1 unless',
        'the run succeeds; Ctrl-C ends the watching, not the run.',
        'A value of -p is taken as the field of the form wants it; without a form as JSON or, when it is none, as text.',
        '',
        'Examples:',
        "  flowctl run 'Late flights' --follow",
        "  flowctl run 'Late flights' -p lateMinutes=45 --follow | jq .verdict",
        '  flowctl run 01JZ8Q4VXK5T9N3W7C2B6M1RDE --data @input.json',
        TOKEN,
      ),
    )
    .action(async (dag: string, options: RunOptions, command: Command) => {
      const { runCommand } = await import('./run.command.js');
      done(await runCommand(cliOf(command), dag, options));
    });

  asksService(program.command('instances'))
    .alias('ls')
    .description('list runs, the newest first')
    .option('--dag <dag>', 'those of this DAG: its id or its whole title')
    .option('--status <status>', 'queued, running, waiting, paused, succeeded, failed, cancelled; several with commas')
    .option('--label <key=value>', 'those with this label')
    .option('--since <time>', 'started in the last 30m, 2h, 7d ...')
    .option('--from <time>', 'started then or later, as 2026-01-31T08:00:00Z')
    .option('--to <time>', 'started before')
    .option('--oldest', 'the oldest first')
    .option('--limit <count>', 'how many at most', '20')
    .option('-w, --watch', 'stay, and show how they change; Ctrl-C ends it')
    .addHelpText(
      'after',
      lines(
        'With --watch --json there is a line of JSON for every change.',
        '',
        'Examples:',
        '  flowctl instances --status failed --since 1d',
        "  flowctl instances --dag 'Late flights' --watch",
        TOKEN,
      ),
    )
    .action(async (options: InstancesOptions, command: Command) => {
      const { instancesCommand } = await import('./instances.command.js');
      done(await instancesCommand(cliOf(command), options));
    });

  asksService(program.command('get'))
    .argument('<instance>', INSTANCE)
    .description('show a run, its steps and its result')
    .option('--step <step>', 'only this step, with its input and output: its id, or its path such as each[3]/fetch')
    .addHelpText('after', lines('Examples:', '  flowctl get 01M83YBHNDB4C30D8K5EKDMYYS --step fetch', TOKEN))
    .action(async (id: string, options: InstanceOptions & { step?: string }, command: Command) => {
      const { getCommand } = await import('./instance.command.js');
      done(await getCommand(cliOf(command), id, options));
    });

  asksService(program.command('history'))
    .argument('<instance>', INSTANCE)
    .description('show everything that happened to a run and its steps, in order')
    .addHelpText(
      'after',
      lines(
        'With --json there is a line of JSON for every event.',
        '',
        'Examples:',
        '  flowctl history 01M83YBHNDB4C30D8K5EKDMYYS',
        TOKEN,
      ),
    )
    .action(async (id: string, options: InstanceOptions, command: Command) => {
      const { historyCommand } = await import('./instance.command.js');
      done(await historyCommand(cliOf(command), id, options));
    });

  asksService(program.command('logs'))
    .argument('<instance>', INSTANCE)
    .description('show what the steps of a run have logged')
    .option('-f, --follow', 'stay until the run has ended, and show what comes')
    .option('--step <step>', 'the lines of this step only: its id or its path')
    .addHelpText(
      'after',
      lines(
        'With --json there is a line of JSON for every line.',
        '',
        'Examples:',
        '  flowctl logs 01M83YBHNDB4C30D8K5EKDMYYS --follow',
        TOKEN,
      ),
    )
    .action(async (id: string, options: LogsOptions, command: Command) => {
      const { logsCommand } = await import('./logs.command.js');
      done(await logsCommand(cliOf(command), id, options));
    });

  asksService(program.command('cancel'))
    .argument('[instance...]', 'the ids of runs')
    .description('cancel runs')
    .option('--dag <dag>', 'every run of this DAG that has not ended')
    .option('--reason <text>', 'why; it is kept with the run')
    .option('--compensate', 'run the undo steps of what was done')
    .addHelpText(
      'after',
      lines(
        'Examples:',
        '  flowctl cancel 01M83YBHNDB4C30D8K5EKDMYYS',
        "  flowctl cancel --dag 'Late flights' --reason 'wrong data'",
        TOKEN,
      ),
    )
    .action(async (ids: string[], options: CancelOptions, command: Command) => {
      const { cancelCommand } = await import('./instance.command.js');
      done(await cancelCommand(cliOf(command), ids, options));
    });

  addArchiveCommand({ program, cliOf, done });
}

function addArchiveCommand({ program, cliOf, done }: Parts): void {
  asksService(program.command('archive'))
    .requiredOption('--before <when>', 'runs that ended before a time (2026-01-31T00:00:00Z) or so long ago (30d, 12h)')
    .requiredOption('--out <file>', 'where to; .gz compresses it')
    .option('--dag <dag>', 'runs of this DAG only: its id or its title')
    .option('--purge', 'remove them from the service when the file is whole and on the disk')
    .option('--force', 'replace the file')
    .description('keep ended runs in a file: themselves, their steps, events and log lines')
    .addHelpText(
      'after',
      lines(
        'One JSON object a line: an instance, then its tasks, events and log lines, large values written out, then "whole".',
        'The file appears when it is whole. Without --purge runs stay until their retention is over.',
        '',
        'Examples:',
        '  flowctl archive --before 30d --out runs.ndjson.gz',
        "  flowctl archive --before 2026-01-01T00:00:00Z --dag 'Late flights' --out late.ndjson.gz --purge",
        '  zcat runs.ndjson.gz | jq -c \'select(.record == "instance" and .status == "failed")\'',
        TOKEN,
      ),
    )
    .action(async (options: ArchiveOptions, command: Command) => {
      const { archiveCommand } = await import('./archive.command.js');
      done(await archiveCommand(cliOf(command), options));
    });
}

/** For commands that start a run. */
export function canStay(command: Command): Command {
  return command
    .option('-f, --follow', 'stay until it has ended, and show how it goes on')
    .option('--wait', 'the same as --follow')
    .option('-q, --quiet', 'while following: show nothing but the result')
    .option('--timeout <time>', 'follow no longer than 30s, 5m, 2h ...; the run goes on, the exit code is 7');
}
