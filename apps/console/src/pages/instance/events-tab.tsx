import { Anchor, Text } from '@mantine/core';

import { useTranslation } from 'react-i18next';
import { VirtualLines } from '../../parts/virtual-lines/virtual-lines';
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
  const { events, leftOut } = model;
  const newestFirst = [...events].reverse();
  if (events.length === 0) return <Text c="dimmed">{t('instance.events.none')}</Text>;
  return (
    <>
      <div className={classes.list}>
        <VirtualLines
          lines={newestFirst}
          keyOf={({ id }) => id}
          linePx={28}
          maxHeight="max(240px, calc(100vh - 300px))"
          role="region"
          label={t('instance.events.label')}
        >
          {(event) => (
            <div className={classes.event} data-event={event.id}>
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
          )}
        </VirtualLines>
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
