import { Button, Drawer, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { deadLetterQuery, type WholeLetter } from '../../../api/platform.queries';
import { isStatus } from '../../../api/problem';
import { Confirm } from '../../../parts/confirm';
import { EmptyNote } from '../../../parts/empty-note';
import { FaultNote } from '../../../parts/fault-note';
import { JsonView } from '../../../parts/json-view/json-view';
import { PageLoading } from '../../../shell/page-loading';
import { Time } from '../../../shell/time';
import { LetterEditor } from './letter-editor';
import { useLetters } from './use-letters';

interface Props {
  readonly id: string;
  /** Of DAGs. */
  readonly titles: ReadonlyMap<string, string>;
  readonly onClose: () => void;
}

/** One dead letter: why it was given up, what it says, and what can be done about it. */
export function LetterDrawer({ id, titles, onClose }: Props) {
  const { t } = useTranslation();
  const { data: letter, error, refetch } = useQuery(deadLetterQuery(id));
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="min(680px, 100vw)"
      title={t('triggers.dead.one')}
      closeButtonProps={{ 'aria-label': t('parts.close') }}
    >
      {isStatus(error, 404) ? (
        <EmptyNote title={t('triggers.dead.gone')} text={t('triggers.dead.goneText')} />
      ) : (
        error && <FaultNote error={error} onRetry={() => void refetch()} />
      )}
      {letter === undefined && !error && <PageLoading />}
      {letter && !error && <Letter letter={letter} title={titles.get(letter.dagId ?? '')} onClose={onClose} />}
    </Drawer>
  );
}

function Letter({ letter, title, onClose }: { letter: WholeLetter; title: string | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  const [isAsking, setAsking] = useState(false);
  const acting = useLetters(({ refused }) => {
    if (refused.size === 0) onClose();
  });
  const { id = '', kind, code, lastError, attempts, diedAt, instanceId, dagId, triggerId, url, payload } = letter;
  return (
    <Stack gap="sm">
      <Text c="var(--state-failed)">
        {code !== undefined && <code>{code} </code>}
        {lastError}
      </Text>
      <Group gap="lg">
        {dagId !== undefined && (
          <Link to="/dags/$dagId" params={{ dagId }} search={{ tab: 'triggers' }}>
            {title ?? dagId}
          </Link>
        )}
        {triggerId !== undefined && (
          <Link to="/triggers" search={{ tab: 'firings', trigger: triggerId }}>
            {t('dag.triggers.history')}
          </Link>
        )}
        {instanceId !== undefined && (
          <Link to="/instances/$instanceId" params={{ instanceId }}>
            {t('instance.title')}
          </Link>
        )}
        {url !== undefined && <Text className="mono">{url}</Text>}
        <Text c="dimmed">{t('triggers.dead.tried', { count: attempts ?? 0 })}</Text>
        <Text c="dimmed">
          {t('triggers.column.died')} <Time at={diedAt} />
        </Text>
      </Group>
      <LetterEditor key={JSON.stringify(payload) + (url ?? '')} letter={letter} />
      <JsonView value={payload} name={`dead-letter-${id}`} maxHeight={260} />
      <Group>
        <Button loading={acting.isPending} onClick={() => acting.mutate({ kind: 'redrive', target: { ids: [id] } })}>
          {t('triggers.dead.redrive')}
        </Button>
        <Button variant="default" c="red" onClick={() => setAsking(true)}>
          {t('triggers.dead.discard')}
        </Button>
      </Group>
      <Text c="dimmed">{t(kind === 'firing' ? 'triggers.dead.hintFiring' : 'triggers.dead.hintCallback')}</Text>
      {isAsking && (
        <Confirm
          title={t('triggers.dead.askDiscard', { count: 1 })}
          action={t('triggers.dead.discard')}
          isDangerous
          isPending={acting.isPending}
          onConfirm={() => acting.mutate({ kind: 'discard', ids: [id] })}
          onClose={() => setAsking(false)}
        >
          <Text>{t('triggers.dead.askDiscardText')}</Text>
        </Confirm>
      )}
    </Stack>
  );
}
