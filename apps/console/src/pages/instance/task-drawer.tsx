import { Alert, Button, Drawer, Group, Skeleton, Stack, Tabs, Text } from '@mantine/core';
import { SyncIcon } from '@primer/octicons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FaultNote } from '../../parts/fault-note';
import { JsonView } from '../../parts/json-view/json-view';
import { StatusBadge } from '../../parts/status-badge/status-badge';
import { hasEnded } from '../../api/instance-status';
import type { ShownInstance } from '../../api/shown-instance';
import { taskQuery, type ShownTask } from '../instances/instances.queries';
import { Moment } from '../../shell/time';
import { durationText } from '../../shell/took';
import { useNow } from '../../shell/use-now';
import classes from './instance.module.css';
import { RetryDialog } from './retry-dialog';
import { timesOf, type Track } from './run-model';
import { TaskLogs } from './task-logs';
import type { Run } from './use-run';
import { isThere } from '../../api/is-there';

interface Props {
  readonly instance: ShownInstance;
  readonly run: Run;
  readonly path: string;
  readonly onClose: () => void;
}

/** One step of a run: what it was given, what came of it, each attempt, and what it logs as it does. */
export function TaskDrawer({ instance, run, path, onClose }: Props) {
  const { t } = useTranslation();
  const track = run.model.tracks.get(path);
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="min(760px, 100vw)"
      title={<Text fw={600}>{path}</Text>}
      closeButtonProps={{ 'aria-label': t('parts.close') }}
      transitionProps={{ duration: 0 }}
      withOverlay={false}
      lockScroll={false}
      trapFocus={false}
      closeOnClickOutside={false}
      shadow="xl"
    >
      {track ? <ShownTaskOf instance={instance} track={track} /> : <Text c="dimmed">{t('instance.task.missing')}</Text>}
    </Drawer>
  );
}

function ShownTaskOf({ instance, track }: { readonly instance: ShownInstance; readonly track: Track }) {
  const { t } = useTranslation();
  const [isRetrying, setIsRetrying] = useState(false);
  const { data: task, error } = useQuery(taskQuery(instance.id, track.id));
  const nowMs = useNow(track.toMs === undefined);
  const { runningMs, waitingMs } = timesOf(track, nowMs);
  return (
    <Stack gap="sm">
      <Group justify="space-between" align="flex-start" wrap="nowrap">
        <dl className={classes.facts}>
          <div>
            <dt>{t('instances.column.status')}</dt>
            <dd>
              <StatusBadge status={track.status} />
            </dd>
          </div>
          <div>
            <dt>{t('instance.task.operator')}</dt>
            <dd className={classes.mono}>{task?.operator}</dd>
          </div>
          <div>
            <dt>{t('instance.task.started')}</dt>
            <dd>
              <Moment at={new Date(track.fromMs).toISOString()} milliseconds />
            </dd>
          </div>
          <div>
            <dt>{t('instance.task.ran')}</dt>
            <dd>{durationText(runningMs)}</dd>
          </div>
          {waitingMs > 0 && (
            <div>
              <dt>{t('instance.task.waited')}</dt>
              <dd>{durationText(waitingMs)}</dd>
            </div>
          )}
        </dl>
        {hasEnded(instance.status) && instance.debug === undefined && (
          <Button
            variant="default"
            flex="none"
            leftSection={<SyncIcon size={14} />}
            onClick={() => setIsRetrying(true)}
          >
            {t('instance.action.retryHere')}
          </Button>
        )}
      </Group>
      {task?.adopted && <Text c="dimmed">{t('instance.task.adopted')}</Text>}
      {isThere(task?.title) && <Text>{task.title}</Text>}
      {error && <FaultNote error={error} />}
      {task?.error && (
        <div className={classes.error} role="group">
          <Text fw={600}>
            {task.error.code}
            {task.error.handled === true && ` (${t('instance.task.handled')})`}
          </Text>
          <Text>{task.error.message}</Text>
        </div>
      )}
      {task?.waitingFor?.kind === 'children' && <Children waitingFor={task.waitingFor} />}
      {!task && !error && <Skeleton height={120} />}
      {task && <TaskTabs instanceId={instance.id} task={task} track={track} nowMs={nowMs} />}
      {isRetrying && (
        <RetryDialog instance={instance} from={{ path: track.path }} onClose={() => setIsRetrying(false)} />
      )}
    </Stack>
  );
}

interface TabsProps {
  readonly instanceId: string;
  readonly task: ShownTask;
  readonly track: Track;
  readonly nowMs: number;
}

function TaskTabs({ instanceId, task, track, nowMs }: TabsProps) {
  const { t } = useTranslation();
  const output = task.output ?? task.error?.output;
  return (
    <Tabs defaultValue={!isThere(output) ? 'parameters' : 'output'}>
      <Tabs.List mb="xs">
        {(['parameters', 'output', 'attempts', 'logs'] as const).map((name) => (
          <Tabs.Tab key={name} value={name}>
            {t(`instance.task.tab.${name}`)}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value="parameters">
        <JsonView value={task.input ?? {}} name={`${task.id}-parameters`} maxHeight={480} />
      </Tabs.Panel>
      <Tabs.Panel value="output">
        {!isThere(output) ? (
          <Text c="dimmed">{t('instance.task.noOutput')}</Text>
        ) : (
          <JsonView value={output} name={`${task.id}-output`} maxHeight={480} />
        )}
      </Tabs.Panel>
      <Tabs.Panel value="attempts">
        <Attempts track={track} nowMs={nowMs} />
      </Tabs.Panel>
      <Tabs.Panel value="logs">
        <TaskLogs instanceId={instanceId} taskId={task.id} />
      </Tabs.Panel>
    </Tabs>
  );
}

function Attempts({ track: { segments, error }, nowMs }: { readonly track: Track; readonly nowMs: number }) {
  const { t } = useTranslation();
  return (
    <>
      <table className={classes.attempts}>
        <tbody>
          {segments.map(({ kind, attempt, fromMs, toMs }) => (
            <tr key={`${kind} ${attempt} ${fromMs}`}>
              <td>{t('instance.attempt', { attempt: String(attempt) })}</td>
              <td>{t(`instance.timeline.${kind}`)}</td>
              <td>
                <Moment at={new Date(fromMs).toISOString()} milliseconds />
              </td>
              <td>{durationText((toMs ?? nowMs) - fromMs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {error && (
        <Alert color="red" mt="xs" p="xs">
          {error.code}: {error.message}
        </Alert>
      )}
    </>
  );
}

function Children({ waitingFor }: { readonly waitingFor: NonNullable<ShownTask['waitingFor']> }) {
  const { t } = useTranslation();
  const { open = 0, total = 0, first } = waitingFor;
  return (
    <Text>
      {t('instance.task.children', { open: String(open), total: String(total) })}{' '}
      {isThere(first) && (
        <Link to="/instances/$instanceId" params={{ instanceId: first }}>
          {t('instance.task.firstChild')}
        </Link>
      )}
    </Text>
  );
}
