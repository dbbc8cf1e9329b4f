import { MessageRefused, messageKey, type ReceivedMessage } from '@flow/events';
import { AppError } from '@flow/kernel';
import { MOST_ATTEMPTS, MessageTaker } from './message-taker';

class Away extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'test.away';
}

const aMessage = (offset = '0', partition = 0): ReceivedMessage => {
  const place = { topic: 't', partition, offset };
  return { ...place, key: null, value: null, headers: {}, at: new Date(0), idempotencyKey: messageKey('g', place) };
};

describe('taking a message', () => {
  const never = new AbortController().signal;
  let dead: string[];
  let faults: unknown[];
  let keeps: () => Promise<void>;
  const taker = (handler: (message: ReceivedMessage) => Promise<void>) =>
    new MessageTaker(
      'g',
      ([message]) => handler(message as ReceivedMessage),
      {
        keep: async (_group, { idempotencyKey }) => {
          await keeps();
          dead.push(idempotencyKey);
        },
      },
      (error) => faults.push(error),
    );
  const failing = (error: Error) => taker(() => Promise.reject(error));
  const pauses = async (one: MessageTaker, count: number, message = aMessage()) => {
    const found: (number | string)[] = [];
    for (let i = 0; i < count; i += 1) {
      const taking = await one.take([message], never);
      found.push(taking.laterMs ?? taking.over.join());
    }
    return found;
  };

  beforeEach(() => {
    [dead, faults] = [[], []];
    keeps = () => Promise.resolve();
  });

  it('is over when its handler ends well', async () => {
    expect(
      await pauses(
        taker(async () => undefined),
        1,
      ),
    ).toEqual(['taken']);
    expect([dead, faults]).toEqual([[], []]);
  });

  it('is over at once when it is refused: it is a dead letter', async () => {
    expect(await pauses(failing(new MessageRefused('order.unknown', 'No.')), 1)).toEqual(['dead']);
    expect([dead, faults]).toEqual([['kafka:g:t:0:0'], []]);
  });

  it('is tried for ever, after longer and longer pauses, while something is away', async () => {
    const found = await pauses(failing(new Away('away')), 20);
    expect(found.slice(0, 8)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    expect(new Set(found.slice(8))).toEqual(new Set([30_000]));
    expect([dead.length, faults.length]).toEqual([0, 20]);
  });

  it('is a dead letter when its handler breaks again and again', async () => {
    const found = await pauses(failing(new TypeError('a bug')), MOST_ATTEMPTS);
    expect(found.at(-1)).toBe('dead');
    expect(found.filter((one) => one === 'dead')).toHaveLength(1);
    expect(dead).toHaveLength(1);
  });

  it('counts the attempts of each message by itself', async () => {
    const one = failing(new TypeError('a bug'));
    await pauses(one, MOST_ATTEMPTS - 1);
    expect(await pauses(one, 1, aMessage('1'))).toEqual([500]);
    expect(await pauses(one, 1, aMessage('0', 1))).toEqual([500]);
  });

  it('waits when the dead letters cannot be reached', async () => {
    keeps = () => Promise.reject(new Away('no dead letters'));
    const one = failing(new MessageRefused('order.unknown', 'No.'));
    expect(await pauses(one, 2)).toEqual([500, 1_000]);
    keeps = () => Promise.resolve();
    expect(await pauses(one, 1)).toEqual(['dead']);
  });

  it('comes again when it was cut off, whether its handler heeds that or not', async () => {
    const stop = new AbortController();
    const taking = taker(() => new Promise(() => undefined)).take([aMessage()], stop.signal);
    stop.abort(new Error('The service is stopping.'));
    expect(await taking).toEqual({ over: [], laterMs: 0 });
    expect([dead, faults]).toEqual([[], []]);
  });

  describe('of several at a time', () => {
    const several = ['0', '1', '2', '3'].map((offset) => aMessage(offset));
    const together = (handler: (offsets: readonly string[]) => void) =>
      new MessageTaker(
        'g',
        async (messages) => {
          handler(messages.map(({ offset }) => offset));
        },
        { keep: (_group, { offset }) => Promise.resolve(void dead.push(offset)) },
        (error) => faults.push(error),
      );

    it('is one call while nothing is wrong', async () => {
      const calls: string[] = [];
      const one = together((offsets) => void calls.push(offsets.join()));
      expect(await one.take(several, never)).toEqual({ over: ['taken', 'taken', 'taken', 'taken'] });
      expect(calls).toEqual(['0,1,2,3']);
    });

    it('finds the one that cannot be taken, and takes the others', async () => {
      const taken: string[] = [];
      const one = together((offsets) => {
        if (offsets.includes('2')) throw new MessageRefused('order.unknown', 'No.');
        taken.push(...offsets);
      });
      expect(await one.take(several, never)).toEqual({ over: ['taken', 'taken', 'dead', 'taken'] });
      expect([taken, dead]).toEqual([['0', '1', '3'], ['2']]);
    });

    it('blames none while something is away, and goes on behind those that were taken', async () => {
      const away = together(() => {
        throw new Away('away');
      });
      expect(await away.take(several, never)).toEqual({ over: [], laterMs: 500 });
      const broken = together((offsets) => {
        if (offsets.includes('1')) throw new TypeError('a bug');
      });
      expect(await broken.take(several, never)).toEqual({ over: ['taken'], laterMs: 500 });
      expect(dead).toEqual([]);
    });
  });
});
