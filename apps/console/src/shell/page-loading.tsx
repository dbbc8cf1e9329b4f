import { Center, Loader } from '@mantine/core';
import { useTranslation } from 'react-i18next';

export function PageLoading() {
  const { t } = useTranslation();
  return (
    <Center p="xl" role="status" aria-label={t('parts.loading')}>
      <Loader size="sm" />
    </Center>
  );
}
