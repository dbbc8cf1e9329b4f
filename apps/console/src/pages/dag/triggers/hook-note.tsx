import { Button, Code, CopyButton, Group, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { TriggerRow } from '../../../api/triggers.queries';
import { hookExample } from './hook-example';
import { valueAt, type JsonObject } from './trigger-draft';

/** Where a webhook is called, and how: lines for a shell that do it as its sender has to. */
export function HookNote({ trigger: { url, testUrl, config } }: { trigger: TriggerRow }) {
  const { t } = useTranslation();
  if (url === null) return null;
  const signature = valueAt(config ?? {}, ['signature']) as JsonObject | undefined;
  return (
    <Stack gap="xs">
      <Copied label={t('dag.triggers.url')} text={url} />
      {testUrl !== null && (
        <Copied label={t('dag.triggers.testUrl')} text={testUrl} hint={t('dag.triggers.testUrlHint')} />
      )}
      <Copied
        label={t('dag.triggers.example')}
        text={hookExample(url, signature)}
        hint={t(signature ? 'dag.triggers.exampleSigned' : 'dag.triggers.exampleHint')}
      />
    </Stack>
  );
}

function Copied({ label, text, hint }: { label: string; text: string; hint?: string }) {
  const { t } = useTranslation();
  return (
    <div role="group" aria-label={label}>
      <Group gap="xs" justify="space-between">
        <Text fw={600}>{label}</Text>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button variant="subtle" size="compact-xs" onClick={copy}>
              {t(copied ? 'parts.copied' : 'parts.copy')}
            </Button>
          )}
        </CopyButton>
      </Group>
      {hint !== undefined && <Text c="dimmed">{hint}</Text>}
      <Code block tabIndex={0}>
        {text}
      </Code>
    </div>
  );
}
