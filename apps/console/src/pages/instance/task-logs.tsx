import { Checkbox, Group, Select, Text, TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { VirtualLines } from '../../parts/virtual-lines/virtual-lines';
import { Moment } from '../../shell/time';
import classes from './instance.module.css';
import { LiveBanner } from './live-banner';
import { LOG_LEVELS, fieldsText, linesThat, type LogLevel } from './log-buffer';
import { useLogs } from './use-logs';

interface Props {
  readonly instanceId: string;
  readonly taskId: string;
}

/** What a task logs, as it does; by level and by text. */
export function TaskLogs({ instanceId, taskId }: Props) {
  const { t } = useTranslation();
  const { buffer, revision, live } = useLogs(instanceId, taskId);
  const [least, setLeast] = useState<LogLevel>('debug');
  const [text, setText] = useState('');
  const [follows, setFollows] = useState(true);
  const lines = useMemo(() => linesThat(buffer.lines, least, text), [buffer, revision, least, text]);
  const total = buffer.lines.length;
  return (
    <>
      <Group gap="xs" mb="xs" align="flex-end">
        <Select
          w={110}
          label={t('instance.logs.level')}
          data={[...LOG_LEVELS]}
          value={least}
          allowDeselect={false}
          onChange={(value) => setLeast(value as LogLevel)}
        />
        <TextInput
          flex={1}
          label={t('instance.logs.search')}
          value={text}
          onChange={({ currentTarget }) => setText(currentTarget.value)}
        />
        <Checkbox
          mb={6}
          label={t('instance.logs.follow')}
          checked={follows}
          onChange={({ currentTarget }) => setFollows(currentTarget.checked)}
        />
      </Group>
      <LiveBanner live={live} />
      {buffer.leftOut > 0 && (
        <Text size="xs" c="dimmed">
          {t('instance.logs.leftOut', { count: buffer.leftOut })}
        </Text>
      )}
      {total === 0 && <Text c="dimmed">{t('instance.logs.none')}</Text>}
      {total > 0 && lines.length === 0 && <Text c="dimmed">{t('instance.logs.noMatch')}</Text>}
      {lines.length > 0 && (
        <div className={classes.list}>
          <VirtualLines
            lines={lines}
            keyOf={({ id }) => id}
            linePx={18}
            maxHeight="calc(100vh - 360px)"
            follows={follows}
            role="log"
            label={t('instance.logs.label')}
          >
            {({ at, level, message, fields }) => (
              <div data-level={level} className={classes.log}>
                <Moment at={at} milliseconds /> {level.padEnd(5)} {message} {fieldsText(fields)}
              </div>
            )}
          </VirtualLines>
        </div>
      )}
      {total > 0 && (
        <Text size="xs" c="dimmed" mt={4}>
          {t('instance.logs.shown', { shown: String(lines.length), count: total })}
        </Text>
      )}
    </>
  );
}
