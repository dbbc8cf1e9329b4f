import { Badge, Group, List, SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { schemaQuery } from '../../api/dags.queries';
import { CodeEditor } from '../../parts/code-editor/code-editor';
import { readText, writeText, type TextFormat } from '../../parts/code-editor/definition-text';
import { useValidation, type Validated } from './use-validation';

export interface Written {
  readonly text: string;
  readonly format: TextFormat;
}

interface Props {
  readonly written: Written;
  readonly onChange: (written: Written) => void;
  /** Beside the format, at the left. */
  readonly beside?: ReactNode;
  /** What can be done with the text, at the right. */
  readonly children: ReactNode;
}

/** A definition as a text, in the one format or the other, with what the service finds wrong with it at its places. */
export function DefinitionEditor({ written, onChange, beside, children }: Props) {
  const { t } = useTranslation();
  const { text, format } = written;
  const { data: schema } = useQuery(schemaQuery);
  const validated = useValidation(text, format);
  // A text that cannot be read stays in the format that it was written in.
  const change = (next: TextFormat) => {
    const { value, fault } = readText(text, format);
    if (fault === undefined) onChange({ text: writeText(value, next), format: next });
  };
  return (
    <>
      <Group justify="space-between" mb="xs">
        <Group gap="xs">
          <SegmentedControl
            aria-label={t('dag.definition.format')}
            data={[
              { value: 'yaml', label: 'YAML' },
              { value: 'json', label: 'JSON' },
            ]}
            value={format}
            onChange={(next) => change(next)}
          />
          <ValidationBadge {...validated} />
          {beside}
        </Group>
        <Group gap="xs">{children}</Group>
      </Group>
      <CodeEditor
        label={t('dag.tab.definition')}
        value={text}
        format={format}
        onChange={(next) => onChange({ text: next, format })}
        schema={schema}
        diagnostics={validated.diagnostics}
        height="calc(100vh - 320px)"
      />
      <List size="sm" mt="xs" mah={90} style={{ overflow: 'auto' }} listStyleType="none" aria-live="polite">
        {validated.diagnostics.map(({ message, source, severity }) => (
          <List.Item
            key={`${source ?? ''} ${message}`}
            c={severity === 'error' ? 'var(--state-failed)' : 'var(--state-waiting)'}
          >
            {source !== undefined && <code>{source} </code>}
            {message}
          </List.Item>
        ))}
      </List>
    </>
  );
}

function ValidationBadge({ diagnostics: { length: count }, isValid, isChecking }: Validated) {
  const { t } = useTranslation();
  if (isChecking) return <Badge color="gray">{t('dag.definition.checking')}</Badge>;
  if (count > 0) return <Badge color={isValid ? 'yellow' : 'red'}>{t('dag.definition.faults', { count })}</Badge>;
  return isValid ? <Badge color="green">{t('dag.definition.valid')}</Badge> : null;
}
