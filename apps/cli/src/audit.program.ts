import { Option, type Command } from 'commander';
import type { AuditListOptions, AuditVerifyOptions } from './audit.command';
import type { ServiceOptions } from './connection';
import { TOKEN, asksService, lines, type Output, type Parts } from './program.parts';

/** audit list, verify, head, export. */
export function addAuditCommands({ program, cliOf, done }: Parts): void {
  const audit = program
    .command('audit')
    .description('who did what in the business domain, and whether the trail of it is whole')
    .addHelpText(
      'after',
      lines(
        'Examples:',
        '  flowctl audit --actor alice --outcome refused',
        '  flowctl audit head >> /elsewhere/heads          note the end of the trail where the service cannot write',
        '  flowctl audit verify --head "$(tail -1 /elsewhere/heads)"',
        '  flowctl audit export audit.jsonl',
        TOKEN,
      ),
    );

  asksService(audit.command('list', { isDefault: true }))
    .description('list commands, the newest first')
    .option('--actor <principal>', 'whose')
    .option('--action <action>', 'of this kind, such as token.revoke')
    .option('--object <id>', 'about the object of this id or name')
    .addOption(
      new Option('--outcome <outcome>', 'what became of them').choices(['done', 'refused', 'failed', 'unknown']),
    )
    .option('--from <time>', 'from this moment on, such as 2026-01-31T08:00:00Z')
    .option('--to <time>', 'before this moment')
    .option('--limit <count>', 'how many at most', '50')
    .action(async (options: AuditListOptions, command: Command) => {
      const { auditListCommand } = await import('./audit.command.js');
      done(await auditListCommand(cliOf(command), options));
    });

  asksService(audit.command('verify'))
    .description('look whether records were edited, removed, moved or cut off; exit code 1 when they were')
    .option('--head <sequence:hash>', 'what `flowctl audit head` once said: it must stand still')
    .addHelpText(
      'after',
      lines(
        'Without --head it is not seen when the newest records were cut off together with the head, for instance by putting',
        'an older copy of the database back.',
      ),
    )
    .action(async (options: AuditVerifyOptions, command: Command) => {
      const { auditVerifyCommand } = await import('./audit.command.js');
      done(await auditVerifyCommand(cliOf(command), options));
    });

  asksService(audit.command('head'))
    .description('print the end of the trail, to be noted elsewhere')
    .action(async (options: ServiceOptions & Output, command: Command) => {
      const { auditHeadCommand } = await import('./audit.command.js');
      done(await auditHeadCommand(cliOf(command), options));
    });

  asksService(audit.command('export'))
    .argument('<file>', 'a file that is not there yet')
    .description('write all records into a file, one JSON object a line, the oldest first')
    .action(async (file: string, options: ServiceOptions & Output, command: Command) => {
      const { auditExportCommand } = await import('./audit.command.js');
      done(await auditExportCommand(cliOf(command), file, options));
    });
}
