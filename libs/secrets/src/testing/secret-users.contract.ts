import type { DagId, DomainId } from '@flow/kernel';
import type { SecretUsers } from '@flow/secrets';

const ACME = 'acme' as DomainId;
const OTHER = 'other' as DomainId;

export interface OpenedUsers {
  readonly users: SecretUsers;
  /** Stores a DAG that names these secrets; gives its id. */
  readonly save: (domain: DomainId, title: string, secrets: readonly string[]) => Promise<DagId>;
  readonly remove: (domain: DomainId, id: DagId) => Promise<void>;
  readonly close: () => Promise<void> | void;
}

/** What every SecretUsers keeps. */
export function secretUsersContract(name: string, open: () => OpenedUsers | Promise<OpenedUsers>): void {
  describe(`${name} as SecretUsers`, () => {
    let w: OpenedUsers;
    beforeEach(async () => {
      w = await open();
    });
    afterEach(() => w.close());

    it('knows the DAGs of a domain that name a secret, the oldest first, so many at most, and their number', async () => {
      const first = await w.save(ACME, 'First', ['key', 'other']);
      await w.save(ACME, 'Second', ['key']);
      const foreign = await w.save(OTHER, 'First', ['key']);
      const found = await w.users.of(ACME, ['key', 'other', 'none', 'key'], 1);
      expect([...found.keys()].sort()).toEqual(['key', 'other']);
      expect(found.get('key')).toEqual({ total: 2, dags: [{ id: first, title: 'First' }] });
      expect((await w.users.of(ACME, ['key'], 0)).get('key')).toEqual({ total: 2, dags: [] });
      expect((await w.users.of(OTHER, ['key'], 9)).get('key')?.dags).toEqual([{ id: foreign, title: 'First' }]);
    });

    it('forgets a DAG that is deleted', async () => {
      await w.remove(ACME, await w.save(ACME, 'Gone', ['key']));
      expect((await w.users.of(ACME, ['key'], 9)).size).toBe(0);
    });
  });
}
