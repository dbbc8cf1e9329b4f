import { Button, Group, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { FaultNote } from '../../parts/fault-note';

interface Props<Values> {
  readonly form: UseFormReturnType<Values>;
  /** Of the list that it is kept in. */
  readonly queryKey: readonly string[];
  readonly action: string;
  readonly onKeep: (values: Values) => Promise<unknown>;
  /** The inputs beside the name. */
  readonly children: ReactNode;
}

/** Keeps something under a name. */
export function KeepForm<Values extends { name: string }>(props: Props<Values>) {
  const { form, queryKey, action, onKeep, children } = props;
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const keeping = useMutation({
    mutationFn: onKeep,
    onSuccess: async () => {
      form.reset();
      await queryClient.invalidateQueries({ queryKey });
    },
  });
  return (
    <form onSubmit={form.onSubmit((values) => keeping.mutate(values))} noValidate>
      <Group align="flex-start" gap="xs" mb="sm">
        <TextInput label={t('settings.column.name')} withAsterisk {...form.getInputProps('name')} />
        {children}
        <Button type="submit" mt={20} loading={keeping.isPending}>
          {action}
        </Button>
      </Group>
      {keeping.isError && <FaultNote error={keeping.error} />}
    </form>
  );
}
