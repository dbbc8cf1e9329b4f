import { after, inHouse, type Findings, type House, type HouseOptions } from './house';
import type { Proxy, Weather } from './proxy';

const WEATHERS: readonly Weather[] = [
  { kind: 'cut' },
  { kind: 'black hole' },
  { kind: 'slow', mostMs: 150 },
  { kind: 'half open' },
];
const LONGEST_MS = 1_200;

/**
 * The wires are bad under load: those of the callers, those to what the steps call, or both. Callers ask again under their keys, steps
 * try again: all comes to its end, and nothing twice but what the wire has lost the answer of.
 */
export function badNetworks(options: HouseOptions, times: number): Promise<Findings> {
  return inHouse({ ...options, hasNetwork: true }, async (house) => {
    for (let i = 0; i < times && house.isSound; i += 1) {
      const weather = WEATHERS[i % WEATHERS.length]!;
      const { over } = await house.busy(8);
      await strike(house, weather, wiresOf(house, Math.floor(i / WEATHERS.length)));
      house.load.hush();
      await over;
      // A step that has lost two answers has three tries left: the next weather finds new ones.
      if (!(await house.settle())) return;
    }
  });
}

function wiresOf({ network }: House, round: number): readonly Proxy[] {
  const { callers, steps } = network!;
  return [[callers, steps], [steps], [callers]][round % 3]!;
}

async function strike(house: House, weather: Weather, wires: readonly Proxy[]): Promise<void> {
  const hurt = () => wires.reduce((sum, wire) => sum + wire.hurt, 0);
  const [before, from] = [hurt(), Date.now()];
  for (const wire of wires) wire.set(weather);
  await after(LONGEST_MS * (0.3 + 0.7 * house.random.fraction()));
  const { status } = await fetch(`${house.service.address}/health/ready`);
  if (status !== 200) house.report('surprise', `with a network that is ${weather.kind} it is not ready: ${status}`);
  for (const wire of wires) wire.clear();
  house.load.lostAnswers(from, Date.now());
  house.struckIf(hurt() > before);
}
