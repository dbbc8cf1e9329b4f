import type { DomainId } from '@flow/kernel';
import { isSame, type AuditChain, type AuditHead, type ChainPlace } from './audit-chain';
import type { AuditRecord } from './audit-record';
import type { AuditStore } from './audit.store';

/**
 * - `edited`: the record is not what was recorded
 * - `missing`: there is none of this sequence, and later ones stand
 * - `reordered`: it is a record of this chain, in the place of another one
 * - `truncated`: the newest are gone: the head, or one that was noted elsewhere, names a later one
 * - `head`: the head itself is not as this service left it
 * - `no_key`: it was made with a key that is not among SECRETS_KEY any more
 */
export type AuditFaultKind = 'edited' | 'missing' | 'reordered' | 'truncated' | 'head' | 'no_key';

export interface AuditFault {
  readonly sequence: number;
  readonly kind: AuditFaultKind;
}

export interface AuditVerdict {
  /** Nothing of what was looked at is wrong. */
  readonly ok: boolean;
  /** How many records were looked at. */
  readonly checked: number;
  /** As it stands; null where nothing was ever recorded. */
  readonly head: ChainPlace | null;
  /** Older ones were removed when their time was over. */
  readonly base: ChainPlace;
  readonly firstFault: AuditFault | null;
  /** Where to go on: there was no time for all of it. null at the end. */
  readonly next: ChainPlace | null;
}

const A_PAGE = 500;

/** What is asked about a chain. */
export interface AuditQuestion {
  /** Where an earlier answer ended (`next`). */
  readonly after?: ChainPlace;
  /** A head that was noted elsewhere: what it names has to stand still. */
  readonly noted?: ChainPlace;
  readonly most: number;
}

/** Looks for what was edited, removed, moved or cut off, record by record, `most` of them at most; memory holds a page. */
export async function verifyChain(
  store: AuditStore,
  chain: AuditChain,
  domain: DomainId,
  { after, noted, most }: AuditQuestion,
): Promise<AuditVerdict> {
  const extent = await store.extent(domain);
  if (!extent) return nothingRecorded(noted, after);
  const { head, last } = extent;
  let at = after && after.sequence > head.base.sequence ? after : head.base;
  let checked = 0;
  const answer = (firstFault: AuditFault | null, next: ChainPlace | null = null): AuditVerdict => ({
    ok: firstFault === null,
    checked,
    head: placeOf(head),
    base: head.base,
    firstFault,
    next,
  });
  const judged = chain.judge(head);
  if (judged !== 'sealed') return answer({ sequence: head.sequence, kind: judged === 'forged' ? 'head' : judged });
  if (noted && noted.sequence > head.sequence) return answer({ sequence: head.sequence + 1, kind: 'truncated' });
  if (noted && !agrees(noted, head) && noted.sequence === head.sequence)
    return answer({ sequence: noted.sequence, kind: 'edited' });
  while (at.sequence < head.sequence) {
    if (checked >= most) return answer(null, at);
    const page = await store.behind(domain, at.sequence, Math.min(A_PAGE, most - checked));
    // Those whose time is over may go meanwhile.
    const moved = page[0]?.sequence === at.sequence + 1 ? undefined : await baseBehind(store, chain, domain, at);
    if (moved) {
      at = moved;
      continue;
    }
    for (const [i, record] of page.entries()) {
      if (record.sequence > head.sequence) break;
      if (record.sequence !== at.sequence + 1) return answer({ sequence: at.sequence + 1, kind: 'missing' });
      const wanted = chain.hashOf(at.hash, record);
      if (wanted === undefined) return answer({ sequence: record.sequence, kind: 'no_key' });
      if (!isSame(wanted, record.hash))
        return answer({ sequence: record.sequence, kind: isOfAnotherPlace(chain, page, i) ? 'reordered' : 'edited' });
      if (noted && !agrees(noted, record)) return answer({ sequence: record.sequence, kind: 'edited' });
      at = placeOf(record);
      checked += 1;
    }
    if (page.length === 0)
      return answer({ sequence: at.sequence + 1, kind: last > at.sequence ? 'missing' : 'truncated' });
  }
  if (!isSame(at.hash, head.hash)) return answer({ sequence: head.sequence, kind: 'head' });
  // Somebody has put an older head back, and its records stand beyond it.
  if (last > head.sequence) return answer({ sequence: head.sequence, kind: 'head' });
  return answer(null);
}

function nothingRecorded(noted: ChainPlace | undefined, after: ChainPlace | undefined): AuditVerdict {
  const isGone = (noted?.sequence ?? after?.sequence ?? 0) > 0;
  const firstFault: AuditFault | null = isGone ? { sequence: 1, kind: 'truncated' } : null;
  return { ok: !isGone, checked: 0, head: null, base: { sequence: 0, hash: '' }, firstFault, next: null };
}

function agrees(noted: ChainPlace, place: ChainPlace): boolean {
  return noted.sequence !== place.sequence || isSame(noted.hash, place.hash);
}

/** The base, where it has moved past this place and is as this service left it. */
async function baseBehind(
  store: AuditStore,
  chain: AuditChain,
  domain: DomainId,
  at: ChainPlace,
): Promise<ChainPlace | undefined> {
  const head: AuditHead | undefined = (await store.extent(domain))?.head;
  return head && head.base.sequence > at.sequence && chain.judge(head) === 'sealed' ? head.base : undefined;
}

/** Whether it is whole in the place of another one of the page: what it was linked to is then that one's predecessor, or stands where it should. */
function isOfAnotherPlace(chain: AuditChain, page: readonly AuditRecord[], i: number): boolean {
  const record = page[i] as AuditRecord;
  return page.some(({ sequence, hash }, j) => {
    if (j === i) return false;
    const before = page[j - 1]?.hash;
    return [before, hash].some((previous) => {
      if (previous === undefined) return false;
      const wanted = chain.hashOf(previous, { ...record, sequence });
      return wanted !== undefined && isSame(wanted, record.hash);
    });
  });
}

function placeOf({ sequence, hash }: ChainPlace): ChainPlace {
  return { sequence, hash };
}

/** `42:mN3...` */
export function placeText({ sequence, hash }: ChainPlace): string {
  return `${sequence}:${hash}`;
}

export function parsePlace(text: string): ChainPlace | undefined {
  const [, sequence, hash = ''] = /^(\d{1,15}):([\w-]{43}|)$/.exec(text) ?? [];
  return sequence === undefined ? undefined : { sequence: Number(sequence), hash };
}
