import type { Token, Whole } from '@flow/client';
import { useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client';
import { meQuery } from '../../api/session';
import { tokensQuery } from '../../api/settings.queries';
import type { Column } from '../../parts/data-table';
import { Time } from '../../shell/time';
import { actsColumn } from './named-columns';
import { NewToken } from './new-token';
import { SettingsList } from './settings-list';

/** Tokens of one's own, for scripts and other machines. */
export function Tokens() {
  const { t } = useTranslation();
  const { data: me } = useSuspenseQuery(meQuery);
  const columns: readonly Column<Whole<Token>>[] = [
    { id: 'name', header: t('settings.column.name'), width: 'minmax(140px, 1fr)', cell: ({ name }) => name },
    {
      id: 'permissions',
      header: t('settings.column.permissions'),
      width: 'minmax(120px, 1fr)',
      cell: ({ permissions }) => (
        <span title={permissions.join(', ')}>{t('settings.permissions', { count: permissions.length })}</span>
      ),
    },
    {
      id: 'created',
      header: t('settings.column.created'),
      width: '110px',
      cell: ({ createdAt }) => <Time at={createdAt} />,
    },
    {
      id: 'expires',
      header: t('settings.column.expires'),
      width: '110px',
      cell: ({ expiresAt }) => <Time at={expiresAt} />,
    },
    {
      id: 'used',
      header: t('settings.column.used'),
      width: '110px',
      cell: ({ lastUsedAt }) => <Time at={lastUsedAt} />,
    },
    actsColumn(t, {
      queryKey: tokensQuery.queryKey,
      verb: t('settings.token.verb'),
      ask: ({ name }) => t('settings.token.revoke', { name }),
      onDelete: ({ id }) => call('DELETE /me/tokens/{id}', { path: { id } }),
    }),
  ];
  return (
    <>
      <NewToken permissions={me.permissions} />
      <SettingsList
        label={t('settings.tab.tokens')}
        read={useQuery(tokensQuery)}
        columns={columns}
        keyOf={({ id }) => id}
        none={{ title: t('settings.none.tokens'), text: t('settings.none.tokensText') }}
      />
    </>
  );
}
