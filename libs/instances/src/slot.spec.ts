import fc from 'fast-check';
import { type InstanceId, type Json, PRIORITIES, turnOf } from '@flow/kernel';
import { ON_FULL } from '@flow/dags';
import { LONGEST_KEY, slotKeyOf, toReplace, type SlotHolder } from './slot';

const hash = (text: string) => `${text.length} ${text.slice(-20)}`;
const MINUTE = 60_000;

const people = fc
  .uniqueArray(fc.record({ id: fc.stringMatching(/^[a-z]{3}$/), at: fc.nat(5) }), {
    selector: ({ id }) => id,
    maxLength: 12,
  })
  .map((all) => all.map(({ id, at }): SlotHolder => ({ id: id as InstanceId, at })));
const standing = fc.tuple(people, fc.nat(12)).map(([all, n]) => ({ holders: all.slice(0, n), waiters: all.slice(n) }));
const byArrival = (a: SlotHolder, b: SlotHolder) => a.at - b.at || (a.id < b.id ? -1 : 1);

describe('the turn of one that waits', () => {
  const turn = (minute: number, priority: (typeof PRIORITIES)[number]) => turnOf({ at: minute * MINUTE, priority });

  it('is by priority, then by arrival', () => {
    expect(turn(5, 'high')).toBeLessThan(turn(0, 'medium'));
    expect(turn(0, 'low')).toBeLessThan(turn(1, 'low'));
  });

  it('comes for the lowest at last, however many more urgent ones come', () => {
    const waits = turn(0, 'lowest');
    expect(turn(30, 'highest')).toBeLessThan(waits);
    expect(waits).toBeLessThan(turn(41, 'highest'));
  });

  it('never changes while it waits: who is before whom stays so', () => {
    const one = fc.record({ at: fc.nat(1e9), priority: fc.constantFrom(...PRIORITIES) });
    fc.assert(
      fc.property(one, one, (a, b) => {
        const isFirst = turnOf(a) < turnOf(b);
        if (a.at <= b.at && PRIORITIES.indexOf(a.priority) > PRIORITIES.indexOf(b.priority)) expect(isFirst).toBe(true);
        if (isFirst && a.at > b.at)
          expect(PRIORITIES.indexOf(a.priority)).toBeGreaterThan(PRIORITIES.indexOf(b.priority));
      }),
    );
  });
});

describe('who makes room', () => {
  it.each([
    ['queue', []],
    ['reject', []],
    ['queueOne', ['c']],
    ['cancelOldest', ['a', 'b']],
    ['cancelOthers', ['a', 'b', 'c']],
  ] as const)('with %s: %j', (onFull, gone) => {
    const at = (id: string, moment: number) => ({ id: id as InstanceId, at: moment });
    expect(toReplace(onFull, 2, [at('b', 2), at('a', 1)], [at('d', 4), at('c', 3)])).toEqual(gone);
  });

  it('is nobody while nobody waits, never the newest of those, and only who came before that one, the oldest first', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ON_FULL),
        fc.integer({ min: 1, max: 5 }),
        standing,
        (onFull, max, { holders, waiters }) => {
          const gone = toReplace(onFull, max, holders, waiters);
          const newest = [...waiters].sort(byArrival).at(-1);
          const all = onFull === 'queueOne' ? waiters : [...holders, ...waiters];
          if (!newest) expect(gone).toEqual([]);
          const older = all.filter((one) => newest && byArrival(one, newest) < 0).sort(byArrival);
          expect(gone).toEqual(older.slice(0, gone.length).map(({ id }) => id));
          const left = all.length - gone.length;
          if (onFull === 'cancelOldest') expect(left <= max || gone.length === older.length).toBe(true);
          if (onFull === 'cancelOldest' && gone.length > 0) expect(left).toBeGreaterThanOrEqual(max);
        },
      ),
    );
  });

  it('is the same when it is asked again after some of them have gone', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ON_FULL),
        fc.integer({ min: 1, max: 5 }),
        standing,
        fc.nat(),
        (onFull, max, { holders, waiters }, n) => {
          const gone = toReplace(onFull, max, holders, waiters);
          const already = new Set(gone.slice(0, gone.length === 0 ? 0 : n % (gone.length + 1)));
          const still = (all: readonly SlotHolder[]) => all.filter(({ id }) => !already.has(id));
          const again = toReplace(onFull, max, still(holders), still(waiters));
          expect([...already, ...again].sort()).toEqual([...gone].sort());
        },
      ),
    );
  });
});

describe('what a key comes to', () => {
  it('is the same for the same value and another for another, and never long', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const [one, other] = [slotKeyOf(a as Json, hash), slotKeyOf(b as Json, hash)];
        expect(one === other).toBe(JSON.stringify(a) === JSON.stringify(b));
        expect(one.length).toBeLessThanOrEqual(LONGEST_KEY + 32);
      }),
    );
    expect(slotKeyOf('x'.repeat(10_000), hash)).toMatch(/sha256 10002 x+"$/);
    expect(slotKeyOf('1', hash)).not.toBe(slotKeyOf(1, hash));
    expect(slotKeyOf('\u0000\ud800', hash)).toBe('"\\u0000\\ud800"');
  });
});
