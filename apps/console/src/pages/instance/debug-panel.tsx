import { Anchor, Button, Group, Text } from '@mantine/core';
import { BugIcon, PlayIcon } from '@primer/octicons-react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client';
import type { ShownInstance } from '../../api/shown-instance';
import { Moment } from '../../shell/time';
import classes from './instance.module.css';
import { useAction } from './use-action';

interface Props {
  readonly id: string;
  readonly debug: NonNullable<ShownInstance['debug']>;
  readonly isPaused: boolean;
  readonly onOpen: (path: string) => void;
}

const MOST_SHOWN = 6;

/** Where a debug run stands, what comes next, and what lets it go on. */
export function DebugPanel({ id, debug, isPaused, onOpen }: Props) {
  const { t } = useTranslation();
  const step = useAction(id, () => call('POST /instances/{id}/step', { path: { id } }));
  const goOn = useAction(id, () => call('POST /instances/{id}/continue', { path: { id } }));
  const { pausedAt, held, breakpoints, pins, dryRun, expiresAt } = debug;
  const [next, ...then] = held;
  return (
    <section className={classes.why} aria-label={t('instance.debug.title')}>
      <Group gap="sm">
        <BugIcon />
        <Text fw={600}>{t('instance.debug.title')}</Text>
        {dryRun && <Text>{t('instance.debug.dryRun')}</Text>}
        {isPaused && (
          <>
            <Text>
              {pausedAt === null ? t('instance.debug.paused') : t('instance.debug.pausedAt', { path: pausedAt })}
            </Text>
            <Button disabled={held.length === 0} loading={step.isPending} onClick={() => step.mutate()}>
              {t('instance.action.step')}
            </Button>
            <Button
              variant="default"
              leftSection={<PlayIcon size={14} />}
              loading={goOn.isPending}
              onClick={() => goOn.mutate()}
            >
              {t('instance.action.continue')}
            </Button>
          </>
        )}
      </Group>
      <dl className={classes.facts}>
        {isPaused && (
          <div>
            <dt>{t('instance.debug.next')}</dt>
            <dd>
              {next === undefined ? (
                t('instance.debug.nothing')
              ) : (
                <Anchor component="button" className={classes.mono} onClick={() => onOpen(next.path)}>
                  {next.path}
                </Anchor>
              )}
            </dd>
          </div>
        )}
        {then.length > 0 && (
          <div>
            <dt>{t('instance.debug.then')}</dt>
            <dd className={classes.mono}>
              {then
                .slice(0, MOST_SHOWN)
                .map(({ path }) => path)
                .join(', ')}
              {then.length > MOST_SHOWN && ` +${then.length - MOST_SHOWN}`}
            </dd>
          </div>
        )}
        <div>
          <dt>{t('instance.debug.breakpoints')}</dt>
          <dd className={classes.mono}>{breakpoints.join(', ') || t('instance.debug.none')}</dd>
        </div>
        <div>
          <dt>{t('instance.debug.pins')}</dt>
          <dd className={classes.mono}>{pins.join(', ') || t('instance.debug.none')}</dd>
        </div>
        <div>
          <dt>{t('instance.debug.expires')}</dt>
          <dd>
            <Moment at={expiresAt} />
          </dd>
        </div>
      </dl>
    </section>
  );
}
