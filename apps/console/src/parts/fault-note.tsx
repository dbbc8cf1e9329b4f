import { Alert, Button, List, Text } from '@mantine/core';
import { AlertIcon } from '@primer/octicons-react';
import { useTranslation } from 'react-i18next';
import { ApiProblem, messageOf } from '../api/problem';

interface Props {
  readonly error: unknown;
  readonly onRetry?: () => void;
}

/** What went wrong in a part of a page, in that part: what is missing, every fault that was named, and the id to ask about. */
export function FaultNote({ error, onRetry }: Props) {
  const { t } = useTranslation();
  const problem = error instanceof ApiProblem ? error : undefined;
  const titles: Readonly<Record<number, string>> = {
    400: t('parts.refused'),
    403: t('parts.forbidden'),
    404: t('parts.gone'),
    409: t('parts.refused'),
    412: t('parts.refused'),
  };
  return (
    <Alert color="red" icon={<AlertIcon />} title={titles[problem?.status ?? 0] ?? t('parts.failed')} role="alert">
      <Text>{messageOf(error)}</Text>
      {problem !== undefined && problem.errors.length > 0 && (
        <List size="sm" mt={4}>
          {problem.errors.slice(0, 20).map(({ pointer, message }) => (
            <List.Item key={`${pointer} ${message}`}>
              <code>{pointer}</code> {message}
            </List.Item>
          ))}
        </List>
      )}
      {problem?.requestId !== undefined && (
        <Text size="xs" mt={4}>
          {t('parts.requestId', { id: problem.requestId })}
        </Text>
      )}
      {onRetry !== undefined && (
        <Button mt="xs" variant="default" onClick={onRetry}>
          {t('parts.retry')}
        </Button>
      )}
    </Alert>
  );
}
