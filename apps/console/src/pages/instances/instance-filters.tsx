import { Button, Group, Select, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { XIcon } from '@primer/octicons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { localTime } from '../../shell/time-text';
import { dagChoicesQuery, dagTitleQuery } from './instances.queries';
import { isLabel, type InstancesSearch } from './instances.search';

interface Props {
  readonly search: InstancesSearch;
  readonly onChange: (change: Partial<InstancesSearch>) => void;
}

/** Filters by DAG, label and time; they are the page's address. */
export function InstanceFilters({ search, onChange }: Props) {
  const { t } = useTranslation();
  const [label, setLabel] = useState(search.label ?? '');
  const isWrong = label !== '' && !isLabel(label);
  const give = () => !isWrong && onChange({ label: label === '' ? undefined : label });
  const isFiltered = [search.status, search.dag, search.label, search.from, search.to].some((one) => one !== undefined);
  return (
    <Group gap="xs" align="flex-end" wrap="wrap">
      <DagFilter dag={search.dag} onChange={(dag) => onChange({ dag })} />
      <TextInput
        w={170}
        label={t('instances.filter.labelFilter')}
        placeholder={t('instances.filter.labelHint')}
        value={label}
        error={isWrong && t('instances.filter.labelWrong')}
        onChange={({ currentTarget }) => setLabel(currentTarget.value)}
        onBlur={give}
        onKeyDown={({ key }) => key === 'Enter' && give()}
      />
      <TimeFilter label={t('instances.filter.from')} value={search.from} onChange={(from) => onChange({ from })} />
      <TimeFilter label={t('instances.filter.to')} value={search.to} onChange={(to) => onChange({ to })} />
      {isFiltered && (
        <Button
          variant="subtle"
          color="gray"
          leftSection={<XIcon size={12} />}
          onClick={() => {
            setLabel('');
            onChange({ status: undefined, dag: undefined, label: undefined, from: undefined, to: undefined });
          }}
        >
          {t('instances.filter.clear')}
        </Button>
      )}
    </Group>
  );
}

function DagFilter({
  dag,
  onChange,
}: {
  readonly dag: string | undefined;
  readonly onChange: (dag: string | undefined) => void;
}) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const [keyword] = useDebouncedValue(typed, 200);
  const title = useQuery({ ...dagTitleQuery(dag ?? ''), enabled: dag !== undefined }).data;
  const { data: choices = [] } = useQuery(dagChoicesQuery(keyword === title ? '' : keyword));
  const data = choices.map(({ id, title: label }) => ({ value: id, label }));
  if (dag !== undefined && !data.some(({ value }) => value === dag)) data.unshift({ value: dag, label: title ?? dag });
  return (
    <Select
      w={230}
      label={t('instances.filter.dag')}
      placeholder={t('instances.filter.anyDag')}
      data={data}
      value={dag ?? null}
      searchable
      clearable
      filter={({ options }) => options}
      searchValue={typed}
      onSearchChange={setTyped}
      onChange={(value) => onChange(value ?? undefined)}
    />
  );
}

interface TimeProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
}

/** In the zone of whoever looks. */
function TimeFilter({ label, value, onChange }: TimeProps) {
  return (
    <TextInput
      w={190}
      type="datetime-local"
      label={label}
      value={value === undefined ? '' : localTime(value)}
      onChange={({ currentTarget }) => {
        const time = new Date(currentTarget.value);
        onChange(Number.isNaN(time.getTime()) ? undefined : time.toISOString());
      }}
    />
  );
}
