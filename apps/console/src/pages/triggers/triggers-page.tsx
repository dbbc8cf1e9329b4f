import { Tabs } from '@mantine/core';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import type { ComponentType } from 'react';
import { useTranslation } from 'react-i18next';
import { PageHeader } from '../../shell/page-header';
import { AllTriggers } from './all-triggers';
import { CalendarTab } from './calendar/calendar-tab';
import { DeadLetters } from './dead-letters/dead-letters';
import { Firings } from './firings';
import { TRIGGERS_TABS, type TriggersTab } from './triggers.search';

const PANELS: Readonly<Record<TriggersTab, ComponentType>> = {
  calendar: CalendarTab,
  all: AllTriggers,
  firings: Firings,
  dead: DeadLetters,
};

const route = getRouteApi('/console/triggers');

export function TriggersPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { tab = 'calendar', trigger } = route.useSearch();
  const Panel = PANELS[tab];
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
        <Tabs.Panel value={tab}>
          <Panel />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
