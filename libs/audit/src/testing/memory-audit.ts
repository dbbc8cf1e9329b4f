import {
  AuditJournal,
  AuditStore,
  type AuditChain,
  type AuditExtent,
  type AuditFilter,
  type AuditHead,
  type AuditRecord,
  type FinishedCommand,
  type JournalEntry,
} from '@flow/audit';
import { decodeCursor, encodeCursor, type DomainId, type Page, type PageRequest } from '@flow/kernel';

export class MemoryAuditJournal extends AuditJournal {
  readonly entries = new Map<string, JournalEntry>();

  override async add(entries: readonly JournalEntry[]): Promise<void> {
    for (const entry of entries) this.entries.set(entry.command.id, entry);
  }

  override async remove(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.entries.delete(id);
  }

  override async abandoned(owner: string, now: Date, limit: number): Promise<readonly JournalEntry[]> {
    return [...this.entries.values()]
      .filter((entry) => entry.owner !== owner || entry.abandonedAt <= now)
      .sort((a, b) => (a.command.id < b.command.id ? -1 : 1))
      .slice(0, limit);
  }
}

export class MemoryAuditStore extends AuditStore {
  private readonly records = new Map<DomainId, AuditRecord[]>();
  private readonly heads = new Map<DomainId, AuditHead>();
  private readonly told = new Map<DomainId, number>();

  override async append(domain: DomainId, commands: readonly FinishedCommand[], chain: AuditChain): Promise<void> {
    const standing = this.of(domain);
    const ids = new Set(standing.map(({ id }) => id));
    const fresh = commands.filter(({ id }) => !ids.has(id) && ids.add(id));
    const { records, head } = chain.link(this.heads.get(domain) ?? chain.beginning(domain), fresh);
    standing.push(...records);
    this.records.set(domain, standing);
    this.heads.set(domain, head);
  }

  override async extent(domain: DomainId): Promise<AuditExtent | undefined> {
    const head = this.heads.get(domain);
    return head && { head, last: this.of(domain).at(-1)?.sequence ?? 0 };
  }

  override async behind(domain: DomainId, sequence: number, limit: number): Promise<readonly AuditRecord[]> {
    return this.of(domain)
      .filter((record) => record.sequence > sequence)
      .slice(0, limit);
  }

  override async list(domain: DomainId, filter: AuditFilter, page: PageRequest): Promise<Page<AuditRecord>> {
    const all = this.of(domain)
      .filter((record) => matches(record, filter))
      .reverse();
    const before = page.cursor === undefined ? Infinity : Number(decodeCursor(page.cursor, ['number'])[0]);
    const found = all.filter(({ sequence }) => sequence < before);
    const items = found.slice(0, page.limit);
    const last = items.at(-1);
    return {
      items,
      nextCursor: found.length > page.limit && last ? encodeCursor([last.sequence]) : null,
      ...(page.count && { total: all.length }),
    };
  }

  override async untold(limit: number) {
    return [...this.heads.values()]
      .map(({ domain, sequence }) => ({ domain, sequence, told: this.told.get(domain) ?? 0 }))
      .filter(({ sequence, told }) => told < sequence)
      .map(({ domain, told }) => ({ domain, told }))
      .slice(0, limit);
  }

  override async markTold(domain: DomainId, sequence: number): Promise<void> {
    const upTo = Math.min(sequence, this.heads.get(domain)?.sequence ?? 0);
    this.told.set(domain, Math.max(this.told.get(domain) ?? 0, upTo));
  }

  override async outdated(before: Date, limit: number): Promise<readonly DomainId[]> {
    return [...this.records]
      .filter(([, [oldest]]) => oldest && oldest.endedAt < before)
      .map(([domain]) => domain)
      .slice(0, limit);
  }

  override async removeOldest(domain: DomainId, before: Date, limit: number, chain: AuditChain): Promise<number> {
    const standing = this.of(domain);
    const head = this.heads.get(domain);
    const kept = standing.findIndex(({ endedAt }) => endedAt >= before);
    const gone = standing.slice(0, Math.min(limit, kept < 0 ? standing.length : kept));
    const base = gone.at(-1);
    if (!base || !head) return 0;
    this.records.set(domain, standing.slice(gone.length));
    this.heads.set(domain, chain.sealed(domain, head, base));
    return gone.length;
  }

  private of(domain: DomainId): AuditRecord[] {
    return this.records.get(domain) ?? [];
  }
}

function matches(record: AuditRecord, { principal, action, objectId, outcome, from, to }: AuditFilter): boolean {
  return (
    (principal === undefined || record.actor.principal === principal) &&
    (action === undefined || record.action === action) &&
    (objectId === undefined || record.object.id === objectId) &&
    (outcome === undefined || record.outcome === outcome) &&
    (from === undefined || record.at >= from) &&
    (to === undefined || record.at < to)
  );
}
