import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { messageOf } from '../../api/problem';
import { Confirm } from '../../parts/confirm';

interface Props {
  readonly title: string;
  /** The verb; the title begins with it or holds it. */
  readonly action?: string;
  readonly queryKey: readonly string[];
  readonly onDelete: () => Promise<unknown>;
}

/** Deletes when asked twice. */
export function DeleteButton({ title, action, queryKey, onDelete }: Props) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const verb = action ?? t('parts.delete');
  const [isAsking, setAsking] = useState(false);
  const deleting = useMutation({
    mutationFn: onDelete,
    onError: (error) => notifications.show({ color: 'red', message: messageOf(error) }),
    onSettled: async () => {
      setAsking(false);
      await queryClient.invalidateQueries({ queryKey });
    },
  });
  return (
    <>
      <Button variant="subtle" color="red" size="compact-xs" onClick={() => setAsking(true)} aria-label={title}>
        {verb}
      </Button>
      {isAsking && (
        <Confirm
          title={title}
          action={verb}
          isDangerous
          isPending={deleting.isPending}
          onConfirm={() => deleting.mutate()}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}
