import { Table } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { InstanceRow } from '../api/dags.queries';
import { Time } from '../shell/time';
import { StatusBadge } from './status-badge/status-badge';

interface Props {
  readonly rows: readonly InstanceRow[];
  readonly label: string;
  /** The title of each row's DAG, where rows are of several. */
  readonly titles?: ReadonlyMap<string, string>;
}

/** Some runs, the newest first. */
export function InstancesTable({ rows, label, titles }: Props) {
  const { t } = useTranslation();
  return (
    <Table aria-label={label} highlightOnHover>
      <Table.Thead>
        <Table.Tr>
          <Table.Th w={120}>{t('parts.run.status')}</Table.Th>
          <Table.Th>{t(titles ? 'parts.run.dag' : 'parts.run.id')}</Table.Th>
          <Table.Th w={90}>{t('parts.run.version')}</Table.Th>
          <Table.Th w={110}>{t('parts.run.trigger')}</Table.Th>
          <Table.Th w={120}>{t('parts.run.created')}</Table.Th>
          <Table.Th>{t('parts.run.reason')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map(({ id, dagId, status, version, trigger, createdAt, reason }) => (
          <Table.Tr key={id}>
            <Table.Td>
              <StatusBadge status={status} />
            </Table.Td>
            <Table.Td>
              <Link to="/instances/$instanceId" params={{ instanceId: id }} className={titles ? undefined : 'mono'}>
                {titles?.get(dagId) ?? id}
              </Link>
            </Table.Td>
            <Table.Td>{version}</Table.Td>
            <Table.Td>{trigger.kind}</Table.Td>
            <Table.Td>
              <Time at={createdAt} />
            </Table.Td>
            <Table.Td className="dim">{reason?.message}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
