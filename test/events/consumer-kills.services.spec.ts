import { KafkaWorld } from '@flow/testing/adapters/kafka';
import { startScript } from '@flow/testing/adapters/sqlite';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { aFolder } from '../service';

const GROUPS = 10;
const KILLS = 2;
const MESSAGES = 500;
const SCRIPT = join(__dirname, 'consume.ts');

async function until(isSo: () => boolean, withinMs = 90_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!isSo()) {
    if (Date.now() > end) throw new Error(`It has not come to be within ${withinMs} ms: ${isSo.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('Consumers that are killed between a message and its offset', () => {
  it(`cause what each message asks for once, ${GROUPS * KILLS} kills`, async () => {
    const world = await KafkaWorld.open();
    const folder = aFolder();
    try {
      const topic = await world.topic('orders', 2);
      const dead = await world.topic('dead-letters');
      const groups = Array.from({ length: GROUPS }, (_, i) => world.group(`g${i}`));
      const args = [world.brokers, world.prefix, topic, groups.join(','), folder.path];
      const values = Array.from({ length: MESSAGES }, (_, i) => (i === 100 ? 'poison' : `m${i}`));
      await world.send(
        topic,
        values.map((value, i) => ({ value, partition: i % 2 })),
      );
      const handled = () => {
        try {
          return readFileSync(join(folder.path, 'handled'), 'utf8').split('\n').slice(0, -1);
        } catch {
          return [];
        }
      };
      const effects = () => readdirSync(folder.path).filter((name) => name.startsWith('effect-'));
      for (let kill = 1; kill <= KILLS; kill += 1) {
        const before = handled().length;
        const child = startScript(SCRIPT, args);
        // Every group has something in its hands that is not written down.
        await until(() => new Set(handled().slice(before)).size === GROUPS);
        child.kill('SIGKILL');
        await once(child, 'exit');
        expect(effects().length).toBeLessThan(GROUPS * (MESSAGES - 1));
      }
      const last = startScript(SCRIPT, args);
      await until(() => effects().length === GROUPS * (MESSAGES - 1));
      const letters = await world.read(dead, GROUPS);
      last.kill('SIGKILL');
      await once(last, 'exit');
      const texts = effects().map((name) => readFileSync(join(folder.path, name), 'utf8'));
      const wanted = groups.flatMap((group) =>
        values.filter((value) => value !== 'poison').map((value) => `${group} ${value}`),
      );
      expect(texts.sort()).toEqual(wanted.sort());
      // It was seen that messages came again.
      expect(handled().length).toBeGreaterThan(GROUPS * MESSAGES);
      const letterIds = letters.map(({ message }) => String(message.headers?.['dead-letter-id']));
      expect(new Set(letterIds).size).toBe(GROUPS);
    } finally {
      folder.remove();
      await world.close();
    }
  }, 180_000);
});
