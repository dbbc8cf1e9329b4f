import { Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

interface Props {
  readonly title: string;
  readonly text?: ReactNode;
  /** The next thing to do. */
  readonly children?: ReactNode;
}

/** Where there is nothing yet: what would be here, and how it comes here. */
export const EmptyNote = ({ title, text, children }: Props) => (
  <Stack gap={6} p="lg" align="flex-start" className="empty-note">
    <Title order={2}>{title}</Title>
    {text !== undefined && (
      <Text c="dimmed" maw={640}>
        {text}
      </Text>
    )}
    {children}
  </Stack>
);
