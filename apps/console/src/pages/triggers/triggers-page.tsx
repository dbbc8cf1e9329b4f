import { Tabs } from '@mantine/core';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { PageHeader } from '../../shell/page-header';
import { NextRuns } from '../overview/next-runs';
import { AllTriggers } from './all-triggers';
import { DeadLetters } from './dead-letters';
import { Firings } from './firings';
import { TRIGGERS_TABS } from './triggers.search';

const route = getRouteApi('/console/triggers');

export function TriggersPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { tab = 'next', trigger } = route.useSearch();
  return (
    <>
      <PageHeader title={t('triggers.title')} />
      <Tabs
        value={tab}
        onChange={(next) =>
          void navigate({ to: '/triggers', search: { tab: TRIGGERS_TABS.find((one) => one === next), trigger } })
        }
      >
        <Tabs.List mb="sm">
          {TRIGGERS_TABS.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {t(`triggers.tab.${one}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="next">
          <NextRuns limit={100} />
          <AllTriggers />
        </Tabs.Panel>
        <Tabs.Panel value="firings">
          <Firings trigger={trigger} />
        </Tabs.Panel>
        <Tabs.Panel value="dead">
          <DeadLetters />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
