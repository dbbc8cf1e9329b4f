import { Autocomplete, NumberInput, Select, SimpleGrid, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { fieldsFor, type ConfigFieldsProps } from './config-fields';

/** What the service tells of itself. */
const OWN_TYPES = ['*', 'created', 'updated', 'status_changed', 'deleted'].map((type) => `automation.dag.${type}`);

/** Which events start runs, and how many of them one. */
export function EventFields(props: ConfigFieldsProps) {
  const { t } = useTranslation();
  const { text, words, choice, number } = fieldsFor(props);
  const isKafka = props.config['source'] === 'kafka';
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
      <Select
        label={t('dag.triggers.source')}
        description={t('dag.triggers.sourceHint')}
        allowDeselect={false}
        withAsterisk
        data={(['internal', 'kafka'] as const).map((value) => ({ value, label: t(`dag.triggers.sources.${value}`) }))}
        {...choice('source')}
      />
      {isKafka && (
        <TextInput
          label={t('dag.triggers.topic')}
          description={t('dag.triggers.topicHint')}
          withAsterisk
          {...text('topic')}
        />
      )}
      <Autocomplete
        size="xs"
        label={t('dag.triggers.type')}
        description={t('dag.triggers.typeHint')}
        placeholder="order.*"
        data={isKafka ? [] : OWN_TYPES}
        {...words('type')}
      />
      <TextInput
        label={t('dag.triggers.orderBy')}
        description={t('dag.triggers.orderByHint')}
        placeholder="{{event.data.customer}}"
        {...text('orderBy')}
      />
      <NumberInput
        label={t('dag.triggers.batch')}
        description={t('dag.triggers.batchHint')}
        max={1_000}
        {...number('batch', 'size')}
      />
      <TextInput
        label={t('dag.triggers.wait')}
        description={t('dag.triggers.waitHint')}
        placeholder="PT5S"
        {...text('batch', 'wait')}
      />
    </SimpleGrid>
  );
}
