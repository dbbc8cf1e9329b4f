import { Button, Checkbox, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client';
import type { ShownInstance } from '../../api/shown-instance';
import { useAction } from './use-action';

interface Props {
  readonly instance: ShownInstance;
  readonly onClose: () => void;
}

export function CancelDialog({ instance: { id }, onClose }: Props) {
  const { t } = useTranslation();
  const [reason, setReason] = useState('');
  const [compensate, setCompensate] = useState(false);
  const cancel = useAction(
    id,
    () =>
      call('POST /instances/{id}/cancel', {
        path: { id },
        body: { ...(reason !== '' && { reason }), ...(compensate && { compensate }) },
      }),
    onClose,
  );
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('instance.cancel.title')}
      closeButtonProps={{ 'aria-label': t('parts.close') }}
    >
      <Stack gap="sm">
        <Text>{t('instance.cancel.text')}</Text>
        <TextInput
          data-autofocus
          label={t('instance.cancel.reason')}
          description={t('instance.cancel.reasonHint')}
          maxLength={1_000}
          value={reason}
          onChange={({ currentTarget }) => setReason(currentTarget.value)}
        />
        <Checkbox
          label={t('instance.cancel.compensate')}
          checked={compensate}
          onChange={({ currentTarget }) => setCompensate(currentTarget.checked)}
        />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t('instance.cancel.keep')}
          </Button>
          <Button color="red" loading={cancel.isPending} onClick={() => cancel.mutate()}>
            {t('instance.cancel.confirm')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
