import { Anchor, Button, Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FaultNote } from '../../parts/fault-note';
import { DecisionForm } from '../approvals/decision-form';
import { taskQuery, whyQuery, type ShownApproval } from '../instances/instances.queries';
import { Moment } from '../../shell/time';
import classes from './instance.module.css';
import type { Run } from './use-run';
import { isThere } from '../../api/is-there';

interface Props {
  readonly id: string;
  /** Its own panel says where a debug run stopped. */
  readonly isDebug: boolean;
  readonly run: Run;
  readonly onOpen: (path: string) => void;
}

const MOST_SHOWN = 8;

/** What an instance waits for, and what can be done about it here. */
export function WhyPanel({ id, isDebug, run, onOpen }: Props) {
  const { t } = useTranslation();
  const { data, error } = useQuery(whyQuery(id));
  if (error) return <FaultNote error={error} />;
  const items = (data?.waitingFor ?? []).filter(({ kind }) => !(isDebug && kind === 'paused'));
  if (items.length === 0) return null;
  return (
    <section className={classes.why} aria-label={t('instance.why.title')}>
      <Text fw={600}>{t('instance.why.title')}</Text>
      <ul>
        {items.slice(0, MOST_SHOWN).map(({ kind = 'running', message, path, since, until }, i) => (
          <li key={`${path ?? ''} ${kind} ${i}`}>
            <Group gap="xs" wrap="wrap">
              <Text fw={500}>{t(`instance.why.kind.${kind}`)}</Text>
              {isThere(path) && (
                <Anchor component="button" className={classes.mono} onClick={() => onOpen(path)}>
                  {path}
                </Anchor>
              )}
              <Text>{message}</Text>
              {isThere(until) && (
                <Text c="dimmed">
                  <Moment at={until} />
                </Text>
              )}
              {isThere(since) && !isThere(until) && (
                <Text c="dimmed">
                  <Moment at={since} />
                </Text>
              )}
            </Group>
            {kind === 'approval' && isThere(path) && <Decide id={id} taskId={run.model.tracks.get(path)?.id} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The decision in its place: nobody has to look for it in the inbox. */
function Decide({ id, taskId }: { readonly id: string; readonly taskId: string | undefined }) {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  const { data: task } = useQuery({ ...taskQuery(id, taskId ?? ''), enabled: taskId !== undefined });
  if (task?.waitingFor?.kind !== 'approval') return null;
  if (!isOpen)
    return (
      <Button mt={4} variant="default" onClick={() => setIsOpen(true)}>
        {t('instance.why.decide')}
      </Button>
    );
  const { schema } = task.waitingFor;
  return (
    <DecisionForm
      approval={{ id: task.id, instanceId: id, schema } satisfies Pick<ShownApproval, 'id' | 'instanceId' | 'schema'>}
    />
  );
}
