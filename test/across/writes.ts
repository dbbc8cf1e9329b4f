import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../build';

/** When one of several processes comes to a write of MongoDB. */
export type ReachAcross =
  | { readonly at: 'work'; readonly nth: number } // while it runs flows; it dies at the nth time, in the midst of them
  | { readonly at: 'start' } // before it is ready
  | { readonly at: 'takeover' } // when another one has died
  | { readonly at: 'none'; readonly why: string };

const work = (nth: number): ReachAcross => ({ at: 'work', nth });
const START: ReachAcross = { at: 'start' };
const TAKEOVER: ReachAcross = { at: 'takeover' };
const FIRST: ReachAcross = {
  at: 'none',
  why: 'of a first start; one-installation.services.spec.ts fails one there',
};
const MOVE: ReachAcross = {
  at: 'none',
  why: 'of flowctl migrate alone; apps/cli/test/move.services.spec.ts kills a process there',
};
const ASKED: ReachAcross = {
  at: 'none',
  why: 'one write that somebody asks for, of a process that serves; the embedded stores are killed at it',
};
const SWEEP: ReachAcross = {
  at: 'none',
  why: 'removes what has expired, minutes after a start; the contract suites repeat it',
};
const KAFKA: ReachAcross = { at: 'none', why: 'needs a Kafka; test/events kills processes there' };

/** Every write of MongoDB by its name. One that is not here fails the build. */
const WRITES: Readonly<Record<string, ReachAcross>> = {
  'schema.index': START,
  'schema.version': START,
  'log.open': START,
  'worker.beat': work(2),
  'log.append': work(10),
  'log.mark': work(3),
  'log.trim': work(3),
  'idempotency.begin': work(5),
  'idempotency.finish': work(5),
  'instance.create': work(5),
  'instance.project': work(4),
  'instance.tasks': work(4),
  'instance.history': work(4),
  'instance.outbox': work(1),
  'instance.settle': work(1),
  'instance.claim': work(2),
  'inbox.insert': work(2),
  'inbox.settle': work(2),
  'tasklog.append': work(2),
  'blob.piece': work(2),
  'blob.put': work(2),
  'dag.settle': KAFKA,
  'dag.told': KAFKA,
  'worker.close': TAKEOVER,
  'log.seal': TAKEOVER,
  'log.close': TAKEOVER,
  'installation.decide': FIRST,
  'installation.settle': FIRST,
  'move.begin': MOVE,
  'move.put': MOVE,
  'move.reached': MOVE,
  'move.finish': MOVE,
  'event.lead': KAFKA,
  'event.put': KAFKA,
  'event.settle': KAFKA,
  'dag.create': ASKED,
  'dag.update': ASKED,
  'dag.version': ASKED,
  'dag.remove': ASKED,
  'idempotency.forget': ASKED,
  'webhook.rotate': ASKED,
  'worker.drain': ASKED,
  'delivery.add': ASKED,
  'delivery.take': ASKED,
  'delivery.settle': ASKED,
  'delivery.postpone': ASKED,
  'delivery.bury': ASKED,
  'delivery.redirect': ASKED,
  'delivery.redrive': ASKED,
  'delivery.remove': ASKED,
  'ticket.take': {
    at: 'none',
    why: 'of limited DAGs, which the load has none of; test/cluster crashes processes there',
  },
  'ticket.give_back': { at: 'none', why: 'the same' },
  'instance.release': { at: 'none', why: 'repairs what no service does' },
  'instance.chunks': { at: 'none', why: 'of rows of many MiB, which the load has none of' },
  'instance.purge': SWEEP,
  'idempotency.purge': SWEEP,
  'tasklog.purge': SWEEP,
  'ended.beside': SWEEP,
  'ended.entomb': SWEEP,
  'ended.purge': SWEEP,
  'ended.clear': SWEEP,
  'ended.forget': SWEEP,
  'blob.drop': SWEEP,
  'blob.refresh': SWEEP,
  'blob.release': SWEEP,
};

export interface WriteOfMongo {
  readonly write: string;
  /** As FAILPOINT names it, without a count. */
  readonly name: string;
  readonly reach: ReachAcross;
}

/** Every failpoint at a write of MongoDB, found in the sources. */
export function writesOfMongo(): readonly WriteOfMongo[] {
  const folder = join(ROOT, 'libs/adapters/mongo/src');
  const source = readdirSync(folder)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('\n');
  // The log names its two inserts by an argument.
  const calls = /(?:\.write|\.putNewer|\.putAll)\(\s*'([\w.]+)'|insert\(\w+, '([\w.]+)'\)|name = '([\w.]+)'/g;
  const found = new Set(Array.from(source.matchAll(calls), ([, one, two, three]) => one ?? two ?? three ?? ''));
  for (const write of found)
    if (!WRITES[write])
      throw new Error(`Nothing says how a process comes to the write ${write}: test/across/writes.ts`);
  const gone = Object.keys(WRITES).filter((write) => !found.has(write));
  if (gone.length > 0) throw new Error(`There is no write ${gone.join(', ')} any more: test/across/writes.ts`);
  return Object.entries(WRITES).flatMap(([write, reach]) =>
    ['before', 'after'].map((moment) => ({ write, name: `${write}.${moment}`, reach })),
  );
}

/** Those that a process comes to under the load. */
export function reachedAcross(): readonly WriteOfMongo[] {
  return writesOfMongo().filter(({ reach }) => reach.at !== 'none');
}
