import { Input, Skeleton } from '@mantine/core';
import { lazy, Suspense, type ReactNode } from 'react';

const CodeEditor = lazy(async () => ({ default: (await import('./code-editor/code-editor')).CodeEditor }));

interface Props {
  readonly label: string;
  readonly description?: ReactNode;
  readonly error?: ReactNode;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly schema?: Readonly<Record<string, unknown>>;
  readonly height?: string;
}

/** A field of a form that holds JSON as a text. */
export function JsonField({ label, description, error, value, onChange, schema, height = '140px' }: Props) {
  return (
    <Input.Wrapper label={label} description={description} error={error} size="xs" labelElement="div">
      <Suspense fallback={<Skeleton height={height} />}>
        <CodeEditor label={label} value={value} format="json" onChange={onChange} schema={schema} height={height} />
      </Suspense>
    </Input.Wrapper>
  );
}
