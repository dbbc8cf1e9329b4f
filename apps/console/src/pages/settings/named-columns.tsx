import { Button, VisuallyHidden } from '@mantine/core';
import type { TFunction } from 'i18next';
import type { Column } from '../../parts/data-table';
import { Time } from '../../shell/time';
import { DeleteButton } from './delete-button';

interface Changed {
  readonly name: string;
  readonly updatedAt: string;
  readonly modifiedBy: string;
}

export const nameColumn = (t: TFunction): Column<Changed> => ({
  id: 'name',
  header: t('settings.column.name'),
  width: 'minmax(140px, 1fr)',
  cell: ({ name }) => (
    <span className="mono" title={name}>
      {name}
    </span>
  ),
});

export const changedColumn = (t: TFunction): Column<Changed> => ({
  id: 'changed',
  header: t('settings.column.changed'),
  width: '190px',
  cell: ({ updatedAt, modifiedBy }) => (
    <span title={modifiedBy}>
      <Time at={updatedAt} /> · {modifiedBy}
    </span>
  ),
});

interface Acts<Row> {
  readonly queryKey: readonly string[];
  /** What is asked before it is deleted. */
  readonly ask: (row: Row) => string;
  readonly verb?: string;
  readonly onDelete: (row: Row) => Promise<unknown>;
  /** Puts it into the form; left out where it cannot be changed. */
  readonly onChange?: (row: Row) => void;
}

export function actsColumn<Row extends { readonly name: string }>(t: TFunction, acts: Acts<Row>): Column<Row> {
  const { queryKey, ask, verb, onDelete, onChange } = acts;
  return {
    id: 'acts',
    header: <VisuallyHidden>{t('settings.column.acts')}</VisuallyHidden>,
    width: onChange ? '130px' : '70px',
    isNumber: true,
    cell: (row) => (
      <>
        {onChange && (
          <Button
            variant="subtle"
            size="compact-xs"
            aria-label={t('settings.change', { name: row.name })}
            onClick={() => onChange(row)}
          >
            {t('parts.change')}
          </Button>
        )}
        <DeleteButton title={ask(row)} action={verb} queryKey={queryKey} onDelete={() => onDelete(row)} />
      </>
    ),
  };
}
