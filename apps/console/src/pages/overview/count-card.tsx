import { Paper, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { countQuery } from '../../api/instances-summary.queries';
import { messageOf } from '../../api/problem';
import { StatusBadge, type ShownStatus } from '../../parts/status-badge/status-badge';

interface Props {
  readonly status: ShownStatus;
  /** Of those that were created from then on. */
  readonly since?: string;
}

/** How many instances have a status; it leads to them. */
export function CountCard({ status, since }: Props) {
  const { data, error } = useQuery({ ...countQuery(status, since), placeholderData: (before) => before });
  return (
    <Paper
      withBorder
      p="sm"
      component={Link}
      {...({ to: '/instances', search: { status } } as object)}
      className="count-card"
    >
      <StatusBadge status={status} />
      <Text fz={22} fw={600} lh={1.3} title={error ? messageOf(error) : undefined} c="var(--mantine-color-text)">
        {data?.toLocaleString() ?? (error ? '?' : '…')}
      </Text>
    </Paper>
  );
}
