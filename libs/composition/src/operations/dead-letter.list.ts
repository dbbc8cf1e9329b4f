import type { Caller } from '@flow/auth';
import type { DeadLetters } from '@flow/deliveries';
import type { Page, PageRequest } from '@flow/kernel';
import type { DeadFirings } from '@flow/triggers';
import { toDeadFiringView, toDeadLetterView } from './dead-letter.view';
import { filterOf, kindsOf, type DeadLetterKind, type DeadLetterQuery } from './dead-letters.dto';
import { mergedPage, type Source } from './merged-page';

type Shown = ReturnType<typeof toDeadLetterView> | ReturnType<typeof toDeadFiringView>;

/** Of both kinds, the newest first. */
export async function listDeadLetters(
  caller: Caller,
  { deadLetters, deadFirings }: { readonly deadLetters: DeadLetters; readonly deadFirings: DeadFirings },
  query: DeadLetterQuery,
  page: PageRequest,
): Promise<Page<Shown>> {
  const sources: Readonly<Record<DeadLetterKind, Source<Shown>>> = {
    async callback(part) {
      const found = await deadLetters.list(caller, filterOf(query), part);
      return { ...found, items: found.items.map(toDeadLetterView) };
    },
    async firing(part) {
      const found = await deadFirings.list(caller, query.triggerId, part);
      return { ...found, items: found.items.map(toDeadFiringView) };
    },
  };
  return mergedPage(
    kindsOf(query).map((kind) => sources[kind]),
    page,
    ({ diedAt }) => new Date(diedAt ?? 0).getTime(),
  );
}
