import type { AnswerOf, Whole } from '@flow/client';
import { queryOptions } from '@tanstack/react-query';
import { call } from '../../api/client';

export type RetryPoint = 'failed' | { readonly path: string };

export type RetryOutline = Whole<AnswerOf<'POST /instances/{id}/retry'>>;

/** What a retry would keep and do again, and whether it would be refused, as the service decides it: a dry run. */
export const retryOutlineQuery = (
  id: string,
  body: { readonly from: RetryPoint; readonly version: 'original' | 'latest' },
) =>
  queryOptions({
    queryKey: ['instance', id, 'retry', body],
    queryFn: async ({ signal }) =>
      (await call(
        'POST /instances/{id}/retry',
        { path: { id }, body: { ...body, dryRun: true } },
        { signal },
      )) as RetryOutline,
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
