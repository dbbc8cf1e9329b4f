import { isJsonObject, type Json, type JsonObject } from '@flow/kernel';
import { EXIT } from './command.errors';
import type { ServiceOptions } from './connection';
import { debugTarget, placingFaults, stepOf, tellingUnreadable } from './debug.target';
import { jsonObjectGiven } from './given.input';
import type { Cli } from './installation';
import { sayValue } from './instance.command';
import { timeText } from './layout';
import { lineText } from './logs.command';
import { STATUS_STYLES } from './run.tree';
import { ServiceClient } from './service.client';

export interface DebugStepOptions extends ServiceOptions {
  readonly context?: string;
  readonly dryRun?: boolean;
  readonly dagVersion?: string;
  readonly json?: boolean;
}

/** `flowctl debug step <file|dag> <step>`: one step by itself; exit code 1 when it fails. */
export async function debugStepCommand(
  cli: Cli,
  given: string,
  stepId: string,
  options: DebugStepOptions,
): Promise<number> {
  const { terminal } = cli;
  const { json } = options;
  const context = options.context === undefined ? {} : jsonObjectGiven(cli, '--context', options.context);
  const client = ServiceClient.of(cli, options);
  return tellingUnreadable(cli, given, options, async () => {
    const target = await debugTarget(cli, client, given, options.dagVersion);
    const { step, pointer } = stepOf(target, stepId);
    const body = {
      step,
      context: { ...context, ...varsAround(target.definition, context) },
      dryRun: options.dryRun === true,
    };
    const result = await placingFaults(cli, target, { from: '/step', to: pointer, json }, () =>
      client.ask('POST /dags/debug/step', { body }),
    );
    if (typeof result === 'number') return result;
    const { status, parameters, output, error, logs, durationMs, attempt } = result;
    if (json) terminal.json(result);
    else {
      const operator = typeof step.operator === 'string' ? step.operator : '';
      const note = timeText(durationMs) + (attempt > 1 ? ` (attempt ${attempt})` : '');
      const parts = [terminal.paint(STATUS_STYLES[status] ?? 'dim', status), stepId, operator, note];
      terminal.say(parts.join('  '));
      sayValue(terminal, 'parameters', parameters as Json);
      if (error) sayValue(terminal, 'error', error as unknown as Json);
      else sayValue(terminal, 'output', output as Json);
      for (const line of logs) terminal.say(lineText(terminal, line));
    }
    return status === 'succeeded' || status === 'skipped' ? EXIT.done : EXIT.failed;
  });
}

/** What the definition's variables begin as, where the context does not say otherwise. */
function varsAround({ vars }: JsonObject, context: JsonObject): { vars?: Json } {
  if (!isJsonObject(vars) || ('vars' in context && !isJsonObject(context.vars))) return {};
  const defaults = Object.entries(vars).flatMap(([name, variable]): [string, Json][] =>
    isJsonObject(variable) && variable.default !== undefined ? [[name, variable.default]] : [],
  );
  return { vars: { ...Object.fromEntries(defaults), ...(isJsonObject(context.vars) && context.vars) } };
}
