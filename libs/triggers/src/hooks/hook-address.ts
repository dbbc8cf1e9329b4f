import { createHash, timingSafeEqual } from 'node:crypto';
import type { Random, TriggerId } from '@flow/kernel';
import type { Trigger } from '../trigger';

/** Where others reach a webhook; whoever knows it may call. */
export interface HookAddress {
  readonly url: string;
  /** Checks everything and starts nothing. */
  readonly testUrl: string;
}

/** What the id in an address says. */
export type ReadHookId =
  { readonly isTest: false; readonly lookup: string } | { readonly isTest: true; readonly triggerId: TriggerId };

const HOOK_ID_BYTES = 24;
const HOOK_ID = /^[A-Za-z0-9_-]{32}$/;
const TEST_ID = /^test_([0-9A-Z]{26})_[A-Za-z0-9_-]{43}$/;

/** One that nobody guesses. */
export function freshHookId(random: Random): string {
  return Buffer.from(random.bytes(HOOK_ID_BYTES)).toString('base64url');
}

/** Undefined for what can be the id of no hook: nobody needs to look for it. */
export function readHookId(text: string): ReadHookId | undefined {
  if (HOOK_ID.test(text)) return { isTest: false, lookup: text };
  const [, triggerId] = TEST_ID.exec(text) ?? [];
  return triggerId === undefined ? undefined : { isTest: true, triggerId: triggerId as TriggerId };
}

/** Nobody gets from it to the id that starts runs, and it changes with that one. */
export function testIdOf({ id, lookup }: Pick<Trigger, 'id' | 'lookup'>): string {
  return `test_${id}_${createHash('sha256').update(`test of hook ${lookup}`).digest('base64url')}`;
}

export function isTestIdOf(trigger: Pick<Trigger, 'id' | 'lookup'>, text: string): boolean {
  const [own, given] = [Buffer.from(testIdOf(trigger)), Buffer.from(text)];
  return own.length === given.length && timingSafeEqual(own, given);
}

/** Addresses of webhooks below the public API. */
export class HookAddresses {
  constructor(private readonly base: () => string) {}

  of(trigger: Pick<Trigger, 'id' | 'kind' | 'lookup'>): HookAddress | undefined {
    if (trigger.kind !== 'webhook' || trigger.lookup === '') return undefined;
    const hooks = `${this.base()}/hooks`;
    return { url: `${hooks}/${trigger.lookup}`, testUrl: `${hooks}/${testIdOf(trigger)}` };
  }
}
