import type { Command } from 'commander';
import type { ServiceOptions } from './connection';
import type { DagsOptions } from './dags.command';
import type { DiffOptions } from './diff.command';
import type { ExportOptions } from './export.command';
import type { TriggersOptions } from './triggers.command';
import { TOKEN, asksService, lines, type Output, type Parts } from './program.parts';

/** dags, triggers, validate, diff, import, export. */
export function addFlowCommands({ program, cliOf, done }: Parts): void {
  asksService(program.command('dags'))
    .argument('[keyword]', 'a part of the title')
    .description('list DAGs by title')
    .option('--tag <tag>', 'those with this tag')
    .option('--limit <count>', 'how many at most', '50')
    .addHelpText('after', lines('Examples:', '  flowctl dags', '  flowctl dags report --json', TOKEN))
    .action(async (keyword: string | undefined, options: DagsOptions, command: Command) => {
      const { dagsCommand } = await import('./dags.command.js');
      done(await dagsCommand(cliOf(command), keyword, options));
    });

  asksService(program.command('triggers'))
    .description('list what fires next, the first on top')
    .option('--all', 'triggers of every kind, the newest first')
    .option('--dag <dag>', 'those of one DAG, by its id or title')
    .option('--history <trigger>', 'what a trigger has fired and skipped, and why')
    .option('--limit <count>', 'how many at most', '50')
    .addHelpText(
      'after',
      lines(
        'Examples:',
        '  flowctl triggers',
        "  flowctl triggers --dag 'Nightly report'",
        '  flowctl triggers --history <id>',
        TOKEN,
      ),
    )
    .action(async (options: TriggersOptions, command: Command) => {
      const { triggersCommand } = await import('./triggers.command.js');
      done(await triggersCommand(cliOf(command), options));
    });

  asksService(program.command('validate'))
    .argument('<file...>', 'JSON or YAML; - is the input')
    .description('check definitions against a running service; store nothing')
    .addHelpText(
      'after',
      lines('Examples:', '  flowctl validate flows/*.yaml', '  flowctl validate - < flow.yaml', TOKEN),
    )
    .action(async (files: string[], options: Output & ServiceOptions, command: Command) => {
      const { validateCommand } = await import('./definitions.command.js');
      done(await validateCommand(cliOf(command), files, options));
    });

  asksService(program.command('diff'))
    .argument('<file...>', 'JSON or YAML; - is the input')
    .description('show what an import of these files would change')
    .option('--dag <dag>', 'the id or title of the DAG to compare with (default: the one of the same title)')
    .addHelpText(
      'after',
      lines(
        'Compares with the newest version. The exit code is 0 when nothing differs, and 1 when something does.',
        '',
        'Examples:',
        '  flowctl diff flows/*.yaml',
        "  flowctl diff renamed.yaml --dag 'Old title'",
        TOKEN,
      ),
    )
    .action(async (files: string[], options: DiffOptions, command: Command) => {
      const { diffCommand } = await import('./diff.command.js');
      done(await diffCommand(cliOf(command), files, options));
    });

  asksService(program.command('import'))
    .argument('<file...>', 'JSON or YAML, one definition or many; - is the input')
    .description('store definitions in a running service; each file whole or not at all')
    .option('--upsert', 'change the DAGs that have these titles already, instead of refusing them')
    .addHelpText(
      'after',
      lines('Examples:', '  flowctl import flows/*.yaml', '  flowctl import --upsert flows/report.yaml', TOKEN),
    )
    .action(async (files: string[], options: Output & ServiceOptions & { upsert?: boolean }, command: Command) => {
      const { importCommand } = await import('./definitions.command.js');
      done(await importCommand(cliOf(command), files, options));
    });

  asksService(program.command('export'))
    .argument('<dag>', 'its id or its whole title')
    .description('write a definition as `import` reads it')
    .option('-o, --output <file>', 'a file, JSON when its name ends so (default: the output)')
    .option('--format <format>', 'json or yaml (default: as the file is called, else yaml)')
    .option('--dag-version <version>', 'an older version (default: the newest)')
    .option('--force', 'replace the file when it exists')
    .addHelpText(
      'after',
      lines(
        'Examples:',
        "  flowctl export 'Late flights' > late-flights.yaml",
        "  flowctl export 'Late flights' --dag-version v0.0.1 -o before.json",
        TOKEN,
      ),
    )
    .action(async (dag: string, options: ExportOptions, command: Command) => {
      const { exportCommand } = await import('./export.command.js');
      done(await exportCommand(cliOf(command), dag, options));
    });
}
