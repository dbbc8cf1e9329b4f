import type { Command } from 'commander';
import type { ApprovalsOptions } from './approvals.command';
import type { InstanceOptions } from './instance.command';
import { TOKEN, asksService, collect, lines, type Parts } from './program.parts';
import type { RetryOptions } from './retry.command';
import { canStay } from './runs.program';

/** why, pause, resume, retry, approvals. */
export function addControlCommands({ program, cliOf, done }: Parts): void {
  asksService(program.command('why'))
    .argument('<instance>', 'the id of a run')
    .description('say what a run waits for, or why it ended as it did')
    .addHelpText('after', lines('Examples:', '  flowctl why 01M83YBHNDB4C30D8K5EKDMYYS', TOKEN))
    .action(async (id: string, options: InstanceOptions, command: Command) => {
      const { whyCommand } = await import('./control.command.js');
      done(await whyCommand(cliOf(command), id, options));
    });

  for (const verb of ['pause', 'resume'] as const)
    asksService(program.command(verb))
      .argument('<instance...>', 'the ids of runs')
      .description(verb === 'pause' ? 'start nothing new in runs; what runs ends' : 'let paused runs go on')
      .addHelpText('after', lines('Examples:', `  flowctl ${verb} 01M83YBHNDB4C30D8K5EKDMYYS`, TOKEN))
      .action(async (ids: string[], options: InstanceOptions, command: Command) => {
        const { haltCommand } = await import('./control.command.js');
        done(await haltCommand(cliOf(command), verb, ids, options));
      });

  canStay(asksService(program.command('retry')))
    .argument('<instance>', 'the id of a run that has ended')
    .description('run it again as a new one that keeps what succeeded')
    .option('--from <step>', 'where to go on: failed, the id of a step, or a path such as each[3]/fetch', 'failed')
    .option('-d, --data <json>', 'another input: a JSON object, or @file (@- is the input)')
    .option('--output <step=json>', 'take this as the output of a step; can be given several times', collect)
    .option('--dag-version <version>', 'original: as it ran, or latest: the newest version (default: original)')
    .option('--idempotency-key <key>', 'start one run only, however often this is called with the same key')
    .option('--dry-run', 'say what would be kept and what done again, and start nothing')
    .addHelpText(
      'after',
      lines(
        'Examples:',
        '  flowctl retry 01M83YBHNDB4C30D8K5EKDMYYS --follow',
        '  flowctl retry 01M83YBHNDB4C30D8K5EKDMYYS --from report --dry-run',
        '  flowctl retry 01M83YBHNDB4C30D8K5EKDMYYS --from report --output \'fetch={"rows": []}\' --dag-version latest',
        TOKEN,
      ),
    )
    .action(async (id: string, options: RetryOptions, command: Command) => {
      const { retryCommand } = await import('./retry.command.js');
      done(await retryCommand(cliOf(command), id, options));
    });

  const approvals = program
    .command('approvals')
    .description('list what waits for your decision; approve or reject it')
    .addHelpText(
      'after',
      lines(
        'Examples:',
        '  flowctl approvals',
        '  flowctl approvals approve 01M83YBHNDB4C30D8K5EKDMYYS --data \'{"note": "ok"}\'',
        TOKEN,
      ),
    );
  asksService(approvals.command('list', { isDefault: true }))
    .description('list what waits for your decision, the oldest first')
    .action(async (options: ApprovalsOptions, command: Command) => {
      const { approvalsCommand } = await import('./approvals.command.js');
      done(await approvalsCommand(cliOf(command), options));
    });
  for (const [verb, decision] of [
    ['approve', 'approved'],
    ['reject', 'rejected'],
  ] as const)
    asksService(approvals.command(verb))
      .argument('<approval>', 'its id, or that of its run when that waits for one decision')
      .description(`${verb} it`)
      .option('-d, --data <json>', 'what goes with the decision, or @file (@- is the input)')
      .action(async (id: string, options: ApprovalsOptions & { data?: string }, command: Command) => {
        const { decideCommand } = await import('./approvals.command.js');
        done(await decideCommand(cliOf(command), decision, id, options));
      });
}
