import { Group, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { SearchIcon } from '@primer/octicons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { TRIGGER_KINDS, triggerText } from '../../parts/trigger-text';
import { DAG_SORTS, DAG_STATUSES, type DagsSearch } from './dags.search';

interface Props {
  readonly search: DagsSearch;
  readonly onChange: (search: DagsSearch) => void;
}

export function DagsFilters({ search, onChange }: Props) {
  const { t } = useTranslation();
  const [keyword, setKeyword] = useState(search.keyword ?? '');
  const [tag, setTag] = useState(search.tag ?? '');
  const settle = useDebouncedCallback(
    (typed: Pick<DagsSearch, 'keyword' | 'tag'>) => onChange({ ...search, ...typed }),
    250,
  );
  const choice = <Value extends string>(values: readonly Value[], name: (value: Value) => string) =>
    values.map((value) => ({ value, label: name(value) }));
  return (
    <Group gap="xs" mb="xs" role="search">
      <TextInput
        aria-label={t('dags.filter.keyword')}
        placeholder={t('dags.filter.keyword')}
        leftSection={<SearchIcon />}
        w={240}
        value={keyword}
        data-search
        onChange={({ currentTarget: { value } }) => {
          setKeyword(value);
          settle({ keyword: value || undefined, tag: tag || undefined });
        }}
      />
      <Select
        aria-label={t('dags.filter.status')}
        placeholder={t('dags.filter.status')}
        clearable
        w={130}
        data={choice(DAG_STATUSES, (status) => t(`dags.status.${status}`))}
        value={search.status ?? null}
        onChange={(status) => onChange({ ...search, status: status ?? undefined })}
      />
      <Select
        aria-label={t('dags.filter.trigger')}
        placeholder={t('dags.filter.trigger')}
        clearable
        w={130}
        data={choice(TRIGGER_KINDS, (trigger) => triggerText(t, trigger))}
        value={search.trigger ?? null}
        onChange={(trigger) => onChange({ ...search, trigger: trigger ?? undefined })}
      />
      <TextInput
        aria-label={t('dags.filter.tag')}
        placeholder={t('dags.filter.tag')}
        w={120}
        value={tag}
        onChange={({ currentTarget: { value } }) => {
          setTag(value);
          settle({ keyword: keyword || undefined, tag: value || undefined });
        }}
      />
      <Select
        aria-label={t('dags.filter.sort')}
        w={170}
        allowDeselect={false}
        data={choice(DAG_SORTS, (sort) => t(`dags.sort.${sort}`))}
        value={search.sort ?? '-createdAt'}
        onChange={(sort) => onChange({ ...search, sort: sort ?? undefined })}
      />
    </Group>
  );
}
