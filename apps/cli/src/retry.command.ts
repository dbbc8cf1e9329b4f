import type { AnswerOf } from '@flow/client';
import { EXIT, UsageWrong } from './command.errors';
import { readDag } from './dag.lookup';
import { jsonGiven, jsonObjectGiven, pairGiven } from './given.input';
import type { Cli } from './installation';
import { readInstance, type Instance } from './instance.reader';
import { columns, countText } from './layout';
import { stayOf, stayWith, type StayOptions } from './run.command';
import { ServiceClient } from './service.client';

export interface RetryOptions extends StayOptions {
  readonly from: string;
  readonly data?: string;
  readonly output?: readonly string[];
  readonly dagVersion?: string;
  readonly idempotencyKey?: string;
  readonly dryRun?: boolean;
}

/** `flowctl retry <instance>`: a new run that keeps what went well before the place where it goes on. */
export async function retryCommand(cli: Cli, id: string, options: RetryOptions): Promise<number> {
  const { terminal } = cli;
  const stay = stayOf(options);
  const data = options.data === undefined ? undefined : jsonObjectGiven(cli, '--data', options.data);
  const outputs = Object.fromEntries((options.output ?? []).map((text) => outputGiven(cli, text)));
  const version = versionGiven(options.dagVersion);
  const client = ServiceClient.of(cli, options);
  const body = {
    from: fromGiven(options.from),
    ...(data && { data }),
    ...(Object.keys(outputs).length > 0 && { outputs }),
    ...(version && { version }),
  };
  if (options.dryRun) {
    const outline = await client.ask('POST /instances/{id}/retry', { path: { id }, body: { ...body, dryRun: true } });
    tellOutline(cli, outline, options);
    return EXIT.done;
  }
  const retried = await client.ask(
    'POST /instances/{id}/retry',
    { path: { id }, body },
    options.idempotencyKey === undefined ? undefined : { headers: { 'idempotency-key': options.idempotencyKey } },
  );
  const { id: fresh, status } = retried as Pick<Instance, 'id' | 'status'>;
  const { attempt = 2, kept = 0, repeats = [] } = retried;
  if (!options.json && !stay.quiet) {
    terminal.tell(`Attempt ${attempt} of ${id}: ${countText(kept, 'step is', 'steps are')} kept.`);
    if (repeats.length > 0)
      terminal.tell(
        `${terminal.paintTold('yellow', 'WARNING')} These were called before, and are called again: ${repeats.map(({ path }) => path ?? '').join(', ')}.`,
      );
  }
  const { dagId } = await readInstance(client, fresh);
  const { title } = await readDag(client, dagId);
  return stayWith(cli, client, { id: fresh, status, dagId, title }, stay, options);
}

type Outline = AnswerOf<'POST /instances/{id}/retry'>;

/** What a dry run has said. */
function tellOutline({ terminal }: Cli, outline: Outline, { json }: RetryOptions): void {
  const { kept = 0, again = [] } = outline;
  if (json) {
    terminal.json(outline);
    return;
  }
  terminal.tell(`Nothing is started. ${countText(kept, 'step is', 'steps are')} kept, ${again.length} done again.`);
  if (again.length === 0) return;
  const heads = ['STEP', 'OPERATOR', 'EFFECT'].map((head) => terminal.paint('dim', head));
  const rows = again.map(({ path = '', operator = '', effect }) => [
    path,
    operator,
    effect === 'write' ? terminal.paint('yellow', 'write') : (effect ?? '-'),
  ]);
  for (const line of columns([heads, ...rows])) terminal.say(line);
}

/** `failed`, the id of a step, or a path such as `each[3]/fetch`. */
function fromGiven(from: string): 'failed' | { stepId: string } | { path: string } {
  if (from === 'failed') return from;
  return /[/[]/.test(from) ? { path: from } : { stepId: from };
}

/** `step=json`. @throws UsageWrong */
function outputGiven(cli: Cli, text: string) {
  const [step, value] = pairGiven('--output', text);
  return [step, jsonGiven(cli, `The value of --output ${step}`, value)] as const;
}

function versionGiven(version: string | undefined): 'original' | 'latest' | undefined {
  if (version === undefined || version === 'original' || version === 'latest') return version;
  throw new UsageWrong(`--dag-version is original or latest, not "${version}".`);
}
