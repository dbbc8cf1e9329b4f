import type { AuditRecord } from '@flow/audit';
import type { DomainId } from '@flow/kernel';
import { text, time, whole, type Entity } from './entity';

/** Every field has a column of its own, so that what is looked for is what the hash is over. */
export type AuditRecordRow = Omit<AuditRecord, 'at' | 'actor' | 'object' | 'details'> & {
  readonly startedAt: Date;
  readonly principal: string;
  readonly tokenId: string;
  readonly objectType: string;
  readonly objectId: string | null;
  /** JSON; as text, for a row that somebody has edited is to be read as well. */
  readonly details: string;
};

export const AUDIT_RECORDS: Entity<AuditRecordRow> = {
  name: 'auditRecord',
  tableName: 'audit_records',
  columns: {
    domain: text(64, { primary: true }),
    sequence: whole({ primary: true }),
    id: text(64),
    startedAt: time({ name: 'started_at' }),
    endedAt: time({ name: 'ended_at' }),
    principal: text(255),
    tokenId: text(64, { name: 'token_id' }),
    action: text(64),
    objectType: text(64, { name: 'object_type' }),
    objectId: text(255, { name: 'object_id', nullable: true }),
    outcome: text(16),
    status: { type: 'int', nullable: true },
    code: text(128, { nullable: true }),
    requestId: text(128, { name: 'request_id' }),
    traceId: text(64, { name: 'trace_id', nullable: true }),
    remote: text(64, { nullable: true }),
    details: { type: 'text' },
    keyId: text(64, { name: 'key_id' }),
    hash: text(64),
  },
};

export interface AuditHeadRow {
  readonly domain: DomainId;
  readonly sequence: number;
  readonly hash: string;
  readonly baseSequence: number;
  readonly baseHash: string;
  readonly keyId: string;
  readonly seal: string;
  /** Up to which sequence records are in the outbox of events, or were. */
  readonly told: number;
}

export const AUDIT_HEADS: Entity<AuditHeadRow> = {
  name: 'auditHead',
  tableName: 'audit_heads',
  columns: {
    domain: text(64, { primary: true }),
    sequence: whole(),
    hash: text(64),
    baseSequence: whole({ name: 'base_sequence' }),
    baseHash: text(64, { name: 'base_hash' }),
    keyId: text(64, { name: 'key_id' }),
    seal: text(64),
    told: whole(),
  },
};

/** Used where several processes share MariaDB; alone, a process keeps its journal in `documents.db`, beside the log of instances. */
export interface AuditJournalRow {
  readonly id: string;
  readonly owner: string;
  readonly abandonedAt: Date;
  readonly entry: string;
}

export const AUDIT_JOURNAL: Entity<AuditJournalRow> = {
  name: 'auditJournal',
  tableName: 'audit_journal',
  columns: {
    id: text(64, { primary: true }),
    owner: text(64),
    abandonedAt: time({ name: 'abandoned_at' }),
    entry: { type: 'text' },
  },
};
