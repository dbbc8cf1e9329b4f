import { Button, Checkbox, Group, Text } from '@mantine/core';
import { ZoomInIcon, ZoomOutIcon } from '@primer/octicons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { durationText } from '../../shell/took';
import { useNow } from '../../shell/use-now';
import classes from './instance.module.css';
import { TimelineRow, type Span } from './timeline-row';
import { rowsOf } from './timeline-rows';
import type { Run } from './use-run';

interface Props {
  readonly run: Run;
  readonly isLive: boolean;
  readonly onOpen: (path: string) => void;
}

const ROW_PX = 28;
const LABEL_PX = 250;
const MOST_ZOOM = 256;

/** When each step ran and when it waited, attempt by attempt; loops are folded, and only rows in sight stand in the page. */
export function TimelineTab({ run: { model, revision }, isLive, onOpen }: Props) {
  const { t } = useTranslation();
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const [problemsOnly, setProblemsOnly] = useState(false);
  const [zoom, setZoom] = useState(1);
  const scroller = useRef<HTMLDivElement>(null);
  const nowMs = useNow(isLive, 500);
  const rows = useMemo(
    () => rowsOf(model.tracks.values(), { toggled, problemsOnly }),
    [model, revision, toggled, problemsOnly],
  );
  const span = spanOf(timesOfRun(model), nowMs);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
  });
  const toggle = (key: string) => {
    const next = new Set(toggled);
    if (!next.delete(key)) next.add(key);
    setToggled(next);
  };
  if (model.tracks.size === 0) return <Text c="dimmed">{t('instance.timeline.none')}</Text>;
  return (
    <>
      <Group gap="xs" mb="xs" wrap="wrap">
        <Button.Group>
          <Button
            variant="default"
            aria-label={t('instance.timeline.zoomOut')}
            disabled={zoom === 1}
            onClick={() => setZoom(zoom / 2)}
          >
            <ZoomOutIcon size={14} />
          </Button>
          <Button variant="default" disabled={zoom === 1} onClick={() => setZoom(1)}>
            {t('instance.timeline.fit')}
          </Button>
          <Button
            variant="default"
            aria-label={t('instance.timeline.zoomIn')}
            disabled={zoom >= MOST_ZOOM}
            onClick={() => setZoom(zoom * 2)}
          >
            <ZoomInIcon size={14} />
          </Button>
        </Button.Group>
        <Checkbox
          label={t('instance.timeline.problems')}
          checked={problemsOnly}
          onChange={({ currentTarget }) => setProblemsOnly(currentTarget.checked)}
        />
        <Legend />
      </Group>
      {rows.length === 0 ? (
        <Text c="dimmed">{t('instance.timeline.noProblems')}</Text>
      ) : (
        <div
          ref={scroller}
          className={classes.timeline}
          style={{ '--label-px': `min(${LABEL_PX}px, 46vw)` } as React.CSSProperties}
          tabIndex={0}
          role="region"
          aria-label={t('instance.timeline.label')}
        >
          <div style={{ width: zoom === 1 ? '100%' : `calc(var(--label-px) + (100% - var(--label-px)) * ${zoom})` }}>
            <Axis span={span} zoom={zoom} />
            <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
              {virtual.getVirtualItems().map(({ index, start }) => {
                const row = rows[index];
                return (
                  row && (
                    <TimelineRow
                      key={row.key}
                      row={row}
                      top={start}
                      span={span}
                      nowMs={nowMs}
                      onToggle={() => toggle(row.key)}
                      onOpen={onOpen}
                    />
                  )
                );
              })}
            </div>
          </div>
        </div>
      )}
    </>
  );
}

function timesOfRun({ queuedMs, startedMs, endedMs, tracks }: Run['model']) {
  const first = queuedMs ?? startedMs ?? tracks.values().next().value?.fromMs;
  return { first, endedMs };
}

function spanOf({ first, endedMs }: ReturnType<typeof timesOfRun>, nowMs: number): Span {
  const fromMs = first ?? nowMs;
  return { fromMs, lengthMs: Math.max(1, (endedMs ?? nowMs) - fromMs) };
}

function Axis({ span, zoom }: { readonly span: Span; readonly zoom: number }) {
  const { t } = useTranslation();
  const count = Math.min(200, 5 * zoom);
  return (
    <div className={classes.axis}>
      <span className={classes.label}>{t('instance.timeline.step')}</span>
      <div className={classes.lane}>
        {Array.from({ length: count }, (_, i) => (
          <span key={i} className={classes.tick} style={{ left: `${(i / count) * 100}%` }}>
            {durationText((span.lengthMs * i) / count)}
          </span>
        ))}
      </div>
    </div>
  );
}

function Legend() {
  const { t } = useTranslation();
  return (
    <Group gap="sm">
      <span className={classes.legend}>
        <i className={classes.bar} style={{ color: 'var(--state-running)' }} /> {t('instance.timeline.running')}
      </span>
      <span className={classes.legend}>
        <i className={`${classes.bar} ${classes.waits}`} style={{ color: 'var(--state-waiting)' }} />{' '}
        {t('instance.timeline.waiting')}
      </span>
    </Group>
  );
}
