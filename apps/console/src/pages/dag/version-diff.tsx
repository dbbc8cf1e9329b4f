import { Badge, Group, Stack, Text } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { dagQuery, diffQuery } from '../../api/dags.queries';
import { CompareView } from '../../parts/code-editor/compare-view';
import { writeText } from '../../parts/code-editor/definition-text';
import { FaultNote } from '../../parts/fault-note';
import { PageLoading } from '../../shell/page-loading';
import { definitionOf } from './definition-of';

interface Props {
  readonly dagId: string;
  readonly from: string;
  readonly to: string;
}

const KINDS = ['added', 'removed', 'moved', 'changed'] as const;
const COLORS = { added: 'green', removed: 'red', moved: 'gray', changed: 'yellow' } as const;

/** What changed from one version to another: by steps, and in the text. */
export function VersionDiff({ dagId, from, to }: Props) {
  const { t } = useTranslation();
  const [diff, left, right] = useQueries({
    queries: [diffQuery(dagId, from, to), dagQuery(dagId, from), dagQuery(dagId, to)],
  });
  const error = diff.error ?? left.error ?? right.error;
  if (error) return <FaultNote error={error} />;
  if (!diff.data || !left.data || !right.data) return <PageLoading />;
  const { data } = diff;
  const fields = data.fields ?? [];
  return (
    <Stack gap="xs">
      <Group gap="md">
        <Text fw={600}>
          {from} → {to}
        </Text>
        {KINDS.map((kind) => {
          const steps = data[kind] ?? [];
          if (steps.length === 0) return null;
          return (
            <Group key={kind} gap={4}>
              <Text c="dimmed">{t(`dag.versions.${kind}`)}</Text>
              {steps.map(({ stepId = '' }) => (
                <Badge key={stepId} color={COLORS[kind]} tt="none">
                  {stepId}
                </Badge>
              ))}
            </Group>
          );
        })}
        {fields.length > 0 && (
          <Text c="dimmed">
            {t('dag.versions.fields')} {fields.map(({ pointer = '' }) => pointer).join(', ')}
          </Text>
        )}
      </Group>
      <CompareView
        labels={[from, to]}
        left={writeText(definitionOf(left.data.dag), 'yaml')}
        right={writeText(definitionOf(right.data.dag), 'yaml')}
        format="yaml"
        height="calc(100vh - 240px)"
      />
    </Stack>
  );
}
