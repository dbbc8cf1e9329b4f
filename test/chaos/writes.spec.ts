import { failpoints } from './writes';

describe('The writes of the stores', () => {
  it('are each known to the harness, with the way in which a process comes to it', () => {
    expect(failpoints().length).toBeGreaterThan(80);
  });

  it('are come to by a running service, but for what is said not to be', () => {
    const others = failpoints().filter(({ reach }) => reach.at === 'none');
    expect([...new Set(others.map(({ write }) => write))].sort()).toEqual([
      'blob.sweep',
      'dag.settle',
      'ended.forget',
      'event.put',
      'event.settle',
      'idempotency.purge',
      'instance.purge',
      'instance.release',
      'move.put',
      'quota.put',
      'quota.remove',
      'token.purge',
    ]);
  });
});
