import { CheckCircleIcon, StopIcon } from '@primer/octicons-react';
import { Link } from '@tanstack/react-router';
import type { TFunction } from 'i18next';
import type { DagRow } from '../../api/dags.queries';
import type { Column } from '../../parts/data-table';
import { triggerText } from '../../parts/trigger-text';
import { Time } from '../../shell/time';

export function dagsColumns(t: TFunction): readonly Column<DagRow>[] {
  return [
    {
      id: 'title',
      header: t('dags.column.title'),
      width: 'minmax(220px, 3fr)',
      cell: ({ id, title, description }) => (
        <Link to="/dags/$dagId" params={{ dagId: id }} title={description}>
          {title}
        </Link>
      ),
    },
    {
      id: 'status',
      header: t('dags.column.status'),
      width: '100px',
      cell: ({ status }) => <DagStatus status={status} label={t(`dags.status.${status}`)} />,
    },
    {
      id: 'trigger',
      header: t('dags.column.trigger'),
      width: '90px',
      cell: ({ trigger }) => triggerText(t, trigger),
    },
    {
      id: 'tags',
      header: t('dags.column.tags'),
      width: 'minmax(150px, 1.5fr)',
      cell: ({ tags }) =>
        tags.map((tag) => (
          <span key={tag} className="data-tag">
            {tag}
          </span>
        )),
    },
    { id: 'version', header: t('dags.column.version'), width: '80px', cell: ({ version }) => version },
    { id: 'by', header: t('dags.column.by'), width: '110px', cell: ({ modifiedBy }) => modifiedBy },
    { id: 'at', header: t('dags.column.updated'), width: '110px', cell: ({ updatedAt }) => <Time at={updatedAt} /> },
  ];
}

export function DagStatus({ status, label }: { status: 'normal' | 'stopped'; label: string }) {
  const isNormal = status === 'normal';
  const Icon = isNormal ? CheckCircleIcon : StopIcon;
  return (
    <span style={{ color: isNormal ? 'var(--state-succeeded)' : 'var(--state-muted)' }}>
      <Icon size={14} /> {label}
    </span>
  );
}
