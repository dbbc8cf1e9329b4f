import { ActionIcon, CopyButton, Text, Tooltip } from '@mantine/core';
import { CheckIcon, CopyIcon } from '@primer/octicons-react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { hasEnded } from '../../api/instance-status';
import type { ShownInstance } from '../../api/shown-instance';
import { triggerText } from '../../parts/trigger-text';
import { Moment } from '../../shell/time';
import { durationText, tookMs } from '../../shell/took';
import { useNow } from '../../shell/use-now';
import classes from './instance.module.css';
import { isThere } from '../../api/is-there';

/** What is known of an instance at a glance. */
export function InstanceFacts({ instance }: { readonly instance: ShownInstance }) {
  const { t } = useTranslation();
  const {
    id,
    dagId,
    version,
    trigger,
    createdBy,
    startedAt,
    createdAt,
    endedAt,
    progress,
    attempt,
    retryOf,
    parent,
    labels,
    status,
  } = instance;
  const nowMs = useNow(!hasEnded(status));
  const took = tookMs(instance, nowMs);
  return (
    <dl className={classes.facts}>
      <Fact name={t('instance.title')}>
        <span className={classes.mono}>{id}</span> <CopyId id={id} />
      </Fact>
      <Fact name={t('instance.dag')}>
        <Link to="/dags/$dagId" params={{ dagId }}>
          {version}
        </Link>
      </Fact>
      <Fact name={t('instance.trigger')}>
        {triggerText(t, trigger.kind)} {createdBy !== undefined && t('instance.by', { by: createdBy })}
      </Fact>
      <Fact name={t('instance.progress')}>
        {t('instance.progressOf', { done: String(progress.done), total: String(progress.total) })}
      </Fact>
      <Fact name={!isThere(startedAt) ? t('instance.created') : t('instance.started')}>
        <Moment at={startedAt ?? createdAt} />
      </Fact>
      {isThere(endedAt) && (
        <Fact name={t('instance.ended')}>
          <Moment at={endedAt} />
        </Fact>
      )}
      {took !== undefined && <Fact name={t('instance.took')}>{durationText(took)}</Fact>}
      {isThere(retryOf) && (
        <Fact name={t('instance.attempt', { attempt: String(attempt) })}>
          {t('instance.retryOf')} <InstanceLink id={retryOf} />
        </Fact>
      )}
      {parent?.id !== undefined && (
        <Fact name={t('instance.parent')}>
          <InstanceLink id={parent.id} task={parent.path} />
        </Fact>
      )}
      {Object.keys(labels).length > 0 && (
        <Fact name={t('instance.labels')}>
          {Object.entries(labels).map(([name, value]) => (
            <Text span key={name} mr={8}>
              {name}:{value}
            </Text>
          ))}
        </Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function InstanceLink({ id, task }: { readonly id: string; readonly task?: string | undefined }) {
  return (
    <Link to="/instances/$instanceId" params={{ instanceId: id }} search={{ task }} className={classes.mono}>
      {id}
    </Link>
  );
}

function CopyId({ id }: { readonly id: string }) {
  const { t } = useTranslation();
  return (
    <CopyButton value={id}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? t('parts.copied') : t('instance.copyId')}>
          <ActionIcon size="xs" aria-label={t('instance.copyId')} onClick={copy}>
            {copied ? <CheckIcon size={12} /> : <CopyIcon size={12} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}
