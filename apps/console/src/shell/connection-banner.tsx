import { Alert } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiProblem } from '../api/problem';

/** Says that what is shown may be old, as long as reads that are in view get no answer. */
export function ConnectionBanner() {
  const { t } = useTranslation();
  const cache = useQueryClient().getQueryCache();
  const isCut = useSyncExternalStore(
    (listener) => cache.subscribe(listener),
    () =>
      cache.getAll().some((query) => {
        const { error } = query.state;
        return query.isActive() && error instanceof ApiProblem && error.status === 0;
      }),
  );
  if (!isCut) return null;
  return (
    <Alert color="yellow" mb="sm" p="xs" role="status">
      {t('shell.unreachable')}
    </Alert>
  );
}
