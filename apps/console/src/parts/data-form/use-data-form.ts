import { useIsMutating } from '@tanstack/react-query';
import { useId, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiProblem } from '../../api/problem';
import { fieldsOf, WHOLE } from './fields';
import { filled } from './filled';

/** What somebody types into the form of a JSON Schema; DataFields shows it. */
export interface DataForm {
  /** Tells the uploads of this form from those of others. */
  readonly id: string;
  readonly fields: ReturnType<typeof fieldsOf>;
  readonly typed: Readonly<Record<string, string>>;
  /** By the key of the field, in words. */
  readonly faults: Readonly<Record<string, string>>;
  /** A file is on its way: what is read now would be without it. */
  readonly isUploading: boolean;
  readonly change: (key: string, value: string) => void;
  /** The data; undefined where something is missing or cannot be read, which its field then says. */
  readonly read: () => { readonly data: unknown } | undefined;
  /** Shows what the service said about single fields at those fields; `/data` is what it was given. */
  readonly refuse: (error: unknown) => void;
}

export function useDataForm(schema: unknown): DataForm {
  const { t } = useTranslation();
  const id = useId();
  const fields = useMemo(() => fieldsOf(schema), [schema]);
  const [typed, setTyped] = useState(() => Object.fromEntries(fields.map(({ key, initial }) => [key, initial])));
  const [faults, setFaults] = useState<Readonly<Record<string, string>>>({});
  const isUploading = useIsMutating({ mutationKey: ['upload', id] }) > 0;
  return {
    id,
    fields,
    typed,
    faults,
    isUploading,
    change: (key, value) => setTyped((before) => ({ ...before, [key]: value })),
    read() {
      const { data, faults: found } = filled(fields, typed);
      const told = Object.entries(found).map(([key, fault]) => [key, t(`parts.form.fault.${fault}`)] as const);
      setFaults(Object.fromEntries(told));
      return told.length === 0 ? { data } : undefined;
    },
    refuse(error) {
      const found = error instanceof ApiProblem ? error.errors : [];
      const isWhole = fields[0]?.key === WHOLE;
      setFaults(Object.fromEntries(found.map(({ pointer, message }) => [isWhole ? WHOLE : keyOf(pointer), message])));
    },
  };
}

/** Of a JSON Pointer into `/data`. */
const keyOf = (pointer: string): string => (pointer.split('/')[2] ?? '').replaceAll('~1', '/').replaceAll('~0', '~');
