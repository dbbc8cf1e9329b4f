import { ActionIcon, Button, Menu, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { KebabHorizontalIcon, PlayIcon } from '@primer/octicons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client';
import { DAGS, exportQuery, type ReadDag } from '../../api/dags.queries';
import { messageOf } from '../../api/problem';
import { Confirm } from '../../parts/confirm';
import { saveFile } from '../../parts/save-file';

/** What can be done with the whole DAG. */
export function DagActions({ read: { dag } }: { read: ReadDag }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const [isDeleting, setDeleting] = useState(false);
  const fail = (error: unknown) => notifications.show({ color: 'red', message: messageOf(error) });
  const switching = useMutation({
    mutationFn: async (action: 'activate' | 'deactivate') => {
      const { items = [] } = await call('POST /dags/batch', { body: { action, ids: [dag.id] } });
      const refused = items.find(({ ok }) => ok !== true);
      if (refused) throw new Error(refused.error?.message ?? refused.error?.code);
    },
    onError: fail,
    onSettled: () => queryClient.invalidateQueries({ queryKey: DAGS }),
  });
  const deleting = useMutation({
    mutationFn: () => call('DELETE /dags/{id}', { path: { id: dag.id } }),
    onError: fail,
    onSuccess: async () => {
      await navigate({ to: '/dags' });
      await queryClient.invalidateQueries({ queryKey: DAGS });
    },
    onSettled: () => setDeleting(false),
  });
  const exporting = useMutation({
    mutationFn: async (format: 'json' | 'yaml') =>
      saveFile(`${dag.title}.${format}`, await queryClient.query({ ...exportQuery(dag.id, format), staleTime: 0 })),
    onError: fail,
  });
  const isStopped = dag.status === 'stopped';
  return (
    <>
      <Button
        component={Link}
        leftSection={<PlayIcon />}
        {...({ to: '/dags/$dagId', params: { dagId: dag.id }, search: { tab: 'run' } } as object)}
      >
        {t('dag.action.run')}
      </Button>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="default" size={30} aria-label={t('dag.action.more')}>
            <KebabHorizontalIcon />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => switching.mutate(isStopped ? 'activate' : 'deactivate')}>
            {t(isStopped ? 'dag.action.activate' : 'dag.action.deactivate')}
          </Menu.Item>
          <Menu.Item onClick={() => exporting.mutate('yaml')}>{t('dag.action.exportYaml')}</Menu.Item>
          <Menu.Item onClick={() => exporting.mutate('json')}>{t('dag.action.exportJson')}</Menu.Item>
          <Menu.Item component={Link} {...({ to: '/dags/new', search: { from: dag.id } } as object)}>
            {t('dag.action.duplicate')}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item color="red" onClick={() => setDeleting(true)}>
            {t('parts.delete')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {isDeleting && (
        <Confirm
          title={t('dag.delete.title', { title: dag.title })}
          action={t('parts.delete')}
          isDangerous
          isPending={deleting.isPending}
          onConfirm={() => deleting.mutate()}
          onClose={() => setDeleting(false)}
        >
          <Text>{t('dag.delete.text')}</Text>
        </Confirm>
      )}
    </>
  );
}
