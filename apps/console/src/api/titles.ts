import { keepPreviousData, queryOptions, useQueries, type UseQueryResult } from '@tanstack/react-query';
import { useMemo } from 'react';
import { call } from './client';
import { DAGS } from './dags.queries';

/** The service tells of so many at once. */
const BATCH = 100;

type Titles = ReadonlyMap<string, string>;

/**
 * The titles of some DAGs by their ids, in as few requests as there can be; those that are gone are missing. A list that grows at its end
 * asks for what is new.
 */
export function useTitles(ids: readonly string[]): Titles {
  const queries = useMemo(() => {
    const wanted = [...new Set(ids)];
    return Array.from({ length: Math.ceil(wanted.length / BATCH) }, (_, n) =>
      titlesQuery(wanted.slice(n * BATCH, n * BATCH + BATCH)),
    );
  }, [ids]);
  return useQueries({ queries, combine: together });
}

const titlesQuery = (ids: readonly string[]) =>
  queryOptions({
    queryKey: [...DAGS, 'titles', ids],
    queryFn: async ({ signal }): Promise<Titles> => {
      const { items = [] } = await call('POST /dags/batch-get', { body: { ids, fields: ['title'] } }, { signal });
      return new Map(items.map(({ id = '', title = '' }) => [id, title]));
    },
    staleTime: 60_000,
    placeholderData: keepPreviousData,
  });

const together = (results: readonly UseQueryResult<Titles>[]): Titles =>
  new Map(results.flatMap(({ data }) => [...(data ?? [])]));
