import {
  ActionIcon,
  Burger,
  Group,
  Select,
  Text,
  Tooltip,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { MoonIcon, SunIcon } from '@primer/octicons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { chooseLanguage, LANGUAGES, type Language } from '../i18n';
import { AccountMenu } from './account-menu';

interface Props {
  readonly isNavigationOpen: boolean;
  readonly onNavigation: () => void;
}

export function TopBar({ isNavigationOpen, onNavigation }: Props) {
  const { t, i18n } = useTranslation();
  const { setColorScheme } = useMantineColorScheme();
  const isDark = useComputedColorScheme('light') === 'dark';
  const other = isDark ? t('shell.theme.toLight') : t('shell.theme.toDark');
  return (
    <Group h="100%" px="sm" justify="space-between" wrap="nowrap">
      <Group gap="xs" wrap="nowrap">
        <Burger
          hiddenFrom="xs"
          size="xs"
          opened={isNavigationOpen}
          onClick={onNavigation}
          aria-label={t('shell.nav.label')}
          aria-expanded={isNavigationOpen}
        />
        <Link to="/" className="mantine-visible-from-xs">
          <Text fw={600} c="var(--mantine-color-text)" style={{ whiteSpace: 'nowrap' }}>
            {t('shell.product')}
          </Text>
        </Link>
      </Group>
      <Group gap={6} wrap="nowrap">
        <Select
          aria-label={t('shell.language')}
          data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
          value={i18n.language}
          onChange={(language) => language !== null && chooseLanguage(language as Language)}
          w={92}
          allowDeselect={false}
        />
        <Tooltip label={other}>
          <ActionIcon aria-label={other} onClick={() => setColorScheme(isDark ? 'light' : 'dark')}>
            {isDark ? <SunIcon /> : <MoonIcon />}
          </ActionIcon>
        </Tooltip>
        <AccountMenu />
      </Group>
    </Group>
  );
}
