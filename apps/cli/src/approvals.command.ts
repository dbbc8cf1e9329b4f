import type { Approval as ApprovalShape, Whole } from '@flow/client';
import { CommandFailed, EXIT } from './command.errors';
import type { ServiceOptions } from './connection';
import { jsonGiven } from './given.input';
import type { Cli } from './installation';
import { columns } from './layout';
import { ServiceClient } from './service.client';

type Approval = Whole<ApprovalShape>;

const PAGE = 200;
const INSTANCE_ID_LENGTH = 26;

export interface ApprovalsOptions extends ServiceOptions {
  readonly json?: boolean;
}

/** `flowctl approvals`: what waits for the decision of the one who asks, the oldest first. */
export async function approvalsCommand(cli: Cli, options: ApprovalsOptions): Promise<number> {
  const { terminal } = cli;
  const items = await waiting(ServiceClient.of(cli, options));
  if (options.json) terminal.json({ items });
  else if (items.length === 0) terminal.tell('Nothing waits for you.');
  else {
    const heads = ['APPROVAL', 'WHAT', 'STEP', 'HAS', 'UNTIL'].map((head) => terminal.paint('dim', head));
    const rows = items.map(({ id, title, path, decisions, quorum, expiresAt }) => {
      const approved = decisions.filter(({ decision }) => decision === 'approved').length;
      return [id, title ?? '-', path, `${approved} of ${quorum}`, expiresAt ?? '-'];
    });
    for (const line of columns([heads, ...rows])) terminal.say(line);
  }
  return EXIT.done;
}

/** `flowctl approvals approve|reject <approval>`. */
export async function decideCommand(
  cli: Cli,
  decision: 'approved' | 'rejected',
  given: string,
  options: ApprovalsOptions & { readonly data?: string },
): Promise<number> {
  const data = options.data === undefined ? undefined : jsonGiven(cli, '--data', options.data);
  const client = ServiceClient.of(cli, options);
  const id = given.length === INSTANCE_ID_LENGTH ? await onlyOneOf(client, given) : given;
  const body = { decision, ...(data !== undefined && { data }) };
  const decided = (await client.ask('POST /approvals/{id}', { path: { id }, body })) as Approval;
  if (options.json) cli.terminal.json(decided);
  else cli.terminal.say(`${decision === 'approved' ? 'Approved' : 'Rejected'}: ${decided.title ?? decided.path}`);
  return EXIT.done;
}

/** Of a run that waits for one decision, the run will do. */
async function onlyOneOf(client: ServiceClient, instance: string): Promise<string> {
  const own = (await waiting(client)).filter(({ instanceId }) => instanceId === instance);
  const [only] = own;
  if (!only) throw new CommandFailed(`Nothing of the run ${instance} waits for you.`, EXIT.notFound);
  if (own.length === 1) return only.id;
  const ids = own.map(({ id, path }) => `${id} (${path})`).join(', ');
  throw new CommandFailed(`The run ${instance} waits for several decisions, name one of them: ${ids}.`, EXIT.conflict);
}

async function waiting(client: ServiceClient): Promise<readonly Approval[]> {
  const items: Approval[] = [];
  let cursor: string | null | undefined;
  do {
    const query = { limit: PAGE, ...(cursor && { cursor }) };
    const page: { items: readonly ApprovalShape[]; nextCursor: string | null } = await client.ask('GET /approvals', {
      query,
    });
    items.push(...(page.items as readonly Approval[]));
    cursor = page.nextCursor;
  } while (cursor !== null);
  return items;
}
