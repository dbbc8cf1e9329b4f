import { Button, Group, NumberInput, Select, SimpleGrid, TagsInput, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { fieldsFor, type ConfigFieldsProps } from './config-fields';
import { ON_FULL } from './trigger-draft';

const OFTEN = { hourly: '0 * * * *', daily: '0 6 * * *', workdays: '0 6 * * MON-FRI', weekly: '0 6 * * MON', monthly: '0 6 1 * *' } as const; // prettier-ignore
const MISSED = ['none', 'latest', 'all'] as const;

const zones = (): string[] => ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];

/** When a schedule fires; what is rarer (bounds, both of an hour that comes twice) is written in the JSON below. */
export function CronFields(props: ConfigFieldsProps) {
  const { t } = useTranslation();
  const { text, choice, number, list } = fieldsFor(props);
  return (
    <>
      <TextInput
        label={t('dag.triggers.cron')}
        description={t('dag.triggers.cronHint')}
        withAsterisk
        classNames={{ input: 'mono' }}
        {...text('cron')}
      />
      <Group gap={4} role="group" aria-label={t('dag.triggers.often')}>
        {(Object.keys(OFTEN) as (keyof typeof OFTEN)[]).map((often) => (
          <Button
            key={often}
            variant="default"
            size="compact-xs"
            onClick={() => props.onChange(['cron'], OFTEN[often])}
          >
            {t(`dag.triggers.oftens.${often}`)}
          </Button>
        ))}
      </Group>
      {props.children}
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
        <Select
          label={t('dag.triggers.zone')}
          description={t('dag.triggers.zoneHint')}
          searchable
          data={zones()}
          limit={100}
          {...choice('timezone')}
        />
        <Select
          label={t('dag.triggers.overlap')}
          description={t('dag.triggers.overlapHint')}
          placeholder={t('dag.triggers.overlaps.allow')}
          clearable
          data={['allow' as const, ...ON_FULL].map((value) => ({ value, label: t(`dag.triggers.overlaps.${value}`) }))}
          {...choice('overlap')}
        />
        <Select
          label={t('dag.triggers.missed')}
          description={t('dag.triggers.missedHint')}
          placeholder={t('dag.triggers.misseds.latest')}
          clearable
          data={MISSED.map((value) => ({ value, label: t(`dag.triggers.misseds.${value}`) }))}
          {...choice('missed', 'policy')}
        />
        <NumberInput
          label={t('dag.triggers.pause')}
          description={t('dag.triggers.pauseHint')}
          max={100}
          {...number('pauseOnFailure')}
        />
        <TagsInput
          label={t('dag.triggers.exclude')}
          description={t('dag.triggers.excludeHint')}
          placeholder="2026-12-25"
          {...list('exclude')}
        />
        <TextInput
          label={t('dag.triggers.jitter')}
          description={t('dag.triggers.jitterHint')}
          placeholder="PT5M"
          {...text('jitter')}
        />
      </SimpleGrid>
    </>
  );
}
