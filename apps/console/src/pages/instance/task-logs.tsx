import { Checkbox, Group, Select, Text, TextInput } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
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
  const scroller = useRef<HTMLDivElement>(null);
  const lines = useMemo(() => linesThat(buffer.lines, least, text), [buffer, revision, least, text]);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 18,
    getItemKey: (i) => lines[i]?.id ?? i,
    overscan: 20,
  });
  useEffect(() => {
    if (follows && lines.length > 0) virtual.scrollToIndex(lines.length - 1);
  }, [follows, lines, virtual]);
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
      <div
        ref={scroller}
        className={classes.list}
        style={{ height: 'calc(100vh - 360px)', display: lines.length === 0 ? 'none' : undefined }}
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label={t('instance.logs.label')}
      >
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {virtual.getVirtualItems().map(({ key, index, start }) => {
            const line = lines[index];
            return (
              line && (
                <div
                  key={key}
                  ref={virtual.measureElement}
                  data-index={index}
                  data-level={line.level}
                  className={classes.log}
                  style={{ transform: `translateY(${start}px)` }}
                >
                  <Moment at={line.at} milliseconds /> {line.level.padEnd(5)} {line.message} {fieldsText(line.fields)}
                </div>
              )
            );
          })}
        </div>
      </div>
      {total > 0 && (
        <Text size="xs" c="dimmed" mt={4}>
          {t('instance.logs.shown', { shown: String(lines.length), count: total })}
        </Text>
      )}
    </>
  );
}
