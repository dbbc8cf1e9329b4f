import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { ApiProblem, type Fault } from '../../../api/problem';
import { configPreviewQuery } from '../../../api/triggers.queries';
import { configOf, type Draft } from './trigger-draft';

const NONE: readonly Fault[] = [];

/** What the service says of a schedule while it is written: when it fires, or what is wrong with it. */
export function usePreview({ kind, config: text }: Draft) {
  const [settled] = useDebouncedValue(text, 400);
  const config = configOf({ config: settled });
  const { data, error } = useQuery({
    ...configPreviewQuery(config ?? {}),
    enabled: kind === 'cron' && config !== undefined,
    placeholderData: keepPreviousData,
  });
  const isOfNow = settled === text;
  return {
    preview: error === null ? data : undefined,
    faults: isOfNow && error instanceof ApiProblem ? error.errors : NONE,
  };
}
