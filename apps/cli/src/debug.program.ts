import type { Command } from 'commander';
import type { DebugRunOptions, DebugStayOptions } from './debug-run.command';
import type { DebugStepOptions } from './debug-step.command';
import { TOKEN, asksService, collect, lines, type Parts } from './program.parts';

const TARGET = 'a file with one definition, which need not be saved, or a DAG: its id or its whole title';

/** debug step, debug run, debug next, debug continue, debug attach. */
export function addDebugCommands({ program, cliOf, done }: Parts): void {
  const debug = program
    .command('debug')
    .description('carry out one step, or a run that stops where you say')
    .addHelpText(
      'after',
      lines(
        'Examples:',
        '  flowctl debug step orders.yaml fetch --context \'{"trigger": {"day": "2026-11-23"}}\'',
        '  flowctl debug run orders.yaml --break ship         stop before the step "ship", in every iteration',
        '  flowctl debug run orders.yaml --dry-run            what would it do?',
        TOKEN,
      ),
    );

  asksService(debug.command('step'))
    .argument('<file|dag>', TARGET)
    .argument('<step>', 'the id of an action in it')
    .description('carry out one step by itself')
    .option('--context <json>', 'what it finds around it: {"steps": outputs by id, "vars", "trigger"}, or @file')
    .option('--dry-run', 'do not make a call with an effect; show what it would have been')
    .option('--dag-version <version>', 'of a DAG: an older version (default: the newest)')
    .addHelpText(
      'after',
      lines(
        "Variables begin with their defaults, unless the context's `vars` say otherwise. The exit code is 1 when the step failed.",
        '',
        'Examples:',
        '  flowctl debug step orders.yaml ship --context @context.json --dry-run',
        TOKEN,
      ),
    )
    .action(async (target: string, step: string, options: DebugStepOptions, command: Command) => {
      const { debugStepCommand } = await import('./debug-step.command.js');
      done(await debugStepCommand(cliOf(command), target, step, options));
    });

  canWait(asksService(debug.command('run')))
    .argument('<file|dag>', TARGET)
    .description('start a run that stops at breakpoints; on a terminal with a prompt at every stop')
    .option('-d, --data <json>', 'what the trigger takes: a JSON object, or @file (@- is the input)')
    .option('-p, --parameter <key=value>', 'one field of it; can be given several times, and goes over --data', collect)
    .option('--break <step>', 'stop before each beginning of this step; can be given several times', collect)
    .option('--pin <step=json>', 'do not carry out this step, it gives this (or @file); several times', collect)
    .option('--dry-run', 'make no call with an effect; show what they would have been')
    .option('--dag-version <version>', 'of a DAG: an older version (default: the newest)')
    .addHelpText(
      'after',
      lines(
        'On a terminal `help` at the prompt tells what there is. Elsewhere, and with --json, the state at the first stop or at',
        'the end is printed; `debug next` and `debug continue` go on. The exit code is 1 when the run failed or was cancelled,',
        'and 0 at a stop.',
        '',
        'Examples:',
        '  flowctl debug run orders.yaml --break ship --pin \'fetch={"status": 200, "body": []}\'',
        "  flowctl debug run 'Late flights' -p lateMinutes=45 --dry-run",
        TOKEN,
      ),
    )
    .action(async (target: string, options: DebugRunOptions, command: Command) => {
      const { debugRunCommand } = await import('./debug-run.command.js');
      done(await debugRunCommand(cliOf(command), target, options));
    });

  for (const [name, move, description] of [
    ['next', 'step', 'let one step of a paused debug run begin, and stay until it stops again'],
    ['continue', 'continue', 'let a paused debug run go on to the next breakpoint or its end'],
  ] as const)
    canWait(asksService(debug.command(name)))
      .argument('<instance>', 'the id of a debug run')
      .description(description)
      .addHelpText('after', lines('Examples:', `  flowctl debug ${name} 01M83YBHNDB4C30D8K5EKDMYYS`, TOKEN))
      .action(async (id: string, options: DebugStayOptions, command: Command) => {
        const { debugMoveCommand } = await import('./debug-run.command.js');
        done(await debugMoveCommand(cliOf(command), move, id, options));
      });

  canWait(asksService(debug.command('attach')))
    .argument('<instance>', 'the id of a debug run')
    .description('come back to a debug run: the prompt on a terminal, elsewhere its state')
    .addHelpText('after', lines('Examples:', '  flowctl debug attach 01M83YBHNDB4C30D8K5EKDMYYS', TOKEN))
    .action(async (id: string, options: DebugStayOptions, command: Command) => {
      const { debugAttachCommand } = await import('./debug-run.command.js');
      done(await debugAttachCommand(cliOf(command), id, options));
    });
}

function canWait(command: Command): Command {
  return command.option('--timeout <time>', 'wait no longer for a stop than 30s, 5m ...; the exit code is then 7');
}
