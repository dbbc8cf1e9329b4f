import { SeededRandom } from '@flow/testing/kernel';
import { after, until } from '../chaos/house';
import type { Violation } from '../checker';
import { KafkaWorld } from '@flow/testing/adapters/kafka';
import { Load } from '../load';
import { SHAPES } from '../shapes';
import { SinkProcess } from '../sink-process';
import type { Fault } from './faults';
import { Nodes, TOPOLOGIES, type Topology } from './nodes';
import { Plane, type Servers } from './servers';
import { TriggerLoad, type Fired } from './trigger-load';
import { Witness, said } from './witness';

const CALLERS = 6;
/** Faults are to hit work, not a machine that is full. */
const CALL_EVERY_MS = 150;
/** Until a process that was killed can have called nobody any more. */
const BIRTH_MS = 50;
const LEAST_STARTED = 12;
const LIVE = 'queued,running,waiting,paused,cancelling';
const MOST_ASKED = 5;
/** A worker is held dead after ten seconds; then its runs go on elsewhere, whose pauses and timers take some seconds more. */
const SETTLES_WITHIN_MS = 90_000;
const WARM_WITHIN_MS = 60_000;

export interface Findings {
  readonly faults: number;
  /** Faults that have shown that they hit, while runs were in flight. */
  readonly hits: number;
  /** Faults that have shown nothing. */
  readonly missed: readonly string[];
  /** Of what the faults name as their evidence. */
  readonly evidence: number;
  readonly runs: number;
  /** What has started runs by itself besides; undefined without a Kafka. */
  readonly fired: Fired | undefined;
  /** Starts that were refused with 503, to be asked again. */
  readonly refused: number;
  readonly longestAnswerMs: number;
  readonly violations: readonly Violation[];
}

export interface StrikeOptions {
  readonly seed?: number;
  readonly topology?: Topology;
  /** The build that is tried. */
  readonly main?: string;
  readonly progress?: (what: string) => void;
  /** What the processes have said is kept here when a promise was broken. */
  readonly logs?: string;
}

/** Several processes on the same stores under load; one fault strikes at a time, and all comes to its end between two of them. */
export async function strikeAcross(
  servers: Servers,
  faults: readonly Fault[],
  { seed = 1, topology = 'alike', main, progress = () => undefined, logs }: StrikeOptions = {},
): Promise<Findings> {
  const random = new SeededRandom(seed);
  const apps = TOPOLOGIES[topology];
  const plane = await Plane.open(servers, apps.length, () => random.fraction());
  const sink = await SinkProcess.open(seed);
  const kafka = servers.kafka && (await KafkaWorld.open(servers.kafka.brokers));
  const load = new Load(sink, { seed, shapes: Object.values(SHAPES) });
  const nodes = new Nodes(
    apps,
    (place) => ({ ...plane.settingsOf(place), ...(kafka && TriggerLoad.settingsOf(kafka)) }),
    () => load.died(Date.now() + BIRTH_MS),
    main,
  );
  const witness = await Witness.open(plane.mongo, (hold) => {
    load.tookOver(hold.beatAfter, hold.seenAt);
    progress(`  ${said(hold)}`);
  });
  const triggers = kafka && (await TriggerLoad.open(kafka));
  const broken: Violation[] = [];
  const missed: string[] = [];
  let [hits, evidence] = [0, 0];
  try {
    await nodes.startAll();
    await load.prepare(nodes);
    await triggers?.prepare(nodes);
    for (const { what, evidence: shownBy, strike } of faults) {
      const before = load.acknowledged.length;
      const over = Promise.all([load.call(nodes, CALLERS, CALL_EVERY_MS), triggers?.call(nodes)]);
      await until(() => load.acknowledged.length >= before + LEAST_STARTED);
      await triggers?.warm(nodes, WARM_WITHIN_MS);
      await after(random.fraction() * 300);
      const isBusy = load.inFlight > 0;
      const place = Math.floor(random.fraction() * apps.length);
      const shown = await strike({ nodes, plane, load, triggers, place });
      if (isBusy && shown > 0) hits += 1;
      evidence += shown;
      progress(`${what}: ${shown} ${shownBy}`);
      if (shown === 0) missed.push(what);
      load.hush();
      triggers?.hush();
      await over;
      await nodes.ready();
      await load.settle(nodes, SETTLES_WITHIN_MS);
    }
    if (triggers) broken.push(...(await triggers.violations(nodes, SETTLES_WITHIN_MS)));
    await sink.flush();
    broken.push(...(await load.violations(nodes)), ...witness.tooEarly((pid) => nodes.hasEnded(pid)));
  } catch (error) {
    broken.push({ kind: 'stuck', what: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    broken.push(...(await whyStuck(nodes)));
  } finally {
    await load.close();
    await triggers?.close();
    await nodes.close();
    await kafka?.close();
    await witness.close();
    if (logs !== undefined && broken.length + nodes.hung.length > 0) nodes.keepLogs(logs);
    await plane.close();
    await sink.close();
  }
  return {
    faults: faults.length,
    hits,
    missed,
    evidence,
    runs: load.acknowledged.length,
    fired: triggers?.fired,
    refused: load.refused.get(503) ?? 0,
    longestAnswerMs: nodes.longestAnswerMs,
    violations: [...broken, ...nodes.hung.map((what) => ({ kind: 'hung' as const, what }))],
  };
}

/** What several came to, as one. */
export function sumOf(all: readonly Findings[]): Findings {
  const sum = (of: (one: Findings) => number) => all.reduce((total, one) => total + of(one), 0);
  return {
    faults: sum(({ faults }) => faults),
    hits: sum(({ hits }) => hits),
    missed: all.flatMap(({ missed }) => missed),
    evidence: sum(({ evidence }) => evidence),
    runs: sum(({ runs }) => runs),
    fired: all[0]?.fired,
    refused: sum(({ refused }) => refused),
    longestAnswerMs: Math.max(0, ...all.map(({ longestAnswerMs }) => longestAnswerMs)),
    violations: all.flatMap(({ violations }) => violations),
  };
}

/** What the service itself says of those that do not end. */
async function whyStuck(nodes: Nodes): Promise<readonly Violation[]> {
  try {
    const { items } = await nodes.must<{ items: { id: string }[] }>(
      'GET',
      `/instances?status=${LIVE}&limit=${MOST_ASKED}`,
    );
    const whys = await Promise.all(items.map(({ id }) => nodes.must<object>('GET', `/instances/${id}/why`)));
    return items.map((item, i) => ({ kind: 'stuck', what: JSON.stringify({ ...item, why: whys[i] }) }));
  } catch (error) {
    return [{ kind: 'stuck', what: `and nobody says why: ${String(error)}` }];
  }
}
