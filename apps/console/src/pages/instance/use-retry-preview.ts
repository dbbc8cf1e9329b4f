import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { ShownInstance } from '../../api/shown-instance';
import { catalogueQuery, definitionQuery, tasksQuery, type ShownTask } from '../instances/instances.queries';
import { effectsOf, repeatsOf, type EndedTask, type RetryPoint } from './retry-preview';

export type RetryPreview =
  | { readonly kind: 'working' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'known'; readonly repeats: readonly EndedTask[] };

/** What a retry would call again. `unknown` where the definition, the tasks or the operators may not be read: that is no "nothing". */
export function useRetryPreview({ id, dagId, version, reason }: ShownInstance, from: RetryPoint): RetryPreview {
  const definition = useQuery(definitionQuery(dagId, version));
  const catalogue = useQuery({ ...catalogueQuery, retry: false });
  const tasks = useQuery(tasksQuery(id));
  return useMemo(() => {
    if (definition.error ?? catalogue.error ?? tasks.error) return { kind: 'unknown' };
    if (!definition.data || !catalogue.data || !tasks.data) return { kind: 'working' };
    const undone = reason?.compensation?.map(({ path = '' }) => path) ?? [];
    const ended = tasks.data.map(endedOf);
    const repeats = repeatsOf(definition.data.steps, ended, undone, from, effectsOf(catalogue.data));
    return { kind: 'known', repeats };
  }, [definition, catalogue, tasks, reason, from]);
}

function endedOf({ path, stepId, status, attempt, error, input }: ShownTask): EndedTask {
  const concurrency =
    typeof input === 'object' && input !== null ? (input as { concurrency?: unknown }).concurrency : 1;
  return { path, stepId, status, attempt, handled: error?.handled === true, concurrency: Number(concurrency ?? 1) };
}
