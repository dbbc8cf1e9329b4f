import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { ShownInstance } from '../api/shown-instance';
import { useTitles } from '../api/titles';
import { DataTable, type Selection } from './data-table';
import { instanceColumns, type InstanceColumn } from './instance-columns';

interface Props {
  readonly rows: readonly ShownInstance[];
  readonly label: string;
  readonly columns: readonly InstanceColumn[];
  readonly onEnd?: () => void;
  readonly selection?: Selection;
  readonly height?: string;
}

/** Instances, wherever they are listed; Enter opens the one that is marked. */
export function InstancesTable({ rows, columns: shown, ...table }: Props) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const titles = useTitles(useMemo(() => rows.map(({ dagId }) => dagId), [rows]));
  const columns = useMemo(() => instanceColumns(t, titles, shown), [t, titles, shown]);
  return (
    <DataTable
      {...table}
      columns={columns}
      rows={rows}
      keyOf={({ id }) => id}
      onOpen={({ id }) => void navigate({ to: '/instances/$instanceId', params: { instanceId: id } })}
    />
  );
}
