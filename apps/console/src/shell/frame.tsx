import { AppShell } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Outlet, useRouterState } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { CommandKeys } from './command-keys';
import { ConnectionBanner } from './connection-banner';
import { Navigation } from './navigation';
import { TopBar } from './top-bar';

/** What stands around every page: where one is, where one can go, who one is. */
export function Frame() {
  const { t } = useTranslation();
  const [isOpen, { toggle, close }] = useDisclosure(false);
  const path = useRouterState({ select: ({ location }) => location.pathname });
  // On a narrow screen the navigation covers the page that it leads to.
  useEffect(close, [path, close]);
  return (
    <AppShell
      header={{ height: 40 }}
      navbar={{ width: 176, breakpoint: 'xs', collapsed: { mobile: !isOpen } }}
      padding="md"
      transitionDuration={0}
    >
      <a className="skip-link" href="#main">
        {t('shell.skip')}
      </a>
      <AppShell.Header>
        <TopBar isNavigationOpen={isOpen} onNavigation={toggle} />
      </AppShell.Header>
      <AppShell.Navbar p={6} aria-label={t('shell.nav.label')}>
        <Navigation />
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1}>
        <ConnectionBanner />
        <Outlet />
      </AppShell.Main>
      <CommandKeys />
    </AppShell>
  );
}
