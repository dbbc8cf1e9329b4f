import type { PrincipalId } from '@flow/kernel';
import type { Variable, VariableStore } from '@flow/secrets';
import { ACME, PUBLIC, type OpenedStore } from './secret-store.contract';

export function aVariable(change: Partial<Variable> = {}): Variable {
  const at = new Date('2026-01-01T00:00:00.123Z');
  return {
    id: `id-of-${change.name ?? 'region'}`,
    domain: PUBLIC,
    name: 'region',
    value: 'eu',
    createdBy: 'alice' as PrincipalId,
    createdAt: at,
    modifiedBy: 'alice' as PrincipalId,
    updatedAt: at,
    ...change,
  };
}

/** What every VariableStore keeps. */
export function variableStoreContract(name: string, open: () => Promise<OpenedStore<VariableStore>>): void {
  describe(`${name} as a VariableStore`, () => {
    let store: VariableStore;
    let close: OpenedStore<VariableStore>['close'];

    beforeEach(async () => {
      ({ store, close } = await open());
    });
    afterEach(() => close());

    it.each([
      ['null', null],
      ['a boolean', false],
      ['a number', -0.25],
      ['text', 'Ü 🙂 \u0000 \ud800'],
      ['a list', [1, 'a', null, [true]]],
      ['an object', { a: { 'b c': [1] } }],
    ])('gives back %s as it was', async (_what, value) => {
      const variable = aVariable({ value });
      await store.add(variable);
      expect(await store.find(PUBLIC, 'region')).toEqual(variable);
      expect(await store.values(PUBLIC)).toEqual({ region: value });
    });

    it('adds exactly one of many with the same name', async () => {
      const added = await Promise.all(Array.from({ length: 10 }, (_, i) => store.add(aVariable({ value: i }))));
      expect(added.filter(Boolean)).toHaveLength(1);
      expect((await store.find(PUBLIC, 'region'))?.value).toBe(added.indexOf(true));
    });

    it('keeps domains apart', async () => {
      await store.add(aVariable());
      expect(await store.find(ACME, 'region')).toBeUndefined();
      expect(await store.values(ACME)).toEqual({});
      expect(await store.remove(ACME, 'region')).toBe(false);
      expect(await store.replace(aVariable({ domain: ACME, value: 'us' }))).toBeUndefined();
      expect((await store.list(ACME, { limit: 10 })).items).toEqual([]);
      expect((await store.find(PUBLIC, 'region'))?.value).toBe('eu');
    });

    it('replaces value, time and author, and tells when there is nothing to replace', async () => {
      const variable = aVariable();
      await store.add(variable);
      const change = {
        value: null,
        modifiedBy: 'bob' as PrincipalId,
        updatedAt: new Date('2026-02-01T00:00:00.000Z'),
      };
      expect(await store.replace({ domain: PUBLIC, name: 'region', ...change })).toEqual({ ...variable, ...change });
      expect(await store.replace({ domain: PUBLIC, name: 'none', ...change })).toBeUndefined();
    });

    it('removes once', async () => {
      await store.add(aVariable());
      expect(await store.remove(PUBLIC, 'region')).toBe(true);
      expect(await store.remove(PUBLIC, 'region')).toBe(false);
    });

    it('lists by name in pages, and counts when asked', async () => {
      for (const one of ['b', 'a', 'c']) await store.add(aVariable({ name: one }));
      const first = await store.list(PUBLIC, { limit: 2, count: true });
      const second = await store.list(PUBLIC, { limit: 2, cursor: first.nextCursor ?? '' });
      expect(first.total).toBe(3);
      expect([...first.items, ...second.items].map((variable) => variable.name)).toEqual(['a', 'b', 'c']);
      expect(second.nextCursor).toBeNull();
    });
  });
}
