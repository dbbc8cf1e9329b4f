import { Anchor, Text } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Moment } from '../../shell/time';
import classes from './instance.module.css';
import type { RunEvent } from './run-model';
import type { Run } from './use-run';

interface Props {
  readonly run: Run;
  readonly onOpen: (path: string) => void;
}

/** What happened, the newest first. */
export function EventsTab({ run: { model }, onOpen }: Props) {
  const { t } = useTranslation();
  const scroller = useRef<HTMLDivElement>(null);
  const { events, leftOut } = model;
  const virtual = useVirtualizer({
    count: events.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 28,
    overscan: 15,
  });
  if (events.length === 0) return <Text c="dimmed">{t('instance.events.none')}</Text>;
  return (
    <>
      <div ref={scroller} className={classes.list} tabIndex={0} role="region" aria-label={t('instance.events.label')}>
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const event = events[events.length - 1 - index];
            return (
              event && (
                <div
                  key={event.id}
                  className={classes.event}
                  style={{ transform: `translateY(${start}px)` }}
                  data-event={event.id}
                >
                  <Moment at={event.at} milliseconds />
                  <span>{event.type}</span>
                  <span>
                    {event.path !== undefined && (
                      <Anchor component="button" className={classes.mono} onClick={() => onOpen(event.path ?? '')}>
                        {event.path}
                      </Anchor>
                    )}
                  </span>
                  <Detail event={event} />
                </div>
              )
            );
          })}
        </div>
      </div>
      {leftOut > 0 && (
        <Text size="xs" c="dimmed" mt={4}>
          {t('instance.events.leftOut', { count: leftOut })}
        </Text>
      )}
    </>
  );
}

function Detail({ event }: { readonly event: RunEvent }) {
  const { t } = useTranslation();
  const { attempt, by, error, reason, decision, child, status } = event;
  const why = typeof reason === 'string' ? reason : (reason as { message?: string } | null | undefined)?.message;
  const parts = [
    attempt !== undefined && attempt > 1 && t('instance.events.attempt', { attempt: String(attempt) }),
    decision,
    by !== undefined && t('instance.events.by', { by }),
    error !== undefined && `${error.code}: ${error.message}`,
    why,
    child,
    status,
  ].filter((part) => typeof part === 'string' && part !== '');
  return <span title={parts.join(' · ')}>{parts.join(' · ')}</span>;
}
