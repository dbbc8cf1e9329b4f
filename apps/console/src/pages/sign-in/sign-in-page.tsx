import { Alert, Button, Center, Paper, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { isStatus, messageOf } from '../../api/problem';
import { meQuery, signIn } from '../../api/session';

const route = getRouteApi('/sign-in');

export function SignInPage() {
  const { t } = useTranslation();
  const { back, refused } = route.useSearch();
  const router = useRouter();
  const queryClient = useQueryClient();
  const form = useForm({
    initialValues: { token: '' },
    validate: { token: (token) => (token.trim() === '' ? t('signIn.empty') : null) },
  });
  const entering = useMutation({
    mutationFn: async (token: string) => {
      await signIn(token.trim());
      await queryClient.query({ ...meQuery, staleTime: 0 });
    },
    onSuccess: () => router.history.push(back ?? '/'),
    onError: (error) => form.setFieldError('token', isStatus(error, 401) ? t('signIn.refused') : messageOf(error)),
  });
  return (
    <Center mih="100vh" p="md" component="main">
      <Paper withBorder p="lg" w={380} component="form" onSubmit={form.onSubmit(({ token }) => entering.mutate(token))}>
        <Stack gap="sm">
          <Text fw={600}>{t('shell.product')}</Text>
          <Title order={1}>{t('signIn.title')}</Title>
          {refused === true && <Alert color="yellow">{t('signIn.fragment')}</Alert>}
          <PasswordInput
            label={t('signIn.token')}
            placeholder={t('signIn.placeholder')}
            autoComplete="off"
            data-autofocus
            autoFocus
            {...form.getInputProps('token')}
          />
          <Button type="submit" loading={entering.isPending}>
            {t('signIn.submit')}
          </Button>
          <Text size="xs" c="dimmed">
            {t('signIn.hint')}
          </Text>
        </Stack>
      </Paper>
    </Center>
  );
}
