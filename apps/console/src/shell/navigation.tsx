import { NavLink } from '@mantine/core';
import {
  CheckCircleIcon,
  ClockIcon,
  GearIcon,
  HomeIcon,
  PlayIcon,
  ServerIcon,
  WorkflowIcon,
} from '@primer/octicons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

const PAGES = [
  { to: '/', name: 'overview', Icon: HomeIcon },
  { to: '/dags', name: 'dags', Icon: WorkflowIcon },
  { to: '/instances', name: 'instances', Icon: PlayIcon },
  { to: '/approvals', name: 'approvals', Icon: CheckCircleIcon },
  { to: '/triggers', name: 'triggers', Icon: ClockIcon },
  { to: '/workers', name: 'workers', Icon: ServerIcon },
  { to: '/settings', name: 'settings', Icon: GearIcon },
] as const;

export function Navigation() {
  const { t } = useTranslation();
  return PAGES.map(({ to, name, Icon }) => (
    <Link key={to} to={to} activeOptions={{ exact: to === '/', includeSearch: false }} className="nav-link">
      {({ isActive }) => (
        <NavLink
          component="span"
          active={isActive}
          label={t(`shell.nav.${name}`)}
          leftSection={<Icon size={16} />}
          py={5}
          variant="light"
          c={isActive ? undefined : 'var(--mantine-color-text)'}
        />
      )}
    </Link>
  ));
}
