import { anEvent } from '@flow/testing/events';
import { SystemClock } from '@flow/platform';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KafkaEventConsumer } from './event-consumer.kafka';
import { KafkaEventPublisher } from './event-publisher.kafka';
import { KafkaConnection } from './kafka-connection';
import type { KafkaPlace } from './kafka.config';
import type { KafkaLine } from './kafka-log';
import { KafkaWorld } from './testing';

const saying = (pattern: RegExp): unknown => expect.stringMatching(pattern);

/** A port where nobody listens. */
async function emptyPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('a Kafka that cannot be used', () => {
  let world: KafkaWorld;
  beforeEach(async () => (world = await KafkaWorld.open()));
  afterEach(() => world.close());

  const failure = async (change: Partial<KafkaPlace>) => {
    const publisher = new KafkaEventPublisher(await world.connect(change));
    const error = await publisher.publish([anEvent('A', 1)]).catch((thrown: unknown) => thrown);
    await publisher.close();
    return error;
  };

  it('has no such topic: the error names it, and nothing is made', async () => {
    expect(await failure({})).toMatchObject({
      code: 'kafka.topic_missing',
      message: saying(/no topic \S+instance\.lifecycle.*KAFKA_TOPIC_PREFIX.*KAFKA_CREATE_TOPICS/),
    });
    expect(await world.allTopics()).toEqual([]);
  });

  it('has the topic made where that is allowed', async () => {
    const topic = world.expects('instance.lifecycle');
    expect(await failure({ createsTopics: true })).toBeUndefined();
    expect(await world.read(topic, 1)).toHaveLength(1);
  });

  it('is not there: the error comes within seconds and names the setting', async () => {
    const brokers = [`127.0.0.1:${await emptyPort()}`];
    const begunAt = Date.now();
    expect(await failure({ brokers })).toMatchObject({
      code: 'kafka.unavailable',
      message: saying(/KAFKA_BROKERS.*cannot be reached.*ECONNREFUSED/),
    });
    expect(Date.now() - begunAt).toBeLessThan(30_000);
  });

  it('allows no such session: the error names the setting', async () => {
    const topic = await world.topic('orders');
    const connection = await world.connect();
    const faults: unknown[] = [];
    const events = { onFault: (error: unknown) => faults.push(error), onMessage: () => undefined };
    const consumer = new KafkaEventConsumer(connection, events, 24 * 3_600_000);
    const subscription = { group: world.group('sleepy'), topics: [topic], from: 'beginning' as const };
    const consumption = consumer.subscribeBatches(subscription, { messages: 1, bytes: 1 }, () => Promise.resolve());
    while (faults.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await consumption.stop(0);
    await consumer.close();
    expect(faults[0]).toMatchObject({ code: 'kafka.unavailable', message: saying(/KAFKA_SESSION_TIMEOUT/) });
  });

  it('knows no passwords: the error names the settings, and shows none', async () => {
    const error = await failure({ saslMechanism: 'plain', saslUsername: 'flow', saslPassword: 'the-password' });
    expect(error).toMatchObject({
      code: 'kafka.unavailable',
      message: saying(/KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD/),
    });
    expect(JSON.stringify(error) + String(error)).not.toContain('the-password');
  });

  it('speaks no TLS: the error names the setting', async () => {
    expect(await failure({ tls: 'on' })).toMatchObject({
      code: 'kafka.unavailable',
      message: saying(/KAFKA_TLS/),
    });
  });

  it('goes on with another producer after a failure', async () => {
    const connection = await world.connect();
    const publisher = new KafkaEventPublisher(connection);
    await expect(publisher.publish([anEvent('A', 1)])).rejects.toMatchObject({ code: 'kafka.topic_missing' });
    const topic = await world.topic('instance.lifecycle');
    await publisher.publish([anEvent('A', 1), anEvent('A', 2)]);
    expect(await world.read(topic, 2)).toHaveLength(2);
    await publisher.close();
  });

  it('is told of by its client in our log alone, and not over and over', async () => {
    const lines: KafkaLine[] = [];
    const written = jest.spyOn(process.stdout, 'write');
    const complained = [jest.spyOn(console, 'log'), jest.spyOn(console, 'error'), jest.spyOn(console, 'warn')];
    const place = world.place({ brokers: [`127.0.0.1:${await emptyPort()}`] });
    const connection = await KafkaConnection.open(place, new SystemClock(), (line) => lines.push(line));
    for (let i = 0; i < 3; i += 1)
      await expect(connection.ready()).rejects.toMatchObject({ code: 'kafka.unavailable' });
    await connection.close();
    const said = [...complained, written].flatMap(({ mock }) => mock.calls.map(String));
    jest.restoreAllMocks();
    expect(said.filter((text) => /kafkajs|ECONNREFUSED/i.test(text))).toEqual([]);
    expect(lines.length).toBeGreaterThan(0);
    expect(new Set(lines.map(({ message }) => message)).size).toBe(lines.length);
    expect(lines.filter(({ message }) => message.includes('\n'))).toEqual([]);
  });
});

describe('settings of Kafka that do not fit together', () => {
  const place = (change: Partial<KafkaPlace>): KafkaPlace => ({
    brokers: ['h:1'],
    clientId: 'c',
    tls: 'off',
    saslMechanism: 'off',
    saslUsername: null,
    saslPassword: null,
    prefix: 'p.',
    createsTopics: false,
    ...change,
  });
  const refused = async (change: Partial<KafkaPlace>): Promise<string> => {
    const error = await KafkaConnection.open(place(change), new SystemClock()).catch((thrown: unknown) => thrown);
    return (error as Error).message;
  };

  it('are refused at once, by their names', async () => {
    expect(await refused({ saslMechanism: 'plain', saslUsername: 'u' })).toMatch(/KAFKA_SASL_PASSWORD must be set/);
    expect(await refused({ saslPassword: 'p' })).toMatch(/KAFKA_SASL_MECHANISM is off/);
    expect(await refused({ tls: '/not/there.pem' })).toMatch(/KAFKA_TLS.*ENOENT/);
    const folder = mkdtempSync(join(tmpdir(), 'kafka-'));
    writeFileSync(join(folder, 'ca.pem'), 'nothing');
    expect(await refused({ tls: join(folder, 'ca.pem') })).toMatch(/KAFKA_TLS.*holds no certificate/);
    rmSync(folder, { recursive: true });
  });
});
