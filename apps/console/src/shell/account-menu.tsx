import { Button, Menu, Text } from '@mantine/core';
import { PersonIcon, SignOutIcon } from '@primer/octicons-react';
import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { meQuery, signOut } from '../api/session';
import { BusinessDomains } from './business-domains';

export function AccountMenu() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const { data: me } = useSuspenseQuery(meQuery);
  const leaving = useMutation({
    mutationFn: signOut,
    onSuccess: async () => {
      await navigate({ to: '/sign-in' });
      queryClient.clear();
    },
  });
  return (
    <>
      <BusinessDomains me={me} />
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="subtle" color="gray" aria-label={t('shell.account.label', { principal: me.principal })}>
            <PersonIcon />
            <Text span inherit truncate maw={160} ml={8} visibleFrom="xs">
              {me.principal}
            </Text>
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{t('shell.account.signedInAs', { principal: me.principal })}</Menu.Label>
          <Menu.Item component="a" href="/docs" target="_blank" rel="noreferrer">
            {t('shell.account.apiDocs')}
          </Menu.Item>
          <Menu.Item leftSection={<SignOutIcon />} onClick={() => leaving.mutate()}>
            {t('shell.account.signOut')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
