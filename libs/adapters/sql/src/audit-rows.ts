import type { AuditHead, AuditRecord } from '@flow/audit';
import type { JsonObject, PrincipalId, TokenId } from '@flow/kernel';
import { AUDIT_RECORDS, type AuditHeadRow, type AuditRecordRow } from './audit.entity';
import { inPieces } from './pieces';
import type { Tx } from './relational';

const ROWS_A_STATEMENT = 100;
const COLUMNS = Object.entries(AUDIT_RECORDS.columns).map(([property, { name }]) => name ?? property);
const A_ROW = `(${COLUMNS.map(() => '?').join(', ')})`;

/** By hand: TypeORM takes several times as long for the same rows. */
export async function addRecords(tx: Tx, records: readonly AuditRecord[]): Promise<void> {
  for (const some of inPieces(records, ROWS_A_STATEMENT))
    await tx
      .repository(AUDIT_RECORDS)
      .query(
        `INSERT INTO audit_records (${COLUMNS.join(', ')}) VALUES ${some.map(() => A_ROW).join(', ')}`,
        some.flatMap(valuesOf),
      );
}

/** In the order of the columns. */
function valuesOf(record: AuditRecord): unknown[] {
  const { domain, sequence, id, at, endedAt, actor, action, object, outcome, status, code } = record;
  const { requestId, traceId, remote, details, keyId, hash } = record;
  return [
    ...[domain, sequence, id, at.getTime(), endedAt.getTime(), actor.principal, actor.tokenId, action],
    ...[object.type, object.id, outcome, status, code, requestId, traceId, remote],
    ...[JSON.stringify(details), keyId, hash],
  ];
}

export function recordOf(row: AuditRecordRow): AuditRecord {
  const { startedAt, principal, tokenId, objectType, objectId, details, ...same } = row;
  return {
    ...same,
    at: startedAt,
    actor: { principal: principal as PrincipalId, tokenId: tokenId as TokenId },
    object: { type: objectType, id: objectId },
    details: detailsOf(details),
  };
}

/** What somebody has made unreadable reads as none, and the record's hash says that it was edited. */
function detailsOf(text: string): JsonObject {
  try {
    return JSON.parse(text) as JsonObject;
  } catch {
    return {};
  }
}

export function headOf({ domain, sequence, hash, baseSequence, baseHash, keyId, seal }: AuditHeadRow): AuditHead {
  return { domain, sequence, hash, base: { sequence: baseSequence, hash: baseHash }, keyId, seal };
}

/** All but how far it was told, which is nobody's seal. */
export function headRowOf({ sequence, hash, base, keyId, seal }: AuditHead): Omit<AuditHeadRow, 'domain' | 'told'> {
  return { sequence, hash, baseSequence: base.sequence, baseHash: base.hash, keyId, seal };
}
