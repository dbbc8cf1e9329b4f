import { Anchor, Stack, Text, Title } from '@mantine/core';
import { Link, useLocation } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

export function PageMissing() {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  return (
    <Stack p="xl" gap="xs">
      <Title order={1}>{t('shell.notFound.title')}</Title>
      <Text>{t('shell.notFound.text', { path: pathname })}</Text>
      <Anchor component={Link} to="/">
        {t('shell.notFound.back')}
      </Anchor>
    </Stack>
  );
}
