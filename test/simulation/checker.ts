import { isOver, statusOf, type RunEvent } from '@flow/engine';
import { hasEnded, type HistoryChunk, type Instance, type InstanceStore, type Task } from '@flow/instances';
import { canonicalJson, type InstanceId, type Json } from '@flow/kernel';
import type { Happening } from '../model/happening';
import { Model } from '../model/model';
import { plain } from '../model/view';
import { childIdOf } from '../../libs/instances/src/creation';
import { DOMAIN, type Clients } from './clients';
import type { Evidence } from './faults';
import { CALLED, FLOWS, LIMITED, randomFlowOf } from './flows';
import type { Account, Ledger, Violate } from './ledger';

const FLOWS_BY_ID = new Map([...FLOWS, ...CALLED, ...LIMITED].map((flow) => [flow.id, flow]));

/** What must hold when the faults have stopped and time has gone on. */
export async function check(
  ledger: Ledger,
  clients: Clients,
  store: InstanceStore,
  evidence: Evidence,
  violate: Violate,
): Promise<void> {
  for (const [id, { flow }] of clients.acknowledged)
    if (ledger.accounts.get(id)?.creation.dagId !== flow.id) violate(`${flow.id} ${id} was acknowledged and is lost.`);
  if (clients.busy > 0) violate(`${clients.busy} clients have no answer.`);
  const messages = await store.outbox('', 10);
  if (messages.length > 0) violate(`Messages were left: ${JSON.stringify(messages)}`);
  for (const account of ledger.accounts.values()) {
    if (!account.run.outcome) violate(`${account.creation.dagId} ${account.id} is stuck: ${stateOf(account)}`);
    await checkRows(account, store, violate);
    checkChild(account, ledger, violate);
    checkChildrenKnown(account, violate);
    checkMeaning(account, violate);
    checkResult(account, ledger, clients, evidence, violate);
  }
}

/** The rows are what folding the log gives, from the first transition to the last. */
async function checkRows(account: Account, store: InstanceStore, violate: Violate): Promise<void> {
  const { id, run, seq, events } = account;
  const row = await store.find(DOMAIN, id);
  if (!row) {
    violate(`${id} is durable and has no row.`);
    return;
  }
  const { outcome } = run;
  const expected = { status: statusOf(run), result: outcome?.result ?? null, reason: outcome?.failure ?? null };
  same(`The row of ${id}`, expected, pick(row), violate);
  if (hasEnded(row.status) && row.endedAt !== new Date(outcome?.at ?? 0).toISOString())
    violate(`${id} ended at ${outcome?.at}, and its row says ${row.endedAt}.`);
  const stored = await store.load(id);
  if (stored?.header.seq !== seq) violate(`${id} is at ${seq}, and its row at ${stored?.header.seq}.`);
  const owner = stored?.header.owner ?? null;
  if (outcome && owner !== null) violate(`${id} has ended and is owned by ${owner}.`);
  same(`The history of ${id}`, events, historyOf(await store.history(DOMAIN, id, 0, 100_000)), violate);
  const rows = new Map<string, Task>();
  for (const task of (await store.tasks(DOMAIN, id, { limit: 10_000 })).items) rows.set(task.path, task);
  if (rows.size !== account.tasks.size)
    violate(`${id} has ${account.tasks.size} tasks, and ${rows.size} rows of them.`);
  for (const { path, phase, attempt, output, code } of account.tasks.values()) {
    const task = rows.get(path);
    const shown = task && {
      phase: task.status,
      attempt: task.attempt,
      output: task.output,
      code: task.error?.code ?? null,
    };
    same(`The row of ${path} of ${id}`, { phase, attempt, output, code: code ?? null }, shown ?? null, violate);
    if (run.outcome && !isOver(phase)) violate(`${id} has ended and its task ${path} is ${phase}.`);
  }
}

function pick({ status, result, reason }: Instance): Json {
  return { status, result, reason };
}

function historyOf(chunks: readonly HistoryChunk[]): Json {
  const events: Json[] = [];
  for (const { fromSeq, events: text } of chunks)
    (JSON.parse(text) as Json[]).forEach((each, i) => {
      events[fromSeq + i - 1] = each;
    });
  return events;
}

/** A child is the one of its place, and does not outlive the wait for it but by its own end. */
function checkChild({ id, creation }: Account, ledger: Ledger, violate: Violate): void {
  const { parent } = creation;
  if (!parent) return;
  if (id !== childIdOf(parent.id, parent.path, parent.attempt, parent.index))
    violate(`Child ${id} is not the one of ${parent.path} of ${parent.id}.`);
  const above = ledger.accounts.get(parent.id);
  if (!above) violate(`The parent of ${id} is not known.`);
}

