import { failpoints } from './writes';

describe('The writes of the stores', () => {
  it('are each known to the harness, with the way in which a process comes to it', () => {
    expect(failpoints().length).toBeGreaterThan(80);
  });

  it('are come to by a running service, but for what is said not to be', () => {
    const others = failpoints().filter(({ reach }) => reach.at === 'none');
    expect([...new Set(others.map(({ write }) => write))].sort()).toEqual([
      'blob.release',
      'delivery.add',
      'delivery.bury',
      'delivery.postpone',
      'delivery.redirect',
      'delivery.redrive',
      'delivery.remove',
      'delivery.settle',
      'ended.clear',
      'ended.forget',
      'ended.purge',
      'idempotency.purge',
      'instance.purge',
      'quota.put',
      'quota.remove',
      'retention.put',
      'retention.remove',
      'tasklog.purge',
      'token.purge',
      'webhook.rotate',
    ]);
  });
});
