import { AuditChain, type FinishedCommand, type JournalEntry } from '@flow/audit';
import type { DomainId, PrincipalId, TokenId } from '@flow/kernel';

export const AT = new Date('2026-01-02T03:04:05.678Z');
export const PUBLIC = 'public' as DomainId;
export const ACME = 'acme' as DomainId;

/** So many seconds after `AT`. */
export const later = (seconds: number): Date => new Date(AT.getTime() + seconds * 1_000);

export function aChain(byte = 1): AuditChain {
  return new AuditChain({ newest: `k${byte}`, all: new Map([[`k${byte}`, new Uint8Array(32).fill(byte)]]) });
}

/** The nth of a domain, a second after the one before it. */
export function aCommand(n: number, change: Partial<FinishedCommand> = {}): FinishedCommand {
  return {
    id: `C${String(n).padStart(6, '0')}`,
    domain: PUBLIC,
    at: later(n),
    endedAt: later(n + 0.5),
    actor: { principal: 'ada' as PrincipalId, tokenId: 't1' as TokenId },
    action: 'dag.create',
    object: { type: 'dag', id: `D${n} ü🙂` },
    outcome: 'done',
    status: 201,
    code: null,
    requestId: `r${n}`,
    traceId: null,
    remote: '192.0.2.1',
    details: { title: `nightly ${n}`, deep: [1, null, { ü: '\u0000' }] },
    ...change,
  };
}

export function anEntry(n: number, change: Partial<JournalEntry> = {}): JournalEntry {
  const { outcome: _outcome, endedAt: _endedAt, status: _status, code: _code, ...command } = aCommand(n);
  return { command, result: null, owner: 'me', abandonedAt: later(n + 60), ...change };
}
