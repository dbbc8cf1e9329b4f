import { KafkaConnection, KafkaEventConsumer } from '@flow/adapters/kafka';
import { MessageRefused, type ReceivedMessage } from '@flow/events';
import { SystemClock } from '@flow/platform';
import { createHash } from 'node:crypto';
import { appendFileSync, linkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The shortest that a broker takes. */
const SESSION_MS = 6_000;

// Groups that read one topic, until this process is killed: brokers, prefix, topic, groups between commas, and the folder of what they cause.
async function main(): Promise<void> {
  const [brokers = '', prefix = '', topic = '', groups = '', folder = ''] = process.argv.slice(2);
  const place = {
    brokers: brokers.split(','),
    clientId: 'killed',
    tls: 'off',
    saslMechanism: 'off' as const,
    saslUsername: null,
    saslPassword: null,
    prefix,
    createsTopics: false,
  };
  const connection = await KafkaConnection.open(place, new SystemClock());
  const events = {
    onFault: (error: unknown) => process.stderr.write(`${String(error)}\n`),
    onMessage: () => undefined,
  };
  const consumer = new KafkaEventConsumer(connection, events, SESSION_MS);
  for (const group of groups.split(','))
    consumer.subscribe({ group, topics: [topic], from: 'beginning' }, async (message) => {
      appendFileSync(join(folder, 'handled'), `${group}\n`);
      const text = Buffer.from(message.value ?? []).toString('utf8');
      if (text === 'poison') throw new MessageRefused('message.poison', 'It cannot be taken.');
      cause(folder, message, `${group} ${text}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    });
}

/** Once for each key, in the write that remembers it: the file is made by one of all that try, or stands. */
function cause(folder: string, { idempotencyKey }: ReceivedMessage, text: string): void {
  const name = createHash('sha256').update(idempotencyKey).digest('hex');
  try {
    // Whole or not at all: a death between the making of a file and its content would leave an effect of nothing.
    const whole = join(folder, `making-${name}-${process.pid}`);
    writeFileSync(whole, text);
    linkSync(whole, join(folder, `effect-${name}`));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

void main();
