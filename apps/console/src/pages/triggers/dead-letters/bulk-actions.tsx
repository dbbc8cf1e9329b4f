import { Button, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DeadLetterFilter } from '../../../api/platform.queries';
import { Confirm } from '../../../parts/confirm';
import { useLetters } from './use-letters';

interface Props {
  readonly filter: DeadLetterFilter;
  readonly selected: ReadonlySet<string>;
  readonly onSelect: (selected: ReadonlySet<string>) => void;
}

/** What can be done with those that are selected, or with all that the filter shows. */
export function BulkActions({ filter: { kind, triggerId }, selected, onSelect }: Props) {
  const { t } = useTranslation();
  const [asks, setAsks] = useState<'all' | 'discard'>();
  const acting = useLetters(({ refused }) => {
    setAsks(undefined);
    onSelect(new Set(refused.keys()));
  });
  const ids = [...selected];
  // The service drives callbacks or firings, not both in one request.
  const all =
    triggerId !== undefined
      ? { triggerId }
      : kind === 'firing'
        ? { kind: 'firing' }
        : kind === 'callback'
          ? {}
          : undefined;
  return (
    <>
      <Button
        disabled={ids.length === 0}
        loading={acting.isPending && asks === undefined}
        onClick={() => acting.mutate({ kind: 'redrive', target: { ids } })}
      >
        {t('triggers.dead.redrive')}
      </Button>
      <Button variant="default" c="red" disabled={ids.length === 0} onClick={() => setAsks('discard')}>
        {t('triggers.dead.discard')}
      </Button>
      {ids.length > 0 ? (
        <Text c="dimmed">{t('dags.bulk.selected', { count: ids.length })}</Text>
      ) : (
        all && (
          <Button variant="subtle" onClick={() => setAsks('all')}>
            {t('triggers.dead.redriveAll')}
          </Button>
        )
      )}
      {asks === 'discard' && (
        <Confirm
          title={t('triggers.dead.askDiscard', { count: ids.length })}
          action={t('triggers.dead.discard')}
          isDangerous
          isPending={acting.isPending}
          onConfirm={() => acting.mutate({ kind: 'discard', ids })}
          onClose={() => setAsks(undefined)}
        >
          <Text>{t('triggers.dead.askDiscardText')}</Text>
        </Confirm>
      )}
      {asks === 'all' && all && (
        <Confirm
          title={t('triggers.dead.askAll')}
          action={t('triggers.dead.redriveAll')}
          isPending={acting.isPending}
          onConfirm={() => acting.mutate({ kind: 'redrive', target: { filter: all } })}
          onClose={() => setAsks(undefined)}
        >
          <Text>{t('triggers.dead.askAllText')}</Text>
        </Confirm>
      )}
    </>
  );
}
