import { Alert, NumberInput, Select, SimpleGrid, TagsInput, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { secretsQuery } from '../../../api/settings.queries';
import { fieldsFor, type ConfigFieldsProps } from './config-fields';
import { SENDERS, senderOf, type Sender } from './hook-example';
import { valueAt, type JsonObject } from './trigger-draft';

const NONE = 'none';
const ALGORITHMS = ['sha256', 'sha512', 'sha1'];

/** Who may call, how that is proved, and how a call is answered. */
export function WebhookFields(props: ConfigFieldsProps) {
  const { t } = useTranslation();
  const { config, onChange } = props;
  const { text, choice, number, list } = fieldsFor(props);
  const { data: secrets = [] } = useQuery(secretsQuery);
  const signature = valueAt(config, ['signature']) as JsonObject | undefined;
  const sender = senderOf(signature);
  const sign = (next: string | null) => {
    const known = Object.entries(SENDERS).find(([name]) => name === next)?.[1];
    onChange(['signature'], known && { ...known, secrets: signature?.['secrets'] ?? [] });
  };
  return (
    <>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
        <Select
          label={t('dag.triggers.sender')}
          description={t('dag.triggers.senderHint')}
          allowDeselect={false}
          data={[NONE, ...(Object.keys(SENDERS) as Sender[])].map((value) => ({
            value,
            label: t(`dag.triggers.senders.${value as Sender | typeof NONE}`),
          }))}
          value={sender ?? NONE}
          onChange={sign}
        />
        {sender !== undefined && (
          <TagsInput
            label={t('dag.triggers.secrets')}
            description={
              <>
                {t('dag.triggers.secretsHint')}{' '}
                <Link to="/settings" search={{ tab: 'secrets' }}>
                  {t('dag.triggers.secretsLink')}
                </Link>
              </>
            }
            withAsterisk
            maxTags={2}
            data={secrets.map(({ name }) => name)}
            {...list('signature', 'secrets')}
          />
        )}
      </SimpleGrid>
      {sender === undefined && <Alert color="yellow">{t('dag.triggers.unsigned')}</Alert>}
      {sender === 'other' && (
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
          <TextInput label={t('dag.triggers.header')} withAsterisk {...text('signature', 'header')} />
          <TextInput
            label={t('dag.triggers.format')}
            description={t('dag.triggers.formatHint')}
            {...text('signature', 'format')}
          />
          <TextInput
            label={t('dag.triggers.payload')}
            description={t('dag.triggers.payloadHint')}
            {...text('signature', 'payload')}
          />
          <Select
            label={t('dag.triggers.algorithm')}
            description="sha256"
            clearable
            data={ALGORITHMS}
            {...choice('signature', 'algorithm')}
          />
        </SimpleGrid>
      )}
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
        <Select
          label={t('dag.triggers.respond')}
          description={t('dag.triggers.respondHint')}
          placeholder={t('dag.triggers.responds.accepted')}
          clearable
          data={(['accepted', 'result'] as const).map((value) => ({
            value,
            label: t(`dag.triggers.responds.${value}`),
          }))}
          {...choice('respond', 'mode')}
        />
        <NumberInput
          label={t('dag.triggers.rate')}
          description={t('dag.triggers.rateHint')}
          {...number('rateLimit', 'max')}
        />
      </SimpleGrid>
    </>
  );
}
