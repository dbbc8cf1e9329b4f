import type { JsonObject } from '@flow/kernel';
import type { AuditOutcome, AuditRecord } from './audit-record';

/** A record as it is shown and told. All that its hash is over is in it. */
export interface AuditRecordView {
  readonly id: string;
  readonly sequence: number;
  readonly at: string | null;
  readonly endedAt: string | null;
  readonly actor: { readonly principal: string; readonly tokenId: string };
  readonly action: string;
  readonly object: { readonly type: string; readonly id: string | null };
  readonly outcome: AuditOutcome;
  readonly status: number | null;
  readonly code: string | null;
  readonly requestId: string;
  readonly traceId: string | null;
  readonly remote: string | null;
  readonly details: JsonObject;
  readonly keyId: string;
  readonly hash: string;
}

export function viewOf(record: AuditRecord): AuditRecordView {
  const { id, sequence, at, endedAt, actor, action, object, outcome, status, code } = record;
  const { requestId, traceId, remote, details, keyId, hash } = record;
  const { principal, tokenId } = actor;
  return {
    ...{ id, sequence, at: shown(at), endedAt: shown(endedAt), actor: { principal, tokenId }, action },
    ...{ object: { type: object.type, id: object.id }, outcome, status, code },
    ...{ requestId, traceId, remote, details, keyId, hash },
  };
}

/** A record that was tampered with is shown all the same, and its time may be none. */
function shown(at: Date): string | null {
  return Number.isNaN(at.getTime()) ? null : at.toISOString();
}
