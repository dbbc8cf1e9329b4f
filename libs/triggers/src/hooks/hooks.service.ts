import { createHash } from 'node:crypto';
import type { DagStore } from '@flow/dags';
import {
  MemoryRateMeter,
  type Clock,
  type IdGenerator,
  type Json,
  type JsonObject,
  type RateMeter,
} from '@flow/kernel';
import type { SecretReader } from '@flow/secrets';
import type { FiringReason } from '../firing';
import type { Occurrence } from '../firing-decision';
import type { FiringStore } from '../firing.store';
import type { Firings } from '../firings';
import type { Trigger } from '../trigger';
import type { TriggerStore } from '../trigger.store';
import { isTestIdOf, readHookId } from './hook-address';
import type { HookAnswer, HookAnswers } from './hook-answers';
import { CompiledHooks, type HookRules } from './hook-config';
import { hookEvent, isCloudEvent, isStructured, seenHeaders, type HookCall } from './hook-event';
import type { HookRefusals } from './hook-refusals';
import type { Signed } from './hook-signature';
import { HookBodyInvalid, HookDisabled, HookLimited, HookNotFound, HookSignatureInvalid } from './hook.errors';

/** Firings of a test address belong to this group. */
export const TEST_GROUP = 'test';

/** Addresses that nobody here has seen serve are looked up so often, all together; those that serve are not counted. */
const STRANGERS = { max: 200, perMs: 1_000, burst: 400 };
const MOST_KNOWN = 10_000;

const UNSIGNED: FiringReason = {
  code: 'hook.signature_invalid',
  message: 'A call was refused: it was not signed as this trigger demands it, or too early or late.',
};
const NO_SECRET: FiringReason = {
  code: 'hook.secret_missing',
  message: 'A call was refused: none of the secrets that its signature is compared with is there.',
};
const DISABLED: FiringReason = { code: 'trigger.disabled', message: 'A call was refused: the trigger is disabled.' };
const STOPPED: FiringReason = { code: 'dag.stopped', message: 'A call was refused: the DAG is stopped.' };

/** Takes calls of webhooks: found by its id, verified over its bytes, read, durable, answered; what comes of it goes on behind the answer. */
export class HooksService {
  private readonly rules = new CompiledHooks();
  private readonly known = new Set<string>();
  private readonly strangers: MemoryRateMeter;

  constructor(
    private readonly triggers: TriggerStore,
    private readonly history: FiringStore,
    private readonly firings: Pick<Firings, 'accept' | 'decide' | 'take'>,
    private readonly secrets: SecretReader,
    private readonly dags: DagStore,
    private readonly meter: RateMeter,
    private readonly refusals: HookRefusals,
    private readonly answers: HookAnswers,
    private readonly clock: Clock,
    private readonly ids: IdGenerator,
  ) {
    this.strangers = new MemoryRateMeter(clock);
  }

  /** @throws HookNotFound, HookSignatureInvalid, HookLimited, HookDisabled, HookBodyInvalid, what `call.read` throws, HookNotStarted and what else an answer throws */
  async call(hookId: string, call: HookCall): Promise<HookAnswer> {
    const { trigger, isTest } = await this.find(hookId);
    const rules = this.rules.of(trigger);
    const signed = await this.verified(trigger, rules, call);
    await this.charge(trigger, rules);
    if (!isTest) await this.mustServe(trigger);
    const occurrence = this.read(trigger, rules, call, signed);
    if (isTest) return this.test(trigger, occurrence);
    const [accepted] = await this.firings.accept(trigger, [occurrence]);
    if (!accepted) throw new HookNotFound();
    const { firing, isNew, outcome } = accepted;
    const standing = isNew ? firing : ((await this.history.findKey(trigger.id, firing.key)) ?? firing);
    return this.answers.of(trigger, standing, outcome, rules.waits);
  }

  private async find(hookId: string): Promise<{ readonly trigger: Trigger; readonly isTest: boolean }> {
    const read = readHookId(hookId);
    if (!read) throw new HookNotFound();
    if (!this.known.has(hookId)) {
      const taken = this.strangers.take('', STRANGERS);
      if (!taken.isWithin) throw new HookLimited(taken.retryAfterMs);
    }
    const [trigger] = read.isTest
      ? await this.triggers.findMany([read.triggerId])
      : await this.triggers.lookUp('webhook', read.lookup);
    const isThere =
      trigger?.kind === 'webhook' &&
      trigger.disabled?.code !== 'dag_deleted' &&
      (!read.isTest || isTestIdOf(trigger, hookId));
    this.known.delete(hookId);
    if (!isThere) throw new HookNotFound();
    this.known.add(hookId);
    for (const oldest of this.known) {
      if (this.known.size <= MOST_KNOWN) break;
      this.known.delete(oldest);
    }
    return { trigger, isTest: read.isTest };
  }

