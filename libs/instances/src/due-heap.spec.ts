import fc from 'fast-check';
import { DueHeap } from './due-heap';

describe('a heap of what is due', () => {
  it('gives everything once, the earliest first, and nothing before its time', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50)), fc.nat(50), (times, by) => {
        const heap = new DueHeap<number>();
        for (const at of times) heap.add(at, at);
        const due = heap.takeDue(by, Infinity);
        const sorted = [...times].sort((a, b) => a - b);
        expect(due).toEqual(sorted.filter((at) => at <= by));
        expect(heap.next).toBe(sorted[due.length]);
        expect(heap.takeDue(50, Infinity)).toEqual(sorted.slice(due.length));
        expect(heap.size).toBe(0);
      }),
    );
  });

  it('gives no more than was asked for', () => {
    const heap = new DueHeap<string>();
    for (const what of ['a', 'b', 'c']) heap.add(1, what);
    expect(heap.takeDue(1, 2)).toHaveLength(2);
    expect(heap.size).toBe(1);
  });
});
