import type { Caller } from '@flow/auth';
import type { DeadLetters } from '@flow/deliveries';
import { decodeCursor, encodeCursor, type Page, type PageRequest } from '@flow/kernel';
import type { DeadFirings } from '@flow/triggers';
import { toDeadFiringView, toDeadLetterView } from './dead-letter.view';
import { DEAD_LETTER_KINDS, filterOf, kindsOf, type DeadLetterKind, type DeadLetterQuery } from './dead-letters.dto';

type Shown = ReturnType<typeof toDeadLetterView> | ReturnType<typeof toDeadFiringView>;

/** Of both kinds, one behind the other, each the newest first. */
export async function listDeadLetters(
  caller: Caller,
  { deadLetters, deadFirings }: { readonly deadLetters: DeadLetters; readonly deadFirings: DeadFirings },
  query: DeadLetterQuery,
  { limit, cursor, count = false }: PageRequest,
): Promise<Page<Shown>> {
  const list = async (kind: DeadLetterKind, page: PageRequest): Promise<Page<Shown>> => {
    if (kind === 'firing') {
      const found = await deadFirings.list(caller, query.triggerId, page);
      return { ...found, items: found.items.map(toDeadFiringView) };
    }
    const found = await deadLetters.list(caller, filterOf(query), page);
    return { ...found, items: found.items.map(toDeadLetterView) };
  };
  const kinds = kindsOf(query);
  const [from, within] = cursor === undefined ? [kinds[0], ''] : decodeCursor(cursor, ['string', 'string']);
  const items: Shown[] = [];
  let [total, next]: [number, string | null] = [0, null];
  for (const kind of kinds) {
    const isBehind = DEAD_LETTER_KINDS.indexOf(kind) < DEAD_LETTER_KINDS.indexOf(from as DeadLetterKind);
    const room = isBehind ? 0 : limit - items.length;
    // Whoever counts asks each kind, though there be no room for it.
    if (room === 0 && !count) {
      if (!isBehind) next ??= encodeCursor([kind, '']);
      continue;
    }
    const inner = kind === from && typeof within === 'string' && within !== '' ? { cursor: within } : {};
    const page = await list(kind, { limit: Math.max(1, room), ...inner, count });
    total += page.total ?? 0;
    if (isBehind) continue;
    if (room > 0) items.push(...page.items);
    if (room === 0 && page.items.length > 0) next ??= encodeCursor([kind, '']);
    if (room > 0 && page.nextCursor !== null) next ??= encodeCursor([kind, page.nextCursor]);
  }
  return { items, nextCursor: next, ...(count && { total }) };
}
