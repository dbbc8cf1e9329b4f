import { queryOptions } from '@tanstack/react-query';
import type { Me, Whole } from '@flow/client';
import { call, request } from './client';

/** Who is signed in; 401 when nobody is. */
export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async ({ signal }) => (await call('GET /me', {}, { signal })) as Whole<Me>,
  staleTime: 60_000,
});

/** The token becomes a cookie that no script can read; it is kept nowhere else. */
export async function signIn(token: string): Promise<void> {
  await request('POST', '/session', { headers: { Authorization: `Bearer ${token}` } });
}

export async function signOut(): Promise<void> {
  await request('DELETE', '/session');
}

/** The token of `#token=...`, which is out of the address, and out of the history, before anything else happens. */
export function takeTokenFromAddress(): string | undefined {
  const token = new URLSearchParams(location.hash.slice(1)).get('token') ?? undefined;
  if (token !== undefined) history.replaceState(history.state, '', `${location.pathname}${location.search}`);
  return token;
}
