import type { DomainId, Priority } from '@flow/kernel';
import { settle } from '@flow/testing/kernel';
import { CallQueue } from './call-queue';

/** A queue with one place, which is taken until the test lets go of it. */
class OneAtATime {
  readonly begun: string[] = [];
  readonly queue = new CallQueue(1);
  private end: () => void = () => undefined;

  constructor() {
    this.push('medium', 'nobody', 'first');
  }

  push(priority: Priority, domain: string, name: string): void {
    this.queue.push(priority, domain as DomainId, () => {
      this.begun.push(name);
      return new Promise((resolve) => (this.end = resolve));
    });
  }

  async goOn(calls: number): Promise<string[]> {
    const before = this.begun.length;
    for (let i = 0; i < calls; i += 1) {
      this.end();
      await settle();
    }
    return this.begun.slice(before);
  }
}

describe('calls that wait', () => {
  it('begin as many at once as there is room for', async () => {
    const queue = new CallQueue(3);
    const ends: (() => void)[] = [];
    for (let i = 0; i < 5; i += 1)
      queue.push('medium', 'a' as DomainId, () => new Promise((resolve) => ends.push(resolve)));
    expect([ends.length, queue.underWay]).toEqual([3, 3]);
    ends[1]?.();
    await settle();
    expect([ends.length, queue.underWay]).toEqual([4, 3]);
  });

  it('begin by priority, and within one in their order', async () => {
    const one = new OneAtATime();
    one.push('low', 'a', 'low');
    one.push('medium', 'a', 'medium 1');
    one.push('highest', 'a', 'highest');
    one.push('medium', 'a', 'medium 2');
    expect(await one.goOn(4)).toEqual(['highest', 'medium 1', 'medium 2', 'low']);
  });

  it('of a domain that has few are not delayed by those of one that has many', async () => {
    const one = new OneAtATime();
    for (let i = 1; i <= 5; i += 1) one.push('medium', 'many', `many ${i}`);
    one.push('medium', 'few', 'few 1');
    one.push('medium', 'few', 'few 2');
    expect(await one.goOn(6)).toEqual(['many 1', 'few 1', 'many 2', 'few 2', 'many 3', 'many 4']);
  });

  it('of the lowest priority begin in the end, however many others come', async () => {
    const one = new OneAtATime();
    one.push('lowest', 'a', 'lowest');
    for (let i = 0; i < 30; i += 1) one.push('highest', 'b', `highest ${i}`);
    expect(await one.goOn(12)).toContain('lowest');
  });

  it('are forgotten by a stop', async () => {
    const one = new OneAtATime();
    one.push('medium', 'a', 'later');
    one.queue.stop();
    one.push('medium', 'a', 'too late');
    expect(await one.goOn(3)).toEqual([]);
  });
});
