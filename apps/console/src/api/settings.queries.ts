import type { Operation, AnswerOf, Secret, Token, Variable, Whole } from '@flow/client';
import { queryOptions } from '@tanstack/react-query';
import { call } from './client';

type Listed = Extract<Operation, 'GET /me/tokens' | 'GET /secrets' | 'GET /variables'>;

/** All pages one after another: what a business domain has of these is some hundreds at most. */
async function all<O extends Listed>(
  operation: O,
  signal: AbortSignal,
): Promise<readonly AnswerOf<O>['items'][number][]> {
  const items: AnswerOf<O>['items'][number][] = [];
  for (let cursor: string | undefined; ;) {
    const page = await call<Listed>(operation, { query: { limit: 200, cursor } }, { signal });
    items.push(...page.items);
    if (page.nextCursor === null) return items;
    cursor = page.nextCursor;
  }
}

export const tokensQuery = queryOptions({
  queryKey: ['tokens'],
  queryFn: async ({ signal }) => (await all('GET /me/tokens', signal)) as readonly Whole<Token>[],
});

export const secretsQuery = queryOptions({
  queryKey: ['secrets'],
  queryFn: async ({ signal }) => (await all('GET /secrets', signal)) as readonly Whole<Secret>[],
});

export const variablesQuery = queryOptions({
  queryKey: ['variables'],
  queryFn: async ({ signal }) => (await all('GET /variables', signal)) as readonly Whole<Variable>[],
});