  /** Undefined where the address is all that is asked for. @throws HookSignatureInvalid */
  private async verified(trigger: Trigger, { signature }: HookRules, call: HookCall): Promise<Signed | undefined> {
    if (!signature) return undefined;
    const secrets = await this.secrets.reveal(trigger.domain, signature.secrets);
    const values = [...secrets.values()].map(({ value }) => value);
    const signed = signature.verify(call.headers, call.body, values, this.clock.now());
    if (signed) return signed;
    await this.refusals.note(trigger, values.length === 0 ? NO_SECRET : UNSIGNED);
    throw new HookSignatureInvalid();
  }

  /** @throws HookLimited */
  private async charge(trigger: Trigger, { rate }: HookRules): Promise<void> {
    if (!rate) return;
    const taken = await this.meter.take(trigger.id, rate);
    if (!taken.isWithin) throw new HookLimited(taken.retryAfterMs);
  }

  /** @throws HookDisabled, HookNotFound */
  private async mustServe(trigger: Trigger): Promise<void> {
    const dag = trigger.enabled ? await this.dags.find(trigger.domain, trigger.dagId) : undefined;
    if (trigger.enabled && !dag) throw new HookNotFound();
    if (dag?.status === 'normal') return;
    await this.refusals.note(trigger, dag ? STOPPED : DISABLED);
    throw new HookDisabled();
  }

  /** What came, under the key that makes it the only one. @throws HookBodyInvalid, what `call.read` throws */
  private read(trigger: Trigger, rules: HookRules, call: HookCall, signed: Signed | undefined): Occurrence {
    const data = call.read();
    const faults = rules.check?.(isStructured(call) ? dataOf(data) : data) ?? [];
    if (faults.length > 0) throw new HookBodyInvalid(faults);
    const at = this.clock.now();
    const own = signed ? undefined : ownKeyOf(call);
    const id = signed?.id ?? (signed ? signed.key.replace('signed ', '') : (own ?? this.ids.next<string>()));
    const headers = seenHeaders(call.headers, rules.headers, rules.signature?.headers ?? []);
    const event = hookEvent({ trigger, call, data, at, id, headers });
    return { key: keyOf(event, call, signed) ?? `id ${id}`, cause: 'webhook', at, event };
  }

  /** Stands in the history with what it would have come to, and starts nothing. */
  private async test(trigger: Trigger, occurrence: Occurrence): Promise<HookAnswer> {
    const { status, reason, ...decided } = this.firings.decide(trigger, occurrence);
    const message =
      status === 'pending' ? 'A test: it would have started a run.' : `A test: ${reason?.message ?? status}`;
    const [accepted] = await this.firings.take(trigger, [
      {
        ...decided,
        key: `test ${hashOf(decided.key)}`,
        groupId: TEST_GROUP,
        status: 'skipped',
        reason: { code: 'hook.test', message },
        endedAt: decided.createdAt,
      },
    ]);
    const standing = accepted?.isNew
      ? accepted.firing
      : await this.history.findKey(trigger.id, accepted?.firing.key ?? '');
    return { status: 202, body: { id: standing?.id ?? decided.id, test: true } };
  }
}

/** What is signed tells calls apart before anything that is not: a header that names an event could be changed by whoever repeats a call. */
function keyOf(event: JsonObject, call: HookCall, signed: Signed | undefined): string | undefined {
  const isSource = isCloudEvent(call) && (!signed || (isStructured(call) && signed.id === undefined));
  return isSource ? `event ${hashOf(JSON.stringify([event.source, event.id]))}` : signed?.key;
}

/** Of a call that nobody has signed: an id that its sender gives it. */
function ownKeyOf({ headers }: HookCall): string | undefined {
  const [value, ...more] = headers.get('webhook-id') ?? headers.get('idempotency-key') ?? [];
  return more.length === 0 && value !== undefined && /^[\x21-\x7e]{1,200}$/.test(value) ? value : undefined;
}

function dataOf(event: Json): Json {
  return (
    (typeof event === 'object' && event !== null && !Array.isArray(event) ? (event as JsonObject).data : event) ?? null
  );
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
