import type { DomainId, JsonObject, PrincipalId, TokenId } from '@flow/kernel';

/**
 * What became of a command:
 * - `done`: answered as carried out
 * - `refused`: answered 4xx; it changed nothing
 * - `failed`: answered 5xx; its effect may have been done
 * - `unknown`: its process died before it was known
 */
export type AuditOutcome = 'done' | 'refused' | 'failed' | 'unknown';
export const AUDIT_OUTCOMES = ['done', 'refused', 'failed', 'unknown'] as const satisfies readonly AuditOutcome[];

/** Who wanted what of which object, and when: known before the command is carried out. Never a body, never a header that lets somebody in. */
export interface AuditedCommand {
  /** Of the record that it becomes: one command, one record, however often it is written. */
  readonly id: string;
  readonly domain: DomainId;
  readonly at: Date;
  readonly actor: { readonly principal: PrincipalId; readonly tokenId: TokenId };
  /** A stable verb, `noun.verb`. */
  readonly action: string;
  readonly object: { readonly type: string; readonly id: string | null };
  readonly requestId: string;
  readonly traceId: string | null;
  /** The address that the request came from. */
  readonly remote: string | null;
  /** What else may be shown of it. */
  readonly details: JsonObject;
}

export interface AuditResult {
  readonly outcome: AuditOutcome;
  readonly endedAt: Date;
  /** Of HTTP; null when it is not known. */
  readonly status: number | null;
  /** The error's code; null where there was none. */
  readonly code: string | null;
}

export type FinishedCommand = AuditedCommand & AuditResult;

/** A finished command in its place in the chain of its business domain. */
export interface AuditRecord extends FinishedCommand {
  /** From 1, without a gap. */
  readonly sequence: number;
  /** Which key the hash was made with. */
  readonly keyId: string;
  /** Over the hash before it and all fields beside it. */
  readonly hash: string;
}

/** Who looks for records; what is left out does not matter. */
export interface AuditFilter {
  readonly principal?: string;
  readonly action?: string;
  readonly objectId?: string;
  readonly outcome?: AuditOutcome;
  /** From this moment on. */
  readonly from?: Date;
  /** Before this moment. */
  readonly to?: Date;
}

/** What was sent as an id may be anything: as much of it as a column takes, as text that every store gives back as it was. */
export function auditedText(text: string, longest = 255): string {
  const whole = text.replaceAll('\0', '\uFFFD').slice(0, longest) as string & { toWellFormed(): string };
  return whole.toWellFormed();
}
