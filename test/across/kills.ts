import { until } from '../chaos/house';
import type { Fault, Scene } from './faults';
import type { WriteOfMongo } from './writes';

const DIES_WITHIN_MS = 60_000;
const MOST_PLACES = 10;

/** A process ends by kill -9 at this write, by itself; then another comes into its place. */
export function killedAt({ name, reach }: WriteOfMongo): Fault {
  return {
    what: `kill -9 at ${name}`,
    evidence: 'processes killed there',
    strike: (scene) => {
      switch (reach.at) {
        case 'start':
          return atStart(scene, name);
        case 'work':
          return atWork(scene, `${name}@${reach.nth}`);
        case 'takeover':
          return atTakeover(scene, name);
        default:
          throw new Error(`No process comes to ${name} under this load.`);
      }
    },
  };
}

/** Those who carry out runs, from this place on. */
function workersFrom({ nodes, place }: Scene): readonly number[] {
  const count = nodes.all.length;
  return Array.from({ length: Math.min(count, MOST_PLACES) }, (_, i) => (place + i) % count).filter((one) =>
    nodes.works(one),
  );
}

/** What it held before goes to the others first. */
async function armed({ nodes }: Scene, place: number, failpoint: string): Promise<void> {
  nodes.leaveAlone(place);
  await nodes.at(place).stop();
  nodes.all[place] = undefined;
  await nodes.startToDie(place, { FAILPOINT: failpoint });
}

/** How many of these were killed; in the place of each comes a new one. */
async function buried({ nodes }: Scene, places: readonly number[]): Promise<number> {
  let killed = 0;
  for (const place of places) {
    const node = nodes.all[place];
    if (!node || node.running) continue;
    if ((await node.exited).signal === 'SIGKILL') killed += 1;
    nodes.all[place] = undefined;
  }
  for (const place of places) {
    if (nodes.all[place]) await nodes.kill(place);
    await nodes.start(place);
  }
  return killed;
}

async function atStart({ nodes, place }: Scene, failpoint: string): Promise<number> {
  await nodes.kill(place);
  const { signal } = await nodes.startInVain(place, { FAILPOINT: failpoint });
  await nodes.start(place);
  return signal === 'SIGKILL' ? 1 : 0;
}

async function atWork(scene: Scene, failpoint: string): Promise<number> {
  const { nodes } = scene;
  const [place = scene.place] = workersFrom(scene);
  await armed(scene, place, failpoint);
  await until(() => !nodes.at(place).running, DIES_WITHIN_MS).catch(() => undefined);
  return buried(scene, [place]);
}

/** One is killed, and all others but one would die while they go on with what it held: the one that comes first does. */
async function atTakeover(scene: Scene, failpoint: string): Promise<number> {
  const { nodes } = scene;
  const [victim = scene.place, ...others] = workersFrom(scene);
  for (const place of others) await armed(scene, place, failpoint);
  await nodes.kill(victim);
  await until(() => others.some((place) => !nodes.at(place).running), DIES_WITHIN_MS).catch(() => undefined);
  const killed = await buried(scene, others);
  await nodes.start(victim);
  return killed;
}
