import { EVENT_TOPICS, type EventPublisher } from '@flow/events';
import { anEvent } from './event-outbox.contract';

/** A message as whoever listens gets it. */
export interface ToldMessage {
  readonly key: string | null;
  readonly value: string;
  readonly partition: number;
  readonly headers: Readonly<Record<string, string>>;
}

export interface OpenedPublisher {
  readonly publisher: EventPublisher;
  /** Everything that was told on the topic of instances, that of each partition in its order; waits until it is so many. */
  readonly told: (count: number) => Promise<readonly ToldMessage[]>;
  readonly close: () => Promise<void>;
}

/** What every EventPublisher keeps. */
export function eventPublisherContract(name: string, open: () => Promise<OpenedPublisher>): void {
  describe(`${name} as an EventPublisher`, () => {
    let world: OpenedPublisher;
    beforeEach(async () => (world = await open()));
    afterEach(() => world.close());

    it('tells events of one key in one place and in their order, over many batches', async () => {
      expect(EVENT_TOPICS).toEqual(['instance.lifecycle', 'dag.lifecycle', 'audit']);
      const keys = ['A', 'B', 'C', 'D', 'E'];
      const batches = Array.from({ length: 12 }, (_, batch) =>
        Array.from({ length: 20 }, (_x, i) => anEvent(keys[i % 5] ?? 'A', batch * 20 + i)),
      );
      await world.publisher.publish([]);
      for (const batch of batches) await world.publisher.publish(batch);
      const told = await world.told(240);
      expect(told).toHaveLength(240);
      for (const key of keys) {
        const ofKey = told.filter((message) => message.key === key);
        const wanted = batches.flat().filter((event) => event.key === key);
        expect(ofKey.map(({ value }) => value)).toEqual(wanted.map(({ body }) => body));
        expect(new Set(ofKey.map(({ partition }) => partition)).size).toBe(1);
      }
    });

    it('tells the same again under the same id when it is asked to', async () => {
      const event = anEvent('A', 1);
      await world.publisher.publish([event]);
      await world.publisher.publish([event]);
      expect((await world.told(2)).map(({ value }) => value)).toEqual([event.body, event.body]);
    });

    it('says what it tells, and which trace it belongs to, beside it', async () => {
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
      await world.publisher.publish([anEvent('A', 1), anEvent('A', 2, { traceparent })]);
      const type = { 'content-type': 'application/cloudevents+json; charset=UTF-8' };
      expect((await world.told(2)).map(({ headers }) => headers)).toEqual([type, { ...type, traceparent }]);
    });

    it('takes as much at once as the relay gives', async () => {
      const events = Array.from({ length: 500 }, (_, i) => anEvent('A', i, { body: `"${i}${'x'.repeat(1_000)}"` }));
      await world.publisher.publish(events);
      expect((await world.told(500)).map(({ value }) => value)).toEqual(events.map(({ body }) => body));
    });
  });
}
