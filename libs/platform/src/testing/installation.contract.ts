import type { DecidingMark, InstallationMark } from '@flow/platform';

interface Opened<T> {
  readonly store: T;
  /** Another process's view of the same. */
  readonly reopen: () => Promise<T>;
  readonly close: () => Promise<void> | void;
}

const [FIRST, SECOND] = ['01AAAAAAAAAAAAAAAAAAAAAAAA', '01BBBBBBBBBBBBBBBBBBBBBBBB'] as const;

function each<T>(name: string, port: string, open: () => Promise<Opened<T>>, rules: (opened: () => Opened<T>) => void) {
  describe(`${name} as ${port}`, () => {
    let opened: Opened<T>;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(async () => opened.close());
    rules(() => opened);
  });
}

/** What every InstallationMark keeps; `open` gives one of an empty store. */
export function installationMarkContract(name: string, open: () => Promise<Opened<InstallationMark>>): void {
  each(name, 'an InstallationMark', open, (opened) => {
    it('keeps the first id for good', async () => {
      const { store, reopen } = opened();
      expect(await store.find()).toBeUndefined();
      expect(await store.put(FIRST)).toBe(FIRST);
      expect(await store.put(SECOND)).toBe(FIRST);
      expect(await (await reopen()).find()).toBe(FIRST);
    });

    it('lets one of many win', async () => {
      const { store, reopen } = opened();
      const other = await reopen();
      const stood = await Promise.all([store.put(FIRST), other.put(SECOND), store.put(FIRST), other.put(SECOND)]);
      expect(new Set(stood)).toEqual(new Set([await store.find()]));
    });

    it('is no use of the store by itself', async () => {
      const { store } = opened();
      const before = await store.use();
      expect(before).not.toBe('used');
      await store.put(FIRST);
      expect(await store.use()).toBe(before);
    });
  });
}

/** What every DecidingMark keeps; `open` gives one of an empty store. */
export function decidingMarkContract(name: string, open: () => Promise<Opened<DecidingMark>>): void {
  each(name, 'a DecidingMark', open, (opened) => {
    it('keeps the first id for good, and that it is settled', async () => {
      const { store, reopen } = opened();
      expect(await store.find()).toBeUndefined();
      expect(await store.put(FIRST)).toEqual({ id: FIRST, isSettled: false });
      expect(await store.put(SECOND)).toEqual({ id: FIRST, isSettled: false });
      await store.settle();
      await store.settle();
      const other = await reopen();
      expect(await other.find()).toEqual({ id: FIRST, isSettled: true });
      expect(await other.put(SECOND)).toEqual({ id: FIRST, isSettled: true });
    });

    it('lets one of many win', async () => {
      const { store, reopen } = opened();
      const other = await reopen();
      const stood = await Promise.all([store.put(FIRST), other.put(SECOND), store.put(FIRST), other.put(SECOND)]);
      expect(new Set(stood.map(({ id }) => id))).toEqual(new Set([(await store.find())?.id]));
    });

    it('is no use of the store by itself', async () => {
      const { store } = opened();
      await store.put(FIRST);
      expect(await store.use()).toBe('unused');
    });
  });
}
