import { Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useTitles } from '../../../api/titles';
import type { TriggerRow } from '../../../api/triggers.queries';
import { senderOf } from './hook-example';
import { valueAt, type JsonObject } from './trigger-draft';

/** What a trigger waits for, in a few words: a schedule in the words of the service, of others what their config names. */
export function TriggerSummary({ trigger: { kind, config = {}, description } }: { trigger: TriggerRow }) {
  const { t } = useTranslation();
  const word = (key: string) => (typeof config[key] === 'string' ? config[key] : '');
  switch (kind) {
    case 'webhook': {
      const sender = senderOf(valueAt(config, ['signature']) as JsonObject | undefined);
      return <Text c="dimmed">{t(`dag.triggers.senders.${sender ?? 'none'}`)}</Text>;
    }
    case 'event':
      return <Text c="dimmed">{[word('source'), word('topic'), word('type')].filter(Boolean).join(' · ')}</Text>;
    case 'dag':
      return <Listened dagId={word('dagId')} />;
    default:
      return description !== null && <Text c="dimmed">{description}</Text>;
  }
}

function Listened({ dagId }: { dagId: string }) {
  const titles = useTitles([dagId]);
  return (
    <Link to="/dags/$dagId" params={{ dagId }}>
      {titles.get(dagId) ?? dagId}
    </Link>
  );
}
