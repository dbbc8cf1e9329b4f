import { Checkbox, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { StatusBadge } from '../../parts/status-badge/status-badge';
import { hasEnded } from './instance-status';
import { dagTitlesQuery, type ShownInstance } from './instances.queries';
import classes from './instances.module.css';
import { Moment } from '../../shell/time';
import { durationText, tookMs } from '../../shell/took';
import { useNow } from '../../shell/use-now';
import { useRowKeys } from './use-row-keys';

interface Props {
  readonly items: readonly ShownInstance[];
  readonly hasMore: boolean;
  readonly onMore: () => void;
  readonly selected: ReadonlySet<string>;
  readonly onSelect: (selected: ReadonlySet<string>) => void;
}

const ROW_PX = 32;
const COLUMNS = ['status', 'dag', 'instance', 'trigger', 'progress', 'created', 'took', 'labels'] as const;

/** Rows of 32 px of which only those in sight stand in the page; the next page is read before its end is seen. */
export function InstanceTable({ items, hasMore, onMore, selected, onSelect }: Props) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const scroller = useRef<HTMLDivElement>(null);
  const [current, setCurrent] = useState(-1);
  const titles = useTitles(items);
  const nowMs = useNow(items.some(({ status }) => !hasEnded(status)));
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
  });
  const rows = virtual.getVirtualItems();
  const last = rows.at(-1)?.index ?? -1;
  useEffect(() => {
    if (hasMore && last >= items.length - 10) onMore();
  }, [hasMore, last, items.length, onMore]);
  useRowKeys(
    items.length,
    current,
    (index) => {
      setCurrent(index);
      virtual.scrollToIndex(index);
    },
    (index) => {
      const instance = items[index];
      if (instance) void navigate({ to: '/instances/$instanceId', params: { instanceId: instance.id } });
    },
  );

  const toggle = (id: string) => {
    const next = new Set(selected);
    if (!next.delete(id)) next.add(id);
    onSelect(next);
  };
  const isAll = items.length > 0 && items.every(({ id }) => selected.has(id));
  return (
    <div ref={scroller} className={classes.table} tabIndex={0} role="region" aria-label={t('instances.title')}>
      <div className={classes.grid} role="table" aria-rowcount={items.length}>
        <div className={`${classes.row} ${classes.head}`} role="row">
          <span role="columnheader">
            <Checkbox
              size="xs"
              aria-label={t('instances.column.selectAll')}
              checked={isAll}
              indeterminate={!isAll && selected.size > 0}
              onChange={() => onSelect(new Set(isAll ? [] : items.slice(0, 100).map(({ id }) => id)))}
            />
          </span>
          {COLUMNS.map((name) => (
            <span
              key={name}
              role="columnheader"
              className={name === 'progress' || name === 'took' ? classes.number : undefined}
            >
              {t(`instances.column.${name}`)}
            </span>
          ))}
        </div>
        <div className={classes.body} role="rowgroup" style={{ height: virtual.getTotalSize() }}>
          {rows.map(({ index, start }) => {
            const instance = items[index];
            return (
              instance && (
                <InstanceRow
                  key={instance.id}
                  instance={instance}
                  title={titles.get(instance.dagId)}
                  nowMs={nowMs}
                  top={start}
                  isCurrent={index === current}
                  isSelected={selected.has(instance.id)}
                  onToggle={() => toggle(instance.id)}
                />
              )
            );
          })}
        </div>
        <Text size="xs" c="dimmed" p={8}>
          {hasMore ? t('instances.more') : t('instances.end')}
        </Text>
      </div>
    </div>
  );
}

interface RowProps {
  readonly instance: ShownInstance;
  readonly title: string | undefined;
  readonly nowMs: number;
  readonly top: number;
  readonly isCurrent: boolean;
  readonly isSelected: boolean;
  readonly onToggle: () => void;
}

function InstanceRow({ instance, title, nowMs, top, isCurrent, isSelected, onToggle }: RowProps) {
  const { t } = useTranslation();
  const { id, status, dagId, version, trigger, progress, createdAt, labels, attempt, debug } = instance;
  const took = tookMs(instance, nowMs);
  const labelText = Object.entries(labels)
    .map(([name, value]) => `${name}:${value}`)
    .join(' ');
  return (
    <div
      className={`${classes.row} ${isCurrent ? classes.current : ''}`}
      role="row"
      aria-current={isCurrent || undefined}
      style={{ transform: `translateY(${top}px)` }}
    >
      <span role="cell">
        <Checkbox
          size="xs"
          aria-label={t('instances.column.select', { id })}
          checked={isSelected}
          onChange={onToggle}
        />
      </span>
      <span role="cell">
        <StatusBadge status={status} />
      </span>
      <span role="cell" title={title}>
        {title === undefined ? (
          <Text span c="dimmed">
            {dagId}
          </Text>
        ) : (
          <Link to="/dags/$dagId" params={{ dagId }}>
            {title}
          </Link>
        )}{' '}
        <Text span c="dimmed" size="xs">
          {version}
        </Text>
      </span>
      <span role="cell">
        <Link to="/instances/$instanceId" params={{ instanceId: id }} className={classes.mono}>
          {id}
        </Link>
        {attempt > 1 && (
          <Text span c="dimmed" size="xs">
            {' '}
            {t('instances.attempt', { attempt: String(attempt) })}
          </Text>
        )}
      </span>
      <span role="cell">{debug === undefined ? trigger.kind : t('instances.debug')}</span>
      <span role="cell" className={classes.number}>
        {progress.done}/{progress.total}
      </span>
      <span role="cell">
        <Moment at={createdAt} />
      </span>
      <span role="cell" className={classes.number}>
        {took === undefined ? '–' : durationText(took)}
      </span>
      <span role="cell" title={labelText}>
        {labelText}
      </span>
    </div>
  );
}

function useTitles(items: readonly ShownInstance[]): ReadonlyMap<string, string> {
  const ids = [...new Set(items.map(({ dagId }) => dagId))].slice(0, 100);
  return useQuery(dagTitlesQuery(ids)).data ?? new Map<string, string>();
}
