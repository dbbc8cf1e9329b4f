import { Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { JsonView } from '../../parts/json-view/json-view';
import type { ShownInstance } from '../../api/shown-instance';
import { isThere } from '../../api/is-there';

export function DataTab({ instance: { id, input, result } }: { readonly instance: ShownInstance }) {
  const { t } = useTranslation();
  return (
    <Stack gap="sm">
      <section aria-label={t('instance.data.input')}>
        <Text fw={600} mb={4}>
          {t('instance.data.input')}
        </Text>
        <JsonView value={input ?? {}} name={`${id}-input`} />
      </section>
      <section aria-label={t('instance.data.result')}>
        <Text fw={600} mb={4}>
          {t('instance.data.result')}
        </Text>
        {!isThere(result) ? (
          <Text c="dimmed">{t('instance.data.noResult')}</Text>
        ) : (
          <JsonView value={result} name={`${id}-result`} />
        )}
      </section>
    </Stack>
  );
}
