import { KafkaWorld } from '@flow/testing/adapters/kafka';
import { parseArgs } from 'node:util';
import { notOutlivingUs } from '../chaos/leftovers';
import { killedBetween, type KillsFindings } from './event-kills';
import { OwnKafka } from './own-kafka';

const HELP = `npm run chaos -- events [options]

A service on embedded stores that reads topics of Kafka is killed again and again between a poll and the commit of its offsets. Exit code 1
when a message has no run or more than one, when a partition is stuck, or when a kill did not hit. Kafka is started for it.

  --kills N     how often (200)
  --messages N  to each of five topics, for each kill (20)
  --minutes N   no further kill after so long`;

/** The broker is our own, and allows it. */
const SESSION = 'PT2S';

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

function whole(text: string, name: string): number {
  if (!/^[1-9]\d*$/.test(text)) fail(`--${name} is a whole number from 1, not "${text}".`);
  return Number(text);
}

const ROWS: readonly (readonly [string, (found: KillsFindings) => number])[] = [
  ['messages', ({ messages }) => messages],
  ['kills', ({ kills }) => kills],
  ['with messages in hand', ({ inHand }) => inHand],
  ['between durable and written down', ({ between }) => between],
  ['instances', ({ instances }) => instances],
  ['lost', ({ lost }) => lost],
  ['doubled', ({ doubled }) => doubled],
  ['partitions stuck', ({ stuck }) => stuck.length],
];

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '200' },
      messages: { type: 'string', default: '20' },
      minutes: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${HELP}\n`);
    return;
  }
  const [kills, messages] = [whole(values.kills, 'kills'), whole(values.messages, 'messages')];
  const startedAt = Date.now();
  const endsAt = values.minutes === undefined ? Infinity : startedAt + whole(values.minutes, 'minutes') * 60_000;
  const seconds = () => Math.round((Date.now() - startedAt) / 1_000);
  const kafka = await OwnKafka.prepare();
  const isGone = notOutlivingUs(() => kafka.kill());
  let found: KillsFindings;
  try {
    await kafka.up();
    const world = await KafkaWorld.open(kafka.brokers);
    const progress = (kill: number) => kill % 10 === 0 && process.stderr.write(`${seconds()} s  ${kill} kills\n`);
    found = await killedBetween(world, { kills, messages, session: SESSION, endsAt, progress });
    await world.close();
  } finally {
    isGone();
    await kafka.close();
  }
  const table = [ROWS.map(([name]) => name), ROWS.map(() => '---:'), ROWS.map(([, of]) => String(of(found)))];
  process.stdout.write(`${table.map((row) => `| ${row.join(' | ')} |`).join('\n')}\n\n${seconds()} s\n`);
  for (const what of found.stuck) process.stdout.write(`stuck: ${what}\n`);
  const isSound = found.lost + found.doubled + found.stuck.length === 0 && found.instances === found.messages;
  process.exitCode = isSound && found.inHand === found.kills && found.between > 0 ? 0 : 1;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 2;
});
