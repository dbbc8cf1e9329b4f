import { canonicalJson, type DomainId } from '@flow/kernel';
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { AuditRecord, FinishedCommand } from './audit-record';

/** Keys of the chain by their ids; the newest links, all of them verify. Whoever writes the database and has none of them cannot link anew. */
export interface AuditKeys {
  readonly newest: string;
  readonly all: ReadonlyMap<string, Uint8Array>;
}

/** A place in a chain: what stands there, and all before it, is what this hash says. */
export interface ChainPlace {
  readonly sequence: number;
  readonly hash: string;
}

/** Before the first record. */
export const CHAIN_BEGINNING: ChainPlace = { sequence: 0, hash: '' };

/** The end of a chain, and its beginning: what lies before `base` was removed when its time was over. Sealed, so that both are as this service left them. */
export interface AuditHead extends ChainPlace {
  readonly domain: DomainId;
  readonly base: ChainPlace;
  readonly keyId: string;
  readonly seal: string;
}

/** Links records: each hash is an HMAC over the hash before it and the record itself, its business domain and its sequence among them. */
export class AuditChain {
  constructor(private readonly keys: AuditKeys) {}

  /** Finished commands as the next records, and the head behind them. */
  link(
    head: AuditHead,
    commands: readonly FinishedCommand[],
  ): { readonly records: readonly AuditRecord[]; readonly head: AuditHead } {
    const records: AuditRecord[] = [];
    let last: ChainPlace = head;
    for (const command of commands) {
      const unlinked = { ...command, sequence: last.sequence + 1, keyId: this.keys.newest };
      const record = { ...unlinked, hash: this.hashOf(last.hash, unlinked) as string };
      records.push(record);
      last = record;
    }
    return { records, head: this.sealed(head.domain, last, head.base) };
  }

  /** What the record's hash has to be; undefined when its key is not among those that are known. */
  hashOf(previous: string, record: Omit<AuditRecord, 'hash'>): string | undefined {
    return this.macOf(record.keyId, `${previous}\n${canonicalJson(hashedOf(record))}`);
  }

  /** A new head, as it is to be kept. */
  sealed(domain: DomainId, { sequence, hash }: ChainPlace, base: ChainPlace): AuditHead {
    const keyId = this.keys.newest;
    const head = { domain, sequence, hash, base: { sequence: base.sequence, hash: base.hash }, keyId };
    return { ...head, seal: this.sealOf(head) as string };
  }

  /** Of a domain of which nothing is recorded. */
  beginning(domain: DomainId): AuditHead {
    return this.sealed(domain, CHAIN_BEGINNING, CHAIN_BEGINNING);
  }

  /** 'no_key': its key is not among those that are known. */
  judge(head: AuditHead): 'sealed' | 'forged' | 'no_key' {
    const seal = this.sealOf(head);
    if (seal === undefined) return 'no_key';
    return isSame(seal, head.seal) ? 'sealed' : 'forged';
  }

  private sealOf({ domain, sequence, hash, base, keyId }: Omit<AuditHead, 'seal'>): string | undefined {
    return this.macOf(keyId, `head\n${canonicalJson([domain, sequence, hash, base.sequence, base.hash])}`);
  }

  private macOf(keyId: string, text: string): string | undefined {
    const key = this.keys.all.get(keyId);
    return key && createHmac('sha256', key).update(text).digest('base64url');
  }
}

export function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** All that is hashed, under names that stay: times as milliseconds, for a time that was tampered with may be none. */
function hashedOf(record: Omit<AuditRecord, 'hash'>) {
  const { id, domain, sequence, at, endedAt, actor, action, object, outcome, status, code } = record;
  const { requestId, traceId, remote, details, keyId } = record;
  const { principal, tokenId } = actor;
  const about = { id, domain, sequence, at: at.getTime(), endedAt: endedAt.getTime(), principal, tokenId, action };
  const objectType = object.type;
  return {
    ...about,
    ...{ objectType, objectId: object.id, outcome, status, code, requestId, traceId, remote, details, keyId },
  };
}
