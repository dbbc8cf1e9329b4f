import { Group, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

interface Props {
  readonly title: string;
  /** Stands beside the title: a status, an id. */
  readonly beside?: ReactNode;
  /** What can be done here, at the right. */
  readonly children?: ReactNode;
}

/** The first line of a page; also what the window is called. */
export function PageHeader({ title, beside, children }: Props) {
  const { t } = useTranslation();
  useDocumentTitle(`${title} · ${t('shell.product')}`);
  return (
    <Group justify="space-between" mb="sm" mih={30} wrap="nowrap">
      <Group gap="sm" wrap="nowrap" miw={0}>
        <Title order={1}>{title}</Title>
        {beside}
      </Group>
      <Group gap="xs" wrap="nowrap">
        {children}
      </Group>
    </Group>
  );
}
