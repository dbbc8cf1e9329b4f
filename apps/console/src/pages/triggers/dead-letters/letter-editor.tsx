import { Button, Group, Stack, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../../api/client';
import { DEAD_LETTERS, type WholeLetter } from '../../../api/platform.queries';
import { FaultNote } from '../../../parts/fault-note';
import { JsonField } from '../../../parts/json-field';
import { readJson, writeJson } from '../../../parts/json-text';

/** What of a dead letter can be corrected: the data of a firing's event, the address of a callback. */
export function LetterEditor({ letter: { id = '', kind, url = '', payload } }: { letter: WholeLetter }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const isFiring = kind === 'firing';
  const first = isFiring ? writeJson((payload as { readonly data?: unknown } | undefined)?.data) : url;
  const [text, setText] = useState(first);
  const [fault, setFault] = useState<string>();
  const saving = useMutation({
    mutationFn: (body: { readonly data: unknown } | { readonly url: string }) =>
      call('PUT /dead-letters/{id}', { path: { id }, body }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: DEAD_LETTERS });
      notifications.show({ color: 'green', message: t('triggers.dead.saved') });
    },
  });
  const save = () => {
    const read = isFiring ? readJson(text) : undefined;
    setFault(read && 'fault' in read ? read.fault : undefined);
    if (read === undefined) saving.mutate({ url: text });
    else if ('value' in read) saving.mutate({ data: read.value ?? null });
  };
  const shown = { value: text, error: fault };
  return (
    <Stack gap="xs">
      {isFiring ? (
        <JsonField {...shown} label={t('triggers.dead.data')} onChange={setText} height="180px" />
      ) : (
        <TextInput
          {...shown}
          label={t('triggers.dead.url')}
          description={t('triggers.dead.urlHint')}
          onChange={({ currentTarget }) => setText(currentTarget.value)}
        />
      )}
      {saving.isError && <FaultNote error={saving.error} />}
      <Group>
        <Button variant="default" disabled={text === first} loading={saving.isPending} onClick={save}>
          {t('triggers.dead.save')}
        </Button>
      </Group>
    </Stack>
  );
}
