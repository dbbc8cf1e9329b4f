import { SeededRandom } from '@flow/testing/kernel';
import type { SinkWord } from './sink-process';
import { Sink } from './sink';

/** Most calls are over soon; some take so long that a fault finds them under way. */
const random = new SeededRandom(Number(process.argv[2]));
const takesMs = () => (random.fraction() < 0.1 ? 100 + random.fraction() * 200 : random.fraction() * 30);
const say = (word: SinkWord) => process.connected && process.send?.(word);

async function main(): Promise<void> {
  const sink = await Sink.open(takesMs, (index, effect) => say({ index, effect }));
  process.on('message', () => say({ flushed: true }));
  process.once('disconnect', () => void sink.close());
  say({ url: sink.url });
}

void main();
