import { KafkaWorld } from '@flow/testing/adapters/kafka';
import { killedBetween } from './event-kills';

/** `npm run chaos -- events` kills it two hundred times. */
const KILLS = 2;
const MESSAGES = 40;

describe('A service that is killed between messages and their offsets', () => {
  it(`starts one run of each message, ${KILLS} kills`, async () => {
    const world = await KafkaWorld.open();
    try {
      // As short as a broker allows that was not told otherwise.
      const { between, ...found } = await killedBetween(world, { kills: KILLS, messages: MESSAGES, session: 'PT6S' });
      expect(found).toEqual({
        messages: KILLS * MESSAGES * 5,
        kills: KILLS,
        inHand: KILLS,
        instances: KILLS * MESSAGES * 5,
        lost: 0,
        doubled: 0,
        stuck: [],
      });
      // One of the two dies behind the write of its firings.
      expect(between).toBeGreaterThan(0);
    } finally {
      await world.close();
    }
  }, 240_000);
});
