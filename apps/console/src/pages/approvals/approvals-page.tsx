import { Skeleton, Text, UnstyledButton } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FaultNote } from '../../parts/fault-note';
import { JsonView } from '../../parts/json-view/json-view';
import { PageHeader } from '../../shell/page-header';
import { approvalsQuery, dagTitleQuery, taskQuery, type ShownApproval } from '../instances/instances.queries';
import { Moment } from '../../shell/time';
import { EmptyNote } from '../../parts/empty-note';
import { useRowKeys } from '../../parts/use-row-keys';
import classes from './approvals.module.css';
import { DecisionForm } from './decision-form';
import { isThere } from '../../api/is-there';

/** What waits for whoever is signed in: one list, one that is read, its form beside it. */
export function ApprovalsPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { data, error, isPending, refetch, hasNextPage, fetchNextPage } = useInfiniteQuery(approvalsQuery);
  const items = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]);
  const [chosen, setChosen] = useState<string>();
  const found = items.findIndex(({ id }) => id === chosen);
  const at = found < 0 ? 0 : found;
  const current = items[at];
  const list = useRef<HTMLElement>(null);
  useRowKeys({
    box: list,
    count: items.length,
    current: at,
    onMove: (index) => setChosen(items[index]?.id),
    onKey(key, index) {
      const { instanceId, path: task } = items[index] ?? {};
      if (key !== 'Enter' || instanceId === undefined) return false;
      void navigate({ to: '/instances/$instanceId', params: { instanceId }, search: { task } });
      return true;
    },
  });
  return (
    <>
      <PageHeader title={t('approvals.title')} />
      {error && <FaultNote error={error} onRetry={() => void refetch()} />}
      {isPending && <Skeleton height={200} />}
      {data && items.length === 0 && <EmptyNote title={t('approvals.none.title')} text={t('approvals.none.text')} />}
      {current && (
        <div className={classes.inbox}>
          <nav ref={list} data-row-keys className={classes.list} aria-label={t('approvals.list')}>
            {items.map((one, i) => (
              <UnstyledButton
                key={one.id}
                className={classes.item}
                aria-current={i === at || undefined}
                onClick={() => setChosen(one.id)}
              >
                <Text fw={600} truncate>
                  {titleOf(one) ?? t('approvals.untitled', { step: one.stepId })}
                </Text>
                <Text size="xs" c="dimmed">
                  <Moment at={one.createdAt} /> ·{' '}
                  {t('approvals.has', { has: String(one.decisions.length), quorum: String(one.quorum) })}
                </Text>
              </UnstyledButton>
            ))}
            {hasNextPage && (
              <UnstyledButton className={classes.item} onClick={() => void fetchNextPage()}>
                <Text c="dimmed">{t('parts.more')}</Text>
              </UnstyledButton>
            )}
            <Text size="xs" c="dimmed" p={8}>
              {t('approvals.keys')}
            </Text>
          </nav>
          <ShownApprovalOf key={current.id} approval={current} />
        </div>
      )}
    </>
  );
}

const titleOf = ({ title }: ShownApproval) =>
  title === null || title === undefined || title === '' ? undefined : title;

function ShownApprovalOf({ approval }: { readonly approval: ShownApproval }) {
  const { t } = useTranslation();
  const { id, instanceId, dagId, path, stepId, assignees, decisions, createdAt, expiresAt, quorum } = approval;
  const dag = useQuery(dagTitleQuery(dagId)).data;
  const task = useQuery({ ...taskQuery(instanceId, id), staleTime: 60_000, retry: false }).data;
  const asked = othersOf(task?.input);
  const name = titleOf(approval) ?? t('approvals.untitled', { step: stepId });
  return (
    <section className={classes.detail} aria-label={name}>
      <h2 className={classes.title}>{name}</h2>
      <Text c="dimmed">
        {t('approvals.of', { path })}{' '}
        <Link
          to="/instances/$instanceId"
          params={{ instanceId }}
          search={{ task: path }}
          style={{ textDecoration: 'underline' }}
        >
          {dag ?? instanceId}
        </Link>
      </Text>
      <Text>
        {t('approvals.since')} <Moment at={createdAt} /> · {t('approvals.until')}{' '}
        {!isThere(expiresAt) ? t('approvals.neverExpires') : <Moment at={expiresAt} />} ·{' '}
        {t('approvals.has', { has: String(decisions.length), quorum: String(quorum) })}
      </Text>
      <Text>
        {t('approvals.assignees')}: {assignees.join(', ')}
      </Text>
      {decisions.map(({ by, decision, at }) => (
        <Text key={by}>
          {t(decision === 'rejected' ? 'approvals.rejectedBy' : 'approvals.approvedBy', { by })} <Moment at={at} />
        </Text>
      ))}
      {asked !== undefined && (
        <>
          <Text fw={600} mt="sm" mb={4}>
            {t('approvals.asked')}
          </Text>
          <JsonView value={asked} name={`${id}-asked`} maxHeight={220} />
        </>
      )}
      <DecisionForm approval={approval} />
    </section>
  );
}

/** What the step was given beside what this page shows in words; undefined when that is nothing. */
function othersOf(input: unknown): object | undefined {
  if (typeof input !== 'object' || input === null) return undefined;
  const shown = new Set(['title', 'assignees', 'schema', 'quorum', 'expiresIn']);
  const others = Object.entries(input).filter(([name]) => !shown.has(name));
  return others.length > 0 ? Object.fromEntries(others) : undefined;
}
