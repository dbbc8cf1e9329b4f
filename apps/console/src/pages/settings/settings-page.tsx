import { Tabs } from '@mantine/core';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { PageHeader } from '../../shell/page-header';
import { Secrets } from './secrets';
import { SETTINGS_TABS } from './settings.search';
import { Tokens } from './tokens';
import { Variables } from './variables';

const route = getRouteApi('/console/settings');

export function SettingsPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { tab = 'tokens' } = route.useSearch();
  return (
    <>
      <PageHeader title={t('settings.title')} />
      <Tabs
        value={tab}
        onChange={(next) =>
          void navigate({ to: '/settings', search: { tab: SETTINGS_TABS.find((one) => one === next) } })
        }
      >
        <Tabs.List mb="sm">
          {SETTINGS_TABS.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {t(`settings.tab.${one}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="tokens">
          <Tokens />
        </Tabs.Panel>
        <Tabs.Panel value="secrets">
          <Secrets />
        </Tabs.Panel>
        <Tabs.Panel value="variables">
          <Variables />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
