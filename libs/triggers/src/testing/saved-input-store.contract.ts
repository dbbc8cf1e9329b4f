import type { TriggerId } from '@flow/kernel';
import type { SavedInput, SavedInputStore, TriggerStore } from '@flow/triggers';
import { ACME, AT, PUBLIC, TEXT, aTrigger } from './examples';

export function aSavedInput(change: Partial<SavedInput> = {}): SavedInput {
  return {
    triggerId: aTrigger().id,
    domain: PUBLIC,
    name: 'small',
    data: { n: 1, text: TEXT },
    createdBy: 'alice',
    createdAt: AT,
    ...change,
  };
}

interface Opened {
  readonly inputs: SavedInputStore;
  readonly triggers: TriggerStore;
  close(): Promise<void>;
}

/** What every SavedInputStore keeps. */
export function savedInputStoreContract(name: string, open: () => Promise<Opened>): void {
  describe(`${name} as a SavedInputStore`, () => {
    let inputs: SavedInputStore;
    let triggers: TriggerStore;
    let close: Opened['close'];
    const { triggerId } = aSavedInput();

    beforeEach(async () => {
      ({ inputs, triggers, close } = await open());
    });
    afterEach(() => close());

    it('gives back what was saved, by name and sorted', async () => {
      for (const name of ['b', 'Ä ü', 'a', 'B']) expect(await inputs.add(aSavedInput({ name }), 10)).toBe('added');
      expect(await inputs.find(PUBLIC, triggerId, 'Ä ü')).toEqual(aSavedInput({ name: 'Ä ü' }));
      expect((await inputs.list(PUBLIC, triggerId)).map(({ name }) => name)).toEqual(['B', 'a', 'b', 'Ä ü']);
    });

    it('adds one of many of the same name, and no more than may be', async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 8 }, (_, n) => inputs.add(aSavedInput({ data: { n } }), 10)),
      );
      expect(outcomes.filter((outcome) => outcome === 'added')).toHaveLength(1);
      expect((await inputs.find(PUBLIC, triggerId, 'small'))?.data).toEqual({ n: outcomes.indexOf('added') });
      expect(await inputs.add(aSavedInput({ name: 'other' }), 1)).toBe('full');
      expect(await inputs.add(aSavedInput(), 1)).toBe('taken');
      expect(await inputs.add(aSavedInput({ triggerId: 'another' as TriggerId }), 1)).toBe('added');
    });

    it('shows and removes those of a domain and a trigger to nobody else', async () => {
      await inputs.add(aSavedInput(), 10);
      expect(await inputs.find(ACME, triggerId, 'small')).toBeUndefined();
      expect(await inputs.find(PUBLIC, 'another' as TriggerId, 'small')).toBeUndefined();
      expect(await inputs.list(ACME, triggerId)).toEqual([]);
      expect(await inputs.remove(ACME, triggerId, 'small')).toBe(false);
      expect(await inputs.remove(PUBLIC, triggerId, 'small')).toBe(true);
      expect(await inputs.remove(PUBLIC, triggerId, 'small')).toBe(false);
    });

    it('loses them with their trigger', async () => {
      await triggers.add(aTrigger());
      await inputs.add(aSavedInput(), 10);
      await inputs.add(aSavedInput({ triggerId: 'another' as TriggerId }), 10);
      await triggers.remove(ACME, triggerId);
      expect(await inputs.list(PUBLIC, triggerId)).toHaveLength(1);
      await triggers.remove(PUBLIC, triggerId);
      expect(await inputs.list(PUBLIC, triggerId)).toEqual([]);
      expect(await inputs.list(PUBLIC, 'another' as TriggerId)).toHaveLength(1);
    });
  });
}
