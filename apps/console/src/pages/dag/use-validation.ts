import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import type { Diagnostic } from '@codemirror/lint';
import { useMemo } from 'react';
import { call } from '../../api/client';
import { readText, type TextFormat } from '../../parts/code-editor/definition-text';
import { diagnosticsOf } from './definition-faults';

export interface Validated {
  readonly diagnostics: readonly Diagnostic[];
  /** The text is checked, and nothing is wrong with it. */
  readonly isValid: boolean;
  readonly isChecking: boolean;
}

/** Asks the service what is wrong with a definition, whenever its author pauses. */
export function useValidation(text: string, format: TextFormat): Validated {
  const [settled] = useDebouncedValue(text, 400);
  const read = useMemo(() => readText(settled, format), [settled, format]);
  const { data, isFetching } = useQuery({
    queryKey: ['validation', format, settled],
    queryFn: ({ signal }) =>
      call('POST /dags/validate', { body: read.value as Readonly<Record<string, unknown>> }, { signal }),
    enabled: read.fault === undefined && typeof read.value === 'object' && read.value !== null,
    gcTime: 0,
    staleTime: Infinity,
  });
  const diagnostics = useMemo((): readonly Diagnostic[] => {
    if (read.fault) return [{ ...read.fault, severity: 'error' }];
    return data ? diagnosticsOf(read, data) : [];
  }, [read, data]);
  return { diagnostics, isValid: data?.valid === true && settled === text, isChecking: isFetching || settled !== text };
}
