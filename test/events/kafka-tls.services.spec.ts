import { KafkaConnection, KafkaEventPublisher, type KafkaPlace } from '@flow/adapters/kafka';
import { SystemClock } from '@flow/platform';
import { KafkaWorld } from '@flow/testing/adapters/kafka';
import { anEvent } from '@flow/testing/events';
import { selfSigned } from '@flow/testing/platform';
import { Service, aFolder } from '../service';
import { OwnKafka } from './own-kafka';
import { started, toldOn, typesByInstance } from './told';

const PASSWORD = 'the-password-of-flow';

describe('A Kafka that speaks TLS and asks for a password', () => {
  let kafka: OwnKafka;
  let authority: string;
  let stranger: string;
  let world: KafkaWorld;
  beforeAll(async () => {
    const { key, cert } = selfSigned('localhost');
    kafka = await OwnKafka.prepare({ keystore: key + cert, password: PASSWORD });
    authority = kafka.file('authority.pem', cert);
    stranger = kafka.file('stranger.pem', selfSigned('localhost').cert);
    await kafka.up();
    world = await KafkaWorld.open(kafka.brokers);
  }, 120_000);
  afterAll(async () => {
    await world.close();
    await kafka.close();
  });

  const overTls = (): Partial<KafkaPlace> => ({ brokers: [`localhost:${kafka.ports.tls}`], tls: authority });
  const asFlow = (change: Partial<KafkaPlace> = {}): Partial<KafkaPlace> => ({
    brokers: [`localhost:${kafka.ports.sasl}`],
    tls: authority,
    saslMechanism: 'scram-sha-512',
    saslUsername: 'flow',
    saslPassword: PASSWORD,
    ...change,
  });
  const published = async (change: Partial<KafkaPlace>) => {
    const connection = await KafkaConnection.open(world.place({ createsTopics: true, ...change }), new SystemClock());
    const publisher = new KafkaEventPublisher(connection);
    const events = [anEvent('A', 1), anEvent('A', 2)];
    const fault = await publisher.publish(events).catch((error: unknown) => error as Error);
    await publisher.close();
    await connection.close();
    return fault;
  };

  it.each<[string, () => Partial<KafkaPlace>]>([
    ['over TLS', overTls],
    ['over TLS, by SCRAM-SHA-512', asFlow],
    ['over TLS, by PLAIN', () => asFlow({ saslMechanism: 'plain' })],
  ])('is told events %s', async (_what, place) => {
    const prefix = `${world.prefix}${_what.length}.`;
    expect(await published({ ...place(), prefix })).toBeUndefined();
    const read = await world.read(`${prefix}instance.lifecycle`, 2);
    expect(read.map(({ message }) => String(message.value))).toEqual([anEvent('A', 1).body, anEvent('A', 2).body]);
  });

  it.each<[string, () => Partial<KafkaPlace>, RegExp]>([
    ['a wrong password', () => asFlow({ saslPassword: 'guessed' }), /KAFKA_SASL_MECHANISM.*KAFKA_SASL_PASSWORD/],
    ['a wrong password by PLAIN', () => asFlow({ saslMechanism: 'plain', saslPassword: 'guessed' }), /KAFKA_SASL_PASS/],
    ['an unknown user', () => asFlow({ saslUsername: 'nobody' }), /KAFKA_SASL_USERNAME/],
    ['a mechanism that is not offered', () => asFlow({ saslMechanism: 'scram-sha-256' }), /KAFKA_SASL_MECHANISM/],
    ['no user where one is asked for', () => ({ ...overTls(), brokers: asFlow().brokers! }), /KAFKA_SASL_MECHANISM/],
    ['an authority that Node does not know', () => ({ ...overTls(), tls: 'on' }), /not trusted.*KAFKA_TLS/],
    ['the file of another authority', () => ({ ...overTls(), tls: stranger }), /not trusted.*KAFKA_TLS/],
    ['plain text to a port of TLS', () => ({ ...overTls(), tls: 'off' }), /KAFKA_TLS/],
    ['TLS to a port of plain text', () => ({ tls: authority, brokers: [kafka.brokers] }), /KAFKA_TLS/],
    [
      'a name that the certificate does not have',
      () => ({ ...overTls(), brokers: [`127.0.0.1:${kafka.ports.tls}`] }),
      /another name.*KAFKA_BROKERS/,
    ],
  ])('refuses %s, and the error names the setting, and no password', async (_what, place, names) => {
    const fault = await published(place());
    expect(fault).toMatchObject({ code: 'kafka.unavailable' });
    expect(fault?.message).toMatch(names);
    expect(`${String(fault)} ${JSON.stringify(fault)}`).not.toMatch(/guessed|the-password-of-flow/);
  });

  it('is told what becomes of runs by a service that has the settings', async () => {
    const folder = aFolder();
    const prefix = `${world.prefix}service.`;
    const service = await Service.start(folder.path, {
      KAFKA_BROKERS: `localhost:${kafka.ports.sasl}`,
      KAFKA_TLS: authority,
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
      KAFKA_SASL_USERNAME: 'flow',
      KAFKA_SASL_PASSWORD: PASSWORD,
      KAFKA_TOPIC_PREFIX: prefix,
      KAFKA_CREATE_TOPICS: 'on',
    });
    try {
      const ids = await started(service, 3);
      const topic = `${prefix}instance.lifecycle`;
      await world.waitFor(topic);
      expect([...typesByInstance(await toldOn(world, topic, 6)).keys()].sort()).toEqual(ids.sort());
      expect(await service.stop()).toMatchObject({ code: 0 });
      expect(service.output + service.errors).not.toContain(PASSWORD);
    } finally {
      await service.kill();
      folder.remove();
    }
  }, 90_000);
});
