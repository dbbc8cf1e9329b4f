import { AppShell } from '@mantine/core';
import { Outlet } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { CommandKeys } from './command-keys';
import { ConnectionBanner } from './connection-banner';
import { Navigation } from './navigation';
import { TopBar } from './top-bar';

/** What stands around every page: where one is, where one can go, who one is. */
export function Frame() {
  const { t } = useTranslation();
  return (
    <AppShell header={{ height: 40 }} navbar={{ width: 176, breakpoint: 'xs' }} padding="md" transitionDuration={0}>
      <a className="skip-link" href="#main">
        {t('shell.skip')}
      </a>
      <AppShell.Header>
        <TopBar />
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
