import { MultiSelect, Select, SimpleGrid, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { dagsQuery } from '../../../api/dags.queries';
import { useTitles } from '../../../api/titles';
import { fieldsFor, type ConfigFieldsProps } from './config-fields';

const ENDS = ['succeeded', 'failed', 'cancelled'] as const;

/** Whose ends start runs. */
export function DagFields(props: ConfigFieldsProps) {
  const { t } = useTranslation();
  const { text, choice, list } = fieldsFor(props);
  const [typed, setTyped] = useState('');
  const [keyword] = useDebouncedValue(typed.trim(), 300);
  const { data } = useInfiniteQuery(dagsQuery(keyword === '' ? {} : { keyword }));
  const chosen = typeof props.config['dagId'] === 'string' ? props.config['dagId'] : undefined;
  const titles = useTitles(chosen === undefined ? NONE : [chosen]);
  const found = new Map((data?.pages[0]?.items ?? []).map(({ id = '', title = '' }) => [id, title]));
  if (chosen !== undefined && !found.has(chosen)) found.set(chosen, titles.get(chosen) ?? chosen);
  return (
    <>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
        <Select
          label={t('dag.triggers.listens')}
          description={t('dag.triggers.listensHint')}
          withAsterisk
          searchable
          data={[...found].map(([value, label]) => ({ value, label }))}
          onSearchChange={(next) => setTyped(next === found.get(chosen ?? '') ? '' : next)}
          {...choice('dagId')}
        />
        <MultiSelect
          label={t('dag.triggers.ends')}
          description={t('dag.triggers.endsHint')}
          data={ENDS.map((value) => ({ value, label: t(`dag.triggers.end.${value}`) }))}
          {...list('on')}
        />
      </SimpleGrid>
      <TextInput
        label={t('dag.triggers.condition')}
        description={t('dag.triggers.conditionHint')}
        placeholder="event.data.result.count > 0"
        {...text('condition')}
      />
    </>
  );
}

const NONE: readonly string[] = [];
