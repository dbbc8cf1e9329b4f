import { after } from '../chaos/house';
import type { Load } from '../load';
import type { TriggerLoad } from './trigger-load';
import type { Nodes } from './nodes';
import { harmOn, type Plane, type Store } from './servers';
import type { Harm } from './tcp-proxy';

/** What a fault strikes. */
export interface Scene {
  readonly nodes: Nodes;
  readonly plane: Plane;
  readonly load: Load;
  /** Where there is a Kafka. */
  readonly triggers: TriggerLoad | undefined;
  /** The process whose turn it is. */
  readonly place: number;
}

/** What strikes, until all could be as before. Gives what shows that it has hit: how many of `evidence`. */
export interface Fault {
  readonly what: string;
  readonly evidence: string;
  readonly strike: (scene: Scene) => Promise<number>;
}

/** What strikes one of the processes. */
const PROCESS_FAULTS = {
  killed: {
    what: 'kill -9 of a process; another comes into its place when the others have begun to miss it',
    evidence: 'processes killed',
    async strike({ nodes, place }) {
      const { signal } = await nodes.kill(place);
      await after(1_000);
      await nodes.start(place);
      return signal === 'SIGKILL' ? 1 : 0;
    },
  },
  zombie: {
    what: 'SIGSTOP of a process for so long that the others go on with what it held; then it goes on, and finds out',
    evidence: 'processes fenced, or with nothing to be fenced from',
    async strike({ nodes, place, load }) {
      const node = nodes.at(place);
      if (!nodes.works(place)) return stopped(nodes, place, 16_000);
      nodes.leaveAlone(place);
      node.child.kill('SIGSTOP');
      await after(16_000);
      load.resumed(Date.now());
      node.child.kill('SIGCONT');
      const { code } = await node.exited;
      nodes.all[place] = undefined;
      await nodes.start(place);
      return code === 1 ? 1 : 0;
    },
  },
  pause: {
    what: 'SIGSTOP of a process for less than it takes to be held dead',
    evidence: 'processes stopped',
    strike: ({ nodes, place }) => stopped(nodes, place, 4_000),
  },
  ended: {
    what: 'SIGTERM of a process',
    evidence: 'processes ended with 0',
    async strike({ nodes, place }) {
      nodes.leaveAlone(place);
      const { code, signal } = await nodes.at(place).stop();
      if (code !== 0) throw new Error(`It ended with ${String(code)} (${String(signal)}), not with 0.`);
      nodes.all[place] = undefined;
      await nodes.start(place);
      return 1;
    },
  },
} satisfies Record<string, Fault>;

async function stopped(nodes: Nodes, place: number, forMs: number): Promise<number> {
  const node = nodes.at(place);
  nodes.leaveAlone(place);
  node.child.kill('SIGSTOP');
  await after(forMs);
  node.child.kill('SIGCONT');
  nodes.askAgain(place);
  return node.running ? 1 : 0;
}

/** What strikes a server that all use. */
const SERVER_FAULTS = {
  redisKilled: {
    what: 'kill -9 of Redis, which comes back empty',
    evidence: 'connections ended or refused',
    async strike({ plane }) {
      const harm = harmOn(plane.waysTo('redis'));
      await plane.servers.redis.kill();
      await after(3_000);
      await plane.servers.redis.up();
      return broken(harm());
    },
  },
  redisFlushed: {
    what: 'FLUSHALL of Redis, again and again',
    evidence: 'keys removed',
    async strike({ plane: { servers } }) {
      let removed = 0;
      for (let i = 0; i < 15; i += 1) {
        removed += Number(/^:(\d+)/.exec(await servers.redis.ask('DBSIZE'))?.[1] ?? 0);
        await servers.redis.ask('FLUSHALL');
        await after(200);
      }
      return removed;
    },
  },
  redisStopped: {
    what: 'SIGSTOP of Redis for 6 s',
    evidence: 'pieces that nothing answered',
    async strike({ plane }) {
      plane.servers.redis.hang();
      await after(50);
      const harm = harmOn(plane.waysTo('redis'));
      await after(6_000);
      const { asked, answered } = harm();
      plane.servers.redis.goOn();
      return answered > 0 ? 0 : asked;
    },
  },
  mariadbKilled: {
    what: 'kill -9 of MariaDB, which comes back',
    evidence: 'connections ended or refused',
    async strike({ plane }) {
      const harm = harmOn(plane.waysTo('mariadb'));
      await plane.servers.mariadb.stop('SIGKILL');
      await after(3_000);
      await plane.servers.mariadb.start([]);
      return broken(harm());
    },
  },
  kafkaKilled: {
    what: 'kill -9 of Kafka, which comes back',
    evidence: 'messages that it did not take',
    async strike({ plane: { servers }, triggers }) {
      if (!servers.kafka || !triggers) throw new Error('There is no Kafka to be killed.');
      const before = triggers.refused;
      servers.kafka.kill();
      await after(3_000);
      await servers.kafka.up();
      return triggers.refused - before;
    },
  },
} satisfies Record<string, Fault>;

const broken = ({ ended, refused }: Harm) => ended + refused;

const NAMES: Readonly<Record<Store, string>> = { mongo: 'MongoDB', mariadb: 'MariaDB', redis: 'Redis' };

/** Nothing passes between all processes and a server, or between one of them and it; what was sent meanwhile arrives at the end. */
function blackHole(store: Store, forMs: number, isOne = false): Fault {
  return {
    what: `nothing passes between ${isOne ? 'one process' : 'any process'} and ${NAMES[store]} for ${forMs / 1_000} s, and nobody hangs up`,
    evidence: 'bytes held',
    async strike({ plane, place, load }) {
      const ways = plane.waysTo(store, isOne ? place : undefined);
      const harm = harmOn(ways);
      for (const way of ways) way.set('held');
      await after(forMs);
      load.resumed(Date.now());
      for (const way of ways) way.set('open');
      return harm().heldBytes;
    },
  };
}

function latency(store: Store): Fault {
  return {
    what: `each piece to and from ${NAMES[store]} is up to 100 ms late, for 5 s`,
    evidence: 'pieces late',
    async strike({ plane }) {
      const ways = plane.waysTo(store);
      const harm = harmOn(ways);
      for (const way of ways) way.set({ mostMs: 100 });
      await after(5_000);
      for (const way of ways) way.set('open');
      return harm().late;
    },
  };
}

function resets(store: Store): Fault {
  return {
    what: `all connections to ${NAMES[store]} are reset, five times within 2 s`,
    evidence: 'connections reset',
    async strike({ plane }) {
      const ways = plane.waysTo(store);
      const harm = harmOn(ways);
      for (let i = 0; i < 5; i += 1) {
        for (const way of ways) way.reset();
        await after(400);
      }
      return harm().reset;
    },
  };
}

/** All that can strike, by the names that a command line takes. */
export const FAULTS = {
  ...PROCESS_FAULTS,
  ...SERVER_FAULTS,
  mongoAway: blackHole('mongo', 5_000),
  mongoLost: blackHole('mongo', 16_000, true),
  mongoSlow: latency('mongo'),
  mongoReset: resets('mongo'),
  mariadbAway: blackHole('mariadb', 8_000),
  mariadbSlow: latency('mariadb'),
  mariadbReset: resets('mariadb'),
  redisAway: blackHole('redis', 8_000),
  redisSlow: latency('redis'),
  redisReset: resets('redis'),
} satisfies Record<string, Fault>;
export type FaultName = keyof typeof FAULTS;
