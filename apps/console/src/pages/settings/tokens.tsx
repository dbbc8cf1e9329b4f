import { Table } from '@mantine/core';
import { useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client';
import { meQuery } from '../../api/session';
import { tokensQuery } from '../../api/settings.queries';
import { FaultNote } from '../../parts/fault-note';
import { Time } from '../../shell/time';
import { DeleteButton } from './delete-button';
import { NewToken } from './new-token';

/** Tokens of one's own, for scripts and other machines. */
export function Tokens() {
  const { t } = useTranslation();
  const { data: me } = useSuspenseQuery(meQuery);
  const { data: tokens = [], error } = useQuery(tokensQuery);
  return (
    <>
      <NewToken permissions={me.permissions} />
      {error && <FaultNote error={error} />}
      <Table aria-label={t('settings.tab.tokens')} highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('settings.column.name')}</Table.Th>
            <Table.Th>{t('settings.column.permissions')}</Table.Th>
            <Table.Th>{t('settings.column.created')}</Table.Th>
            <Table.Th>{t('settings.column.expires')}</Table.Th>
            <Table.Th>{t('settings.column.used')}</Table.Th>
            <Table.Th />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {tokens.map(({ id, name, permissions, createdAt, expiresAt, lastUsedAt }) => (
            <Table.Tr key={id}>
              <Table.Td>{name}</Table.Td>
              <Table.Td title={permissions.join(', ')}>
                {t('settings.permissions', { count: permissions.length })}
              </Table.Td>
              <Table.Td>
                <Time at={createdAt} />
              </Table.Td>
              <Table.Td>
                <Time at={expiresAt} />
              </Table.Td>
              <Table.Td>
                <Time at={lastUsedAt} />
              </Table.Td>
              <Table.Td ta="right">
                <DeleteButton
                  title={t('settings.token.revoke', { name })}
                  queryKey={tokensQuery.queryKey}
                  onDelete={() => call('DELETE /me/tokens/{id}', { path: { id } })}
                />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </>
  );
}
