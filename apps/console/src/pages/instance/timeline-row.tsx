import { ActionIcon, Anchor } from '@mantine/core';
import { ChevronDownIcon, ChevronRightIcon } from '@primer/octicons-react';
import { useTranslation } from 'react-i18next';
import { StatusBadge, toneOf } from '../../parts/status-badge/status-badge';
import { durationText } from '../../shell/took';
import classes from './instance.module.css';
import { timesOf, type Segment, type Track } from './run-model';
import type { Counts, Row } from './timeline-rows';

/** The time that the whole width stands for. */
export interface Span {
  readonly fromMs: number;
  readonly lengthMs: number;
}

interface Props {
  readonly row: Row;
  readonly top: number;
  readonly span: Span;
  readonly nowMs: number;
  readonly onToggle: () => void;
  readonly onOpen: (path: string) => void;
}

export function TimelineRow({ row, top, span, nowMs, onToggle, onOpen }: Props) {
  const { t } = useTranslation();
  const { depth, hasInner, isOpen, label } = row;
  const status = row.kind === 'task' ? row.track.status : row.status;
  const fold = t(isOpen ? 'instance.timeline.close' : 'instance.timeline.open', { label });
  return (
    <div className={classes.track} style={{ transform: `translateY(${top}px)` }} data-row={row.key}>
      <div className={classes.label} style={{ paddingLeft: 4 + depth * 14 }}>
        {hasInner ? (
          <ActionIcon size="xs" aria-label={fold} aria-expanded={isOpen} onClick={onToggle}>
            {isOpen ? <ChevronDownIcon size={14} /> : <ChevronRightIcon size={14} />}
          </ActionIcon>
        ) : (
          <span style={{ width: 18, flex: 'none' }} />
        )}
        <StatusBadge status={status} iconOnly />
        {row.kind === 'task' ? (
          <Anchor
            component="button"
            c="var(--mantine-color-text)"
            onClick={() => onOpen(row.track.path)}
            title={row.track.path}
          >
            {label}
          </Anchor>
        ) : (
          <Anchor component="button" c="var(--mantine-color-text)" onClick={onToggle}>
            {label}
          </Anchor>
        )}
        {row.kind === 'task' && row.iterations && <LoopCounts counts={row.iterations} />}
      </div>
      <div className={classes.lane}>
        {row.kind === 'task' ? (
          <Bars track={row.track} span={span} nowMs={nowMs} label={label} />
        ) : (
          <Bar span={span} fromMs={row.fromMs} toMs={row.toMs ?? nowMs} color={toneOf(status)} />
        )}
      </div>
    </div>
  );
}

function LoopCounts({ counts: { total, failed, live } }: { readonly counts: Counts }) {
  const { t } = useTranslation();
  const parts = [
    t('instance.timeline.iterations', { count: total }),
    failed > 0 && t('instance.timeline.failed', { count: failed }),
    live > 0 && t('instance.timeline.live', { count: live }),
  ];
  return <span className={classes.counts}>{parts.filter(Boolean).join(', ')}</span>;
}

interface BarsProps {
  readonly track: Track;
  readonly span: Span;
  readonly nowMs: number;
  readonly label: string;
}

/** A bar for each attempt and each wait. */
function Bars({ track, span, nowMs, label }: BarsProps) {
  const { t } = useTranslation();
  const { runningMs, waitingMs } = timesOf(track, nowMs);
  const { segments, attempt } = track;
  const title = [
    t('instance.timeline.bar', { label, running: durationText(runningMs), waiting: durationText(waitingMs) }),
    attempt > 1 && t('instance.timeline.attempts', { count: attempt }),
  ]
    .filter(Boolean)
    .join(', ');
  if (segments.length === 0)
    return (
      <Bar
        span={span}
        fromMs={track.fromMs}
        toMs={track.toMs ?? track.fromMs}
        color={toneOf(track.status)}
        title={title}
      />
    );
  return segments.map((segment, i) => (
    <Bar
      key={i}
      span={span}
      fromMs={segment.fromMs}
      toMs={segment.toMs ?? nowMs}
      color={colorOf(segment, track, segments[i + 1])}
      waits={segment.kind !== 'running'}
      title={title}
    />
  ));
}

/** An attempt that another followed came to nothing; the last one ended as its task did. */
function colorOf(segment: Segment, { status }: Track, next: Segment | undefined): string {
  if (segment.kind !== 'running') return toneOf('waiting');
  if (next?.kind === 'retrying') return toneOf('failed');
  return next === undefined ? toneOf(status) : toneOf('running');
}

interface BarProps {
  readonly span: Span;
  readonly fromMs: number;
  readonly toMs: number;
  readonly color: string;
  readonly waits?: boolean;
  readonly title?: string;
}

function Bar({ span, fromMs, toMs, color, waits = false, title }: BarProps) {
  const left = ((fromMs - span.fromMs) / span.lengthMs) * 100;
  const width = (Math.max(0, toMs - fromMs) / span.lengthMs) * 100;
  return (
    <span
      className={waits ? `${classes.bar} ${classes.waits}` : classes.bar}
      style={{ left: `min(${left}%, calc(100% - 2px))`, width: `${width}%`, color }}
      title={title}
      data-waits={waits}
    />
  );
}
