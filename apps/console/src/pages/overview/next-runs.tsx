import { Group, Table, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useTitles } from '../../api/titles';
import { upcomingQuery } from '../../api/triggers.queries';
import { EmptyNote } from '../../parts/empty-note';
import { FaultNote } from '../../parts/fault-note';
import { Time } from '../../shell/time';

const SHOWN = 8;

/** The schedules that fire next; the calendar of triggers has all of them. */
export function NextRuns() {
  const { t } = useTranslation();
  const { data: triggers, error } = useQuery(upcomingQuery(SHOWN));
  const titles = useTitles(useMemo(() => (triggers ?? []).map(({ dagId }) => dagId), [triggers]));
  return (
    <section aria-label={t('overview.next')}>
      <Group justify="space-between" mb={6}>
        <Title order={2}>{t('overview.next')}</Title>
        <Link to="/triggers">{t('triggers.tab.calendar')}</Link>
      </Group>
      {error && <FaultNote error={error} />}
      {triggers?.length === 0 && <EmptyNote title={t('overview.noNext')} text={t('overview.noNextText')} />}
      {triggers !== undefined && triggers.length > 0 && (
        <Table aria-label={t('overview.next')} highlightOnHover>
          <Table.Tbody>
            {triggers.map(({ id, dagId, name, description, nextFireAt }) => (
              <Table.Tr key={id}>
                <Table.Td w={130}>
                  <Time at={nextFireAt} />
                </Table.Td>
                <Table.Td>
                  <Link to="/dags/$dagId" params={{ dagId }} search={{ tab: 'triggers' }}>
                    {titles.get(dagId) ?? dagId}
                  </Link>
                </Table.Td>
                <Table.Td className="dim">{[name, description].filter(Boolean).join(': ')}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </section>
  );
}
