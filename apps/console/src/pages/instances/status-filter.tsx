import { UnstyledButton } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { StatusBadge } from '../../parts/status-badge/status-badge';
import { INSTANCE_STATUSES, type InstanceStatus } from '../../api/instance-status';
import { countQuery } from './instances.queries';
import type { InstancesSearch } from './instances.search';
import classes from './instances.module.css';

interface Props {
  readonly search: InstancesSearch;
  readonly onChange: (status: string | undefined) => void;
}

/** One button a status, with how many there are now; several can be chosen. */
export function StatusFilter({ search, onChange }: Props) {
  const { t } = useTranslation();
  const chosen = new Set(search.status?.split(','));
  const { status: _status, ...others } = search;
  const counts = useQueries({ queries: INSTANCE_STATUSES.map((status) => countQuery(others, status)) });
  const toggle = (status: InstanceStatus) => {
    const next = INSTANCE_STATUSES.filter((one) => chosen.has(one) !== (one === status));
    onChange(next.length > 0 ? next.join(',') : undefined);
  };
  return (
    <div className={classes.statuses} role="group" aria-label={t('instances.filter.status')}>
      <UnstyledButton className={classes.status} aria-pressed={chosen.size === 0} onClick={() => onChange(undefined)}>
        {t('instances.filter.all')}
      </UnstyledButton>
      {INSTANCE_STATUSES.map((status, i) => (
        <UnstyledButton
          key={status}
          className={classes.status}
          aria-pressed={chosen.has(status)}
          onClick={() => toggle(status)}
        >
          <StatusBadge status={status} />
          <span className={classes.count} data-count={status}>
            {counts[i]?.data ?? '…'}
          </span>
        </UnstyledButton>
      ))}
    </div>
  );
}
