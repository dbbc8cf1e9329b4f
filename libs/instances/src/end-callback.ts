import type { RunState } from '@flow/engine';
import type { InstanceId } from '@flow/kernel';
import type { Creation } from './creation';
import type { OutboxMessage } from './outbox';

/** What whoever started a run is told at its end, when they asked for it. */
export type EndCallback = OutboxMessage & { readonly kind: 'callback' };

/** The messages that the end of this run writes for the world outside. */
export function callbacksOf(run: { id: InstanceId; creation: Creation; state: RunState }): readonly EndCallback[] {
  const { domain, dagId, callbackUrl, traceparent } = run.creation;
  const { outcome } = run.state;
  if (callbackUrl === undefined || !outcome) return [];
  const { status, result, failure } = outcome;
  const end = { domain, dagId, instance: run.id, status, result, reason: failure };
  return [{ kind: 'callback', ...end, url: callbackUrl, ...(traceparent !== undefined && { traceparent }) }];
}
