import { Skeleton } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { DataTable, type Column } from '../../parts/data-table';
import { EmptyNote } from '../../parts/empty-note';
import { FaultNote } from '../../parts/fault-note';

interface Props<Row> {
  readonly label: string;
  readonly read: UseQueryResult<readonly Row[]>;
  readonly columns: readonly Column<Row>[];
  readonly keyOf: (row: Row) => string;
  /** What it says where there are none. */
  readonly none: { readonly title: string; readonly text: string };
}

/** What is kept so far, under its form. */
export function SettingsList<Row>({ label, read, columns, keyOf, none }: Props<Row>) {
  const { data: rows, error, refetch } = read;
  if (error) return <FaultNote error={error} onRetry={() => void refetch()} />;
  if (rows === undefined) return <Skeleton height={120} />;
  if (rows.length === 0) return <EmptyNote {...none} />;
  return (
    <DataTable label={label} columns={columns} rows={rows} keyOf={keyOf} height="max(200px, calc(100vh - 280px))" />
  );
}
