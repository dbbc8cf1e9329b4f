import { compileTemplate, compileValue, type Compiled } from '@flow/expressions';
import { durationMs, pointerTo, type Fault, type Json, type JsonObject, type Rate } from '@flow/kernel';
import { compiledSchema, type SchemaCheck } from '@flow/operators';
import type { Trigger } from '../trigger';
import { compiledFaults } from '../trigger-expressions';
import { SignatureRule, type SignatureConfig } from './hook-signature';

export const RESPOND_MODES = ['accepted', 'result'] as const;
export const LONGEST_ANSWER_MS = 60_000;
const ANSWER_MS = 30_000;
/** What expressions of an answer read. */
const ANSWER_NAMES = ['result', 'status', 'event', 'trigger'];
const MOST_COMPILED = 1_000;

/** A webhook's config, as it stands. */
export interface HookConfig {
  readonly signature?: SignatureConfig;
  readonly schema?: JsonObject;
  readonly headers?: readonly string[];
  readonly rateLimit?: { readonly max: number; readonly per?: string };
  readonly respond?: {
    readonly mode?: (typeof RESPOND_MODES)[number];
    readonly timeout?: string;
    readonly status?: number | string;
    readonly body?: Json;
  };
}

/** Names of the secrets that verify its calls. */
export function hookSecretsOf(config: JsonObject): readonly string[] {
  return (config as HookConfig).signature?.secrets ?? [];
}

/** The same, ready for calls. */
export interface HookRules {
  readonly signature: SignatureRule | undefined;
  readonly check: SchemaCheck | undefined;
  readonly headers: readonly string[];
  readonly rate: Rate | undefined;
  /** Undefined: it is answered as soon as it is durable. */
  readonly waits:
    { readonly ms: number; readonly status: Compiled | number; readonly body: Compiled | undefined } | undefined;
}

export function answerFaults(respond: HookConfig['respond'] = {}): Fault[] {
  const { mode = 'accepted', timeout, status, body } = respond;
  const ms = timeout === undefined ? ANSWER_MS : durationMs(timeout);
  const at = (name: string, message: string): Fault => ({
    pointer: pointerTo('', name),
    code: 'field.invalid',
    message,
  });
  const faults: Fault[] = [];
  if (ms === undefined || ms <= 0 || ms > LONGEST_ANSWER_MS)
    faults.push(at('timeout', '"timeout" is longer than nothing and PT60S at most, like PT30S.'));
  for (const [name, value] of Object.entries({ timeout, status, body }))
    if (value !== undefined && mode !== 'result') faults.push(at(name, `"${name}" needs the mode "result".`));
  if (typeof status === 'string')
    faults.push(...compiledFaults('/status', () => compileTemplate(status), ANSWER_NAMES));
  if (body !== undefined) faults.push(...compiledFaults('/body', () => compileValue(body), ANSWER_NAMES));
  return faults;
}

/** Configs of webhooks, compiled once for each of their revisions. */
export class CompiledHooks {
  private readonly compiled = new Map<string, HookRules>();

  of(trigger: Trigger): HookRules {
    const name = `${trigger.id} ${trigger.revision}`;
    const rules = this.compiled.get(name) ?? rulesOf(trigger.config);
    this.compiled.delete(name);
    this.compiled.set(name, rules);
    for (const oldest of this.compiled.keys()) {
      if (this.compiled.size <= MOST_COMPILED) break;
      this.compiled.delete(oldest);
    }
    return rules;
  }
}

function rulesOf({ signature, schema, headers = [], rateLimit, respond = {} }: HookConfig): HookRules {
  const { mode, timeout, status = 200, body } = respond;
  const perMs = durationMs(rateLimit?.per ?? 'PT1M');
  return {
    signature: signature && new SignatureRule(signature),
    check: schema && compiledSchema(schema),
    headers,
    rate: rateLimit && { max: rateLimit.max, perMs: perMs ?? 60_000, burst: rateLimit.max },
    waits:
      mode === 'result'
        ? {
            ms: (timeout === undefined ? undefined : durationMs(timeout)) ?? ANSWER_MS,
            status: typeof status === 'number' ? status : compileTemplate(status),
            body: body === undefined ? undefined : compileValue(body),
          }
        : undefined,
  };
}
