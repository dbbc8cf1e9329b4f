import { failpoints } from './writes';

describe('The writes of the stores', () => {
  it('are each known to the harness, with the way in which a process comes to it', () => {
    expect(failpoints().length).toBeGreaterThan(80);
  });

  it('are come to by a running service, but for what is said not to be', () => {
    const others = failpoints().filter(({ reach }) => reach.at === 'none');
    const writes = [...new Set(others.map(({ write }) => write))].sort();
    // Triggers have kills of their own: test/triggers.
    expect(writes.filter((write) => !/^(trigger|firing)\./.test(write))).toEqual([
      'audit.append',
      'audit.purge',
      'audit.tell',
      'blob.sweep',
      'command.forget',
      'command.note',
      'dag.settle',
      'ended.forget',
      'event.put',
      'event.settle',
      'file.add',
      'file.remove',
      'idempotency.purge',
      'input.add',
      'input.remove',
      'instance.purge',
      'instance.release',
      'journal.add',
      'journal.remove',
      'move.put',
      'quota.put',
      'quota.remove',
      'token.purge',
    ]);
  });
});
