import { Paper, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { numberText } from '../../i18n/formats';
import { StatusBadge, type ShownStatus } from '../../parts/status-badge/status-badge';

interface Props {
  readonly status: ShownStatus;
  /** Unknown while it is asked for, or where that failed. */
  readonly count: number | undefined;
  /** There are more than were counted. */
  readonly more?: boolean;
}

/** How many instances have a status; it leads to them. */
export function CountCard({ status, count, more = false }: Props) {
  const { i18n } = useTranslation();
  return (
    <Paper
      withBorder
      p="sm"
      component={Link}
      {...({ to: '/instances', search: { status } } as object)}
      className="count-card"
    >
      <StatusBadge status={status} />
      <Text fz={22} fw={600} lh={1.3} c="var(--mantine-color-text)">
        {count === undefined ? '…' : `${numberText(count, i18n.language)}${more ? '+' : ''}`}
      </Text>
    </Paper>
  );
}
