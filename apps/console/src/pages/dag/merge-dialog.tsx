import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { dagQuery, type ReadDag } from '../../api/dags.queries';
import { CompareView } from '../../parts/code-editor/compare-view';
import { readText, writeText, type TextFormat } from '../../parts/code-editor/definition-text';
import { FaultNote } from '../../parts/fault-note';
import { PageLoading } from '../../shell/page-loading';
import { definitionOf } from './definition-of';

interface Props {
  readonly dagId: string;
  readonly mine: string;
  readonly format: TextFormat;
  /** The merged text, and the DAG on top of which it is saved. */
  readonly onSave: (merged: string, current: ReadDag) => void;
  readonly onClose: () => void;
}

/** Somebody saved in the meantime: theirs beside mine, and what is saved is what stands at the right then. */
export function MergeDialog({ dagId, mine, format, onSave, onClose }: Props) {
  const { t } = useTranslation();
  const [merged, setMerged] = useState(mine);
  const { data: current, error } = useQuery({ ...dagQuery(dagId), staleTime: 0, refetchOnMount: 'always' });
  return (
    <Modal
      opened
      onClose={onClose}
      size="90%"
      title={t('dag.merge.title')}
      closeButtonProps={{ 'aria-label': t('parts.close') }}
    >
      <Stack gap="sm">
        <Text>{t('dag.merge.text')}</Text>
        <Group grow>
          <Text fw={600}>{t('dag.merge.theirs', { who: current?.dag.modifiedBy ?? '' })}</Text>
          <Text fw={600}>{t('dag.merge.mine')}</Text>
        </Group>
        {error && <FaultNote error={error} />}
        {current === undefined ? (
          <PageLoading />
        ) : (
          <CompareView
            labels={[t('dag.merge.theirs', { who: current.dag.modifiedBy ?? '' }), t('dag.merge.mine')]}
            left={writeText(definitionOf(current.dag), format)}
            right={mine}
            format={format}
            onChange={setMerged}
            height="60vh"
          />
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t('dag.merge.back')}
          </Button>
          <Button
            disabled={current === undefined || readText(merged, format).fault !== undefined}
            onClick={() => current && onSave(merged, current)}
          >
            {t('dag.merge.save')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
