import { SeededRandom } from '@flow/testing/kernel';
import { after, until } from '../chaos/house';
import type { Violation } from '../checker';
import { Load } from '../load';
import { SHAPES } from '../shapes';
import { SinkProcess } from '../sink-process';
import { Nodes } from './nodes';

const CALLERS = 6;
/** Until a process that was killed can have called nobody any more. */
const BIRTH_MS = 50;
/** A worker is held dead after ten seconds; then its runs go on elsewhere, whose pauses and timers take some seconds more. */
const SETTLES_WITHIN_MS = 90_000;

export interface AcrossFindings {
  readonly faults: number;
  /** Faults that struck a process while runs were in flight. */
  readonly hits: number;
  readonly runs: number;
  readonly violations: readonly Violation[];
}

/** What strikes one of the processes, until it serves again. */
export type Fault = (nodes: Nodes, place: number, load: Load) => Promise<void>;

/** kill -9; another process comes into its place when the others have begun to miss it. */
export const killed: Fault = async (nodes, place, load) => {
  await nodes.kill(place);
  load.died(Date.now() + BIRTH_MS);
  await after(1_000);
  await nodes.start(place);
};

/** SIGSTOP for so long that the others hold it dead, take over what it held, and go on with it; then it goes on itself, and finds out. */
export const zombie: Fault = async (nodes, place, load) => {
  const node = nodes.at(place);
  nodes.leaveAlone(place);
  node.child.kill('SIGSTOP');
  load.died(Date.now());
  await after(16_000);
  load.resumed(Date.now());
  node.child.kill('SIGCONT');
  // It ends by itself when it hears that it is held dead; the platform starts another.
  await node.exited;
  nodes.all[place] = undefined;
  await nodes.start(place);
};

/** SIGSTOP for less than it takes to be held dead: it was away, and does as if nothing had been. */
export const pause: Fault = async (nodes, place) => {
  const node = nodes.at(place);
  nodes.leaveAlone(place);
  node.child.kill('SIGSTOP');
  await after(4_000);
  node.child.kill('SIGCONT');
  nodes.askAgain(place);
};

/** SIGTERM under load: it hands on what it holds, and ends with 0. */
export const ended: Fault = async (nodes, place) => {
  nodes.leaveAlone(place);
  const { code, signal } = await nodes.at(place).stop();
  if (code !== 0) throw new Error(`It ended with ${String(code)} (${String(signal)}), not with 0.`);
  nodes.all[place] = undefined;
  await nodes.start(place);
};

/** Several processes on the same stores under load; one of them is struck at a time, and all comes to its end between two faults. */
export async function strikeAcross(
  stores: Readonly<Record<string, string>>,
  faults: readonly Fault[],
  { seed = 1, count = 3 }: { readonly seed?: number; readonly count?: number } = {},
): Promise<AcrossFindings> {
  const random = new SeededRandom(seed);
  const sink = await SinkProcess.open(seed);
  const nodes = new Nodes(count, stores);
  const load = new Load(sink, { seed, shapes: Object.values(SHAPES) });
  let hits = 0;
  try {
    await nodes.startAll();
    await load.prepare(nodes);
    for (const fault of faults) {
      const before = load.acknowledged.length;
      const over = load.call(nodes, CALLERS);
      await until(() => load.acknowledged.length >= before + 12);
      await after(random.fraction() * 300);
      if (load.inFlight > 0) hits += 1;
      await fault(nodes, Math.floor(random.fraction() * count), load);
      load.hush();
      await over;
      await load.settle(nodes, SETTLES_WITHIN_MS);
    }
    await sink.flush();
    return {
      faults: faults.length,
      hits,
      runs: load.acknowledged.length,
      violations: await load.violations(nodes),
    };
  } finally {
    await load.close();
    await nodes.close();
    await sink.close();
  }
}