/** Whoever reads what a batch came to finds its children by their ids. */
function checkChildrenKnown({ id, run, plan, tasks }: Account, violate: Violate): void {
  for (const { path, output, phase } of tasks.values()) {
    const step = run.tasks.get(path)?.step;
    if (phase !== 'succeeded' || step === undefined || plan.steps[step]?.operator.id !== '@subflow/call/dataflow')
      continue;
    const { items = [] } = output as unknown as { items?: readonly { readonly id: InstanceId | null }[] };
    if (items.some((item) => item.id === null)) violate(`${path} of ${id} came to ${JSON.stringify(output)}.`);
  }
}

/** The same happenings, told to the model of the language, come to the same end. */
function checkMeaning({ id, creation, run, events }: Account, violate: Violate): void {
  const flow = FLOWS_BY_ID.get(creation.dagId) ?? randomFlowOf(creation.dagId);
  if (!run.outcome || !flow || flow.content.timeout !== undefined) return;
  const { vars, ...content } = flow.content;
  const defaults = Object.entries(vars).map(([name, { default: value = null }]) => [name, { default: value }] as const);
  const told = afterBegin(events.flat());
  if (!told) return;
  const model = new Model({ ...content, vars: Object.fromEntries(defaults) }, run.start.input, told.at);
  for (const event of told.events) if (happens(event)) model.happen(event);
  const { status, result, failure } = run.outcome;
  const meant = model.outcome && {
    status: model.outcome.status,
    result: plain(model.outcome.result),
    code: model.outcome.failure?.code ?? null,
  };
  same(
    `The end of ${creation.dagId} ${id}`,
    meant ?? null,
    { status, result: plain(result), code: failure?.code ?? null },
    violate,
  );
}

/** The model knows runs from their begin on; undefined for one that was disturbed before, or never began. */
function afterBegin(
  events: readonly RunEvent[],
): { readonly at: number; readonly events: readonly RunEvent[] } | undefined {
  const [first] = events;
  if (first?.type !== 'started') return undefined;
  if (!first.queued) return { at: first.at, events };
  const begin = events.findIndex(({ type }) => type === 'begun');
  const isDisturbed = events.slice(1, begin).some(({ type }) => type !== 'recovered');
  return begin < 0 || isDisturbed ? undefined : { at: events[begin]!.at, events: events.slice(begin) };
}

function happens(event: RunEvent): event is RunEvent & Happening {
  return !['started', 'begun', 'invoked', 'deferred', 'stepped'].includes(event.type);
}

/** What an undisturbed instance comes to was worked out by hand. */
function checkResult(account: Account, ledger: Ledger, clients: Clients, evidence: Evidence, violate: Violate): void {
  const { id, creation, run } = account;
  const flow = FLOWS_BY_ID.get(creation.dagId);
  if (!flow?.expected || !run.outcome || isDisturbed(account, ledger, clients)) return;
  evidence.expectedResults += 1;
  const { status, result, failure } = run.outcome;
  const { code, ...expected } = flow.expected(Number(run.start.input.n));
  same(
    `${flow.id} ${id}`,
    { ...expected, code: code ?? null },
    { status, result, code: failure?.code ?? null },
    violate,
  );
}

/** Cancelled by somebody, or given up because its workers died too often, itself or what it called. */
function isDisturbed(account: Account, ledger: Ledger, clients: Clients): boolean {
  if (clients.cancelled.has(account.id) || account.has(({ type }) => type === 'cancelled')) return true;
  if ([...account.tasks.values()].some(({ code }) => code === 'task.worker_lost')) return true;
  for (const other of ledger.accounts.values())
    if (other.creation.parent?.id === account.id && other.creation.parent.waits && isDisturbed(other, ledger, clients))
      return other.creation.dagId !== 'asks-long';
  return false;
}

function stateOf({ run, events, tasks }: Account): string {
  const open = [...tasks.values()].filter(({ phase }) => !isOver(phase)).map(({ path, phase }) => `${path} ${phase}`);
  return `${statusOf(run)} (${open.join(', ')}) after ${JSON.stringify(events.at(-1))}`;
}

function same(what: string, expected: Json | object, actual: Json | object, violate: Violate): void {
  const texts = [expected, actual].map((value) => canonicalJson(JSON.parse(JSON.stringify(value)) as Json));
  if (texts[0] !== texts[1]) violate(`${what} should be ${texts[0]}, not ${texts[1]}.`);
}
