import { requestOf } from './typed';

describe('A request', () => {
  it('has its places filled in, and a query of what is given', () => {
    const input = { path: { id: 'a' }, query: { limit: 5, cursor: undefined, sort: '-createdAt', count: false } };
    expect(requestOf('GET /dags/{id}/instances', input)).toEqual({
      method: 'GET',
      path: '/dags/a/instances?limit=5&sort=-createdAt&count=false',
    });
    expect(requestOf('GET /me', undefined)).toEqual({ method: 'GET', path: '/me' });
  });

  it.each(['..', '.', '../me', 'a/b', 'a?b=c', '%2e%2e', '', 'ü #'])(
    'stays on its route whatever the id is: %j',
    (id) => {
      const { path } = requestOf('GET /dags/{id}/versions/{version}', { path: { id, version: 'v1' } });
      const url = new URL(`http://host/api${path}`);
      expect(url.search + url.hash).toBe('');
      expect(url.pathname.split('/')).toHaveLength(6);
      expect(url.pathname).toMatch(/^\/api\/dags\/[^/]*\/versions\/v1$/);
    },
  );
});
