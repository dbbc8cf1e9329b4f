import { Alert, Anchor, Text } from '@mantine/core';
import { AlertIcon } from '@primer/octicons-react';
import { useTranslation } from 'react-i18next';
import type { ShownInstance } from '../../api/shown-instance';
import { adviceFor } from './advice';
import classes from './instance.module.css';
import { isThere } from '../../api/is-there';

interface Props {
  readonly instance: ShownInstance;
  readonly reason: NonNullable<ShownInstance['reason']>;
  readonly onOpen: (path: string) => void;
}

/** Why it ended as it did, where, and what can be done about it. */
export function ReasonNote({ instance: { status }, reason, onOpen }: Props) {
  const { t } = useTranslation();
  const { code, message, path, attempt, cause, compensation = [] } = reason;
  const isCancelled = status === 'cancelled' || status === 'cancelling';
  return (
    <Alert
      color={isCancelled ? 'gray' : 'red'}
      icon={<AlertIcon />}
      p="xs"
      title={`${isCancelled ? t('instance.reason.cancelled') : t('instance.reason.failed')}: ${code}`}
    >
      <Text>{message}</Text>
      {isThere(path) && path !== '' && (
        <Text>
          {t('instance.reason.at')} <span className={classes.mono}>{path}</span>
          {isThere(attempt) && attempt > 1 && `, ${t('instance.reason.attempt', { attempt: String(attempt) })}`}{' '}
          <Anchor component="button" size="sm" onClick={() => onOpen(path)}>
            {t('instance.reason.show')}
          </Anchor>
        </Text>
      )}
      {cause && (
        <Text>
          {t('instance.reason.cause')} {cause.code} {cause.message}
        </Text>
      )}
      {compensation.length > 0 && (
        <Text>
          {t('instance.reason.compensation')}{' '}
          {compensation.map(({ path: of, status: how }) => `${of} (${how})`).join(', ')}
        </Text>
      )}
      <Text mt={4}>{t(`instance.advice.${adviceFor(code)}`)}</Text>
    </Alert>
  );
}
