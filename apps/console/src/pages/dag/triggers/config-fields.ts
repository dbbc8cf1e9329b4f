import type { ChangeEvent, ReactNode } from 'react';
import { valueAt, type JsonObject } from './trigger-draft';

/** What the fields of a kind are given: the config, and how to change one place of it. */
export interface ConfigFieldsProps {
  readonly config: JsonObject;
  readonly onChange: (path: readonly string[], value: unknown) => void;
  /** Of a pointer into the trigger: `/config/cron`. */
  readonly faultAt: (pointer: string) => string | undefined;
  /** What is told right below the field that matters most. */
  readonly children?: ReactNode;
}

/** What inputs of each type need to hold one place of a config. */
export function fieldsFor({ config, onChange, faultAt }: ConfigFieldsProps) {
  const errorAt = (path: readonly string[]) => faultAt(`/config/${path.join('/')}`);
  const textAt = (path: readonly string[]) => {
    const value = valueAt(config, path);
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  };
  return {
    text: (...path: string[]) => ({
      value: textAt(path),
      error: errorAt(path),
      onChange: ({ currentTarget }: ChangeEvent<HTMLInputElement>) => onChange(path, currentTarget.value),
    }),
    words: (...path: string[]) => ({
      value: textAt(path),
      error: errorAt(path),
      onChange: (next: string) => onChange(path, next),
    }),
    number: (...path: string[]) => ({
      value: textAt(path),
      error: errorAt(path),
      allowDecimal: false,
      min: 1,
      onChange: (next: string | number) => onChange(path, next === '' ? undefined : Number(next)),
    }),
    choice: (...path: string[]) => ({
      value: textAt(path) === '' ? null : textAt(path),
      error: errorAt(path),
      onChange: (next: string | null) => onChange(path, next ?? undefined),
    }),
    list: (...path: string[]) => {
      const value = valueAt(config, path);
      return {
        value: Array.isArray(value) ? value.map(String) : [],
        error: errorAt(path),
        onChange: (next: string[]) => onChange(path, next),
      };
    },
  };
}
