import { KafkaWorld } from '@flow/testing/adapters/kafka';
import { randomBytes } from 'node:crypto';
import { createConnection } from 'mysql2/promise';
import { Nodes } from '../across/nodes';
import { addressOf } from '../services/addresses';
import { firstOnes, metric, started, toldOn, typesByInstance, until } from './told';

describe('Events of several processes on the same stores', () => {
  it('are told by one of them for all, and by another one when that stops', async () => {
    const name = `flow_events_${randomBytes(6).toString('hex')}`;
    const server = await createConnection(addressOf('mariadb'));
    await server.query(`CREATE DATABASE ${name}`);
    const at = (url: string) => Object.assign(new URL(url), { pathname: `/${name}` }).href;
    const world = await KafkaWorld.open();
    const topic = await world.topic('instance.lifecycle', 3);
    const nodes = new Nodes(['standalone', 'standalone'], () => ({
      MONGODB_URL: at(addressOf('mongo')),
      MARIADB_URL: at(addressOf('mariadb')),
      REDIS_URL: addressOf('redis'),
      REDIS_PREFIX: `${name}:`,
      KAFKA_BROKERS: world.brokers,
      KAFKA_TOPIC_PREFIX: world.prefix,
    }));
    try {
      await nodes.startAll();
      // Requests go to the one and the other in turn.
      const ids = await started(nodes, 20);
      await until(async () => (await metric(nodes.at(1), 'events_waiting')) === 0);
      const counts = await Promise.all([0, 1].map((place) => metric(nodes.at(place), 'events_published_total')));
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(40);
      const leader = counts[0] === 40 ? 0 : 1;
      expect(counts[leader]).toBe(40);
      expect(await nodes.at(leader).stop()).toMatchObject({ code: 0 });
      const other = nodes.at(1 - leader);
      ids.push(...(await started(other, 10)));
      const events = await toldOn(world, topic, 60);
      expect(events).toHaveLength(firstOnes(events).length);
      const types = typesByInstance(events);
      expect([...types.keys()].sort()).toEqual(ids.sort());
      expect(new Set([...types.values()].map(String))).toEqual(new Set(['started,ended']));
      expect(await metric(other, 'events_published_total')).toBe(20);
    } finally {
      await nodes.close();
      await server.query(`DROP DATABASE ${name}`);
      await server.end();
      await world.close();
    }
  }, 180_000);
});
