import { demand, type Caller } from '@flow/auth';
import type { Page, PageRequest } from '@flow/kernel';
import type { AuditChain, ChainPlace } from './audit-chain';
import type { AuditFilter, AuditRecord } from './audit-record';
import type { AuditTrail } from './audit-trail';
import { verifyChain, type AuditVerdict } from './audit-verification';
import type { AuditStore } from './audit.store';

/** Some 25 us each: an answer comes within a second or two, and names where to go on. */
export const VERIFIED_AT_ONCE = 50_000;
const EXPORTED_AT_ONCE = 500;

/** Reading the trail of one's own business domain. What this process has answered is in it. */
export class AuditRecords {
  constructor(
    private readonly store: AuditStore,
    private readonly trail: AuditTrail,
    private readonly chain: AuditChain,
  ) {}

  /** The newest first. */
  async list(caller: Caller, filter: AuditFilter, page: PageRequest): Promise<Page<AuditRecord>> {
    demand(caller, 'audit.view');
    await this.trail.settled();
    return this.store.list(caller.domain, filter, page);
  }

  /** Behind a sequence, the oldest first, up to what stands when it is asked for; memory holds a few hundred. */
  async export(caller: Caller, after: number): Promise<AsyncIterable<readonly AuditRecord[]>> {
    demand(caller, 'audit.view');
    await this.trail.settled();
    const { store } = this;
    const { domain } = caller;
    const end = (await store.extent(domain))?.last ?? 0;
    return (async function* () {
      for (let at = after; at < end;) {
        const found = await store.behind(domain, at, EXPORTED_AT_ONCE);
        const records = found.filter(({ sequence }) => sequence <= end);
        if (records.length > 0) yield records;
        at = records.length < found.length || found.length === 0 ? end : (found.at(-1) as AuditRecord).sequence;
      }
    })();
  }

  /** What to note elsewhere: later, `verify` tells whether all up to here still stands. null where nothing was recorded. */
  async head(caller: Caller): Promise<ChainPlace | null> {
    demand(caller, 'audit.view');
    await this.trail.settled();
    const head = (await this.store.extent(caller.domain))?.head;
    return head ? { sequence: head.sequence, hash: head.hash } : null;
  }

  async verify(
    caller: Caller,
    question: { readonly after?: ChainPlace; readonly noted?: ChainPlace },
  ): Promise<AuditVerdict> {
    demand(caller, 'audit.view');
    await this.trail.settled();
    return verifyChain(this.store, this.chain, caller.domain, { ...question, most: VERIFIED_AT_ONCE });
  }
}
