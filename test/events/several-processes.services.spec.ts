import type { DagEventData } from '@flow/dags';
import { LEAD_MS } from '@flow/events';
import { KafkaWorld } from '@flow/testing/adapters/kafka';
import { randomBytes } from 'node:crypto';
import { createConnection } from 'mysql2/promise';
import { Nodes } from '../across/nodes';
import { addressOf } from '../services/addresses';
import { STEPS, firstOnes, metric, started, toldOn, typesByInstance, until } from './told';

/** Two processes on databases of their own, of which the first dies where it is told to. */
async function twoNodes(world: KafkaWorld, failpointOfFirst: () => string | undefined = () => undefined) {
  const name = `flow_events_${randomBytes(6).toString('hex')}`;
  const server = await createConnection(addressOf('mariadb'));
  await server.query(`CREATE DATABASE ${name}`);
  const at = (url: string) => Object.assign(new URL(url), { pathname: `/${name}` }).href;
  const nodes = new Nodes(['standalone', 'standalone'], (place) => {
    const failpoint = place === 0 ? failpointOfFirst() : undefined;
    return {
      MONGODB_URL: at(addressOf('mongo')),
      MARIADB_URL: at(addressOf('mariadb')),
      REDIS_URL: addressOf('redis'),
      REDIS_PREFIX: `${name}:`,
      KAFKA_BROKERS: world.brokers,
      KAFKA_TOPIC_PREFIX: world.prefix,
      ...(failpoint !== undefined && { FAILPOINT: failpoint }),
    };
  });
  const close = async () => {
    await nodes.close();
    await server.query(`DROP DATABASE ${name}`);
    await server.end();
    await world.close();
  };
  return { nodes, close };
}

describe('Events of several processes on the same stores', () => {
  it('are told by one of them for all, and by another one when that stops', async () => {
    const world = await KafkaWorld.open();
    const topic = await world.topic('instance.lifecycle', 3);
    const dags = await world.topic('dag.lifecycle');
    await world.topic('audit');
    const { nodes, close } = await twoNodes(world);
    try {
      await nodes.startAll();
      // Requests go to the one and the other in turn.
      const ids = await started(nodes, 20);
      const published = () => Promise.all([0, 1].map((place) => metric(nodes.at(place), 'events_published_total')));
      // A DAG was made besides, and each of these commands has an audit record.
      await until(async () => Math.max(...(await published())) >= 41 + 21);
      const counts = await published();
      const leader = counts[0] === 62 ? 0 : 1;
      expect([counts[leader], counts[1 - leader]]).toEqual([62, 0]);
      expect(await nodes.at(leader).stop()).toMatchObject({ code: 0 });
      const other = nodes.at(1 - leader);
      ids.push(...(await started(other, 10)));
      const events = await toldOn(world, topic, 60);
      expect(events).toHaveLength(firstOnes(events).length);
      const types = typesByInstance(events);
      expect([...types.keys()].sort()).toEqual(ids.sort());
      expect(new Set([...types.values()].map(String))).toEqual(new Set(['started,ended']));
      expect((await toldOn(world, dags, 2)).map(({ type }) => type)).toEqual(Array(2).fill('automation.dag.created'));
      await until(async () => (await metric(other, 'events_published_total')) >= 21 + 11);
      expect(await metric(other, 'events_published_total')).toBe(32);
    } finally {
      await close();
    }
  }, 180_000);

  it('of a DAG that was changed in a process which dies on the way are told by another one', async () => {
    const world = await KafkaWorld.open();
    const topic = await world.topic('dag.lifecycle');
    await world.topic('audit');
    await world.topic('instance.lifecycle');
    let failpoint: string | undefined;
    const { nodes, close } = await twoNodes(world, () => failpoint);
    try {
      await nodes.start(1);
      const points = ['dag.create.after', 'event.put.after', 'dag.settle.after'];
      for (const [i, point] of points.entries()) {
        failpoint = point;
        await nodes.start(0);
        const first = nodes.at(0);
        await first.must('POST', '/dags', { title: point, steps: STEPS }).catch(() => undefined);
        expect(await first.exited).toMatchObject({ signal: 'SIGKILL' });
        // Where the one that died was to tell, nobody does so before its time is over.
        await until(async () => firstOnes(await toldOn(world, topic, i + 1)).length === i + 1, LEAD_MS + 30_000);
      }
      const titles = firstOnes(await toldOn(world, topic, points.length)).map(
        ({ data }) => (data as unknown as DagEventData).title,
      );
      expect(titles.sort()).toEqual([...points].sort());
      await until(async () => (await metric(nodes.at(1), 'events_waiting')) === 0);
    } finally {
      await close();
    }
  }, 180_000);
});
