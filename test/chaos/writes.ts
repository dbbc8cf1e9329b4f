import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../build';

/** When a process comes to a write. */
export type Reach =
  | { readonly at: 'first start' } // on a folder that is not there yet
  | { readonly at: 'start' } // when it takes over what a dead one left
  | { readonly at: 'work'; readonly nth: number } // while it runs flows; it dies at the nth time, in the midst of them
  | { readonly at: 'errand' } // when somebody asks for it (errands.ts)
  | { readonly at: 'aside' } // the same, of what goes on beside runs (errands-aside.ts)
  | { readonly at: 'none'; readonly why: string };

const work = (nth: number): Reach => ({ at: 'work', nth });
const START: Reach = { at: 'start' };
const ERRAND: Reach = { at: 'errand' };
const ASIDE: Reach = { at: 'aside' };
const SWEEP: Reach = {
  at: 'none',
  why: 'removes what has expired, minutes after a start; documents.kill.spec.ts and failpoints.spec.ts kill a process there',
};

const SETTING: Reach = { at: 'none', why: 'a setting of a domain; failpoints.spec.ts kills a process there' };

const INPUT: Reach = { at: 'none', why: 'a saved input of a trigger; failpoints.spec.ts kills a process there' };

const FILE: Reach = {
  at: 'none',
  why: 'a file that is uploaded for a form; failpoints.spec.ts and test/triggers/file-kills.spec.ts kill a process there',
};

const TELLING: Reach = {
  at: 'none',
  why: 'needs a Kafka; test/events/publishing.services.spec.ts kills a process there',
};

const SHARED: Reach = {
  at: 'none',
  why: 'of processes that share MariaDB; failpoints.services.spec.ts kills a process there',
};

const AUDIT: Reach = { at: 'none', why: 'needs commands and restarts of its own; test/audit kills a process there' };

const FIRING: Reach = { at: 'none', why: 'needs triggers; test/triggers kills a process there' };

/** Every write of the stores by its name. One that is not here fails the build. */
const WRITES: Readonly<Record<string, Reach>> = {
  'schema.migrate': { at: 'first start' },
  'installation.decide': { at: 'first start' },
  'installation.follow': { at: 'first start' },
  'installation.settle': { at: 'first start' },
  'log.open': START,
  'log.seal': START,
  'instance.claim': START,
  'log.close': START,
  'log.append': work(20),
  'idempotency.begin': work(20),
  'idempotency.finish': work(20),
  // Not yet while it takes over, however many rows that writes.
  'instance.project': work(8),
  'log.mark': work(3),
  'instance.settle': work(2),
  'instance.wake': ERRAND,
  'instance.release': {
    at: 'none',
    why: 'repairs what no service does; documents.kill.spec.ts kills a process there',
  },
  'tasklog.append': work(3),
  'blob.put': work(3),
  'blob.share': work(2),
  'dag.create': ERRAND,
  'dag.update': ERRAND,
  'dag.remove': ERRAND,
  'idempotency.forget': ERRAND,
  'secret.add': ERRAND,
  'secret.replace': ERRAND,
  'secret.remove': ERRAND,
  'variable.add': ERRAND,
  'variable.replace': ERRAND,
  'variable.remove': ERRAND,
  'token.add': ERRAND,
  'token.use': ERRAND,
  'token.remove': ERRAND,
  'token.purge': { at: 'none', why: 'nobody calls it yet; failpoints.spec.ts kills a process there' },
  'event.put': TELLING,
  'dag.settle': TELLING,
  'event.settle': TELLING,
  'move.put': {
    at: 'none',
    why: 'of flowctl migrate alone; apps/cli/test/move.services.spec.ts kills a process there',
  },
  'idempotency.purge': SWEEP,
  'instance.purge': SWEEP,
  'ended.forget': SWEEP,
  'blob.sweep': { at: 'none', why: 'removes what is a day old; blob-store.spec.ts kills a process there' },
  'blob.release': ASIDE,
  'tasklog.purge': ASIDE,
  'ended.purge': ASIDE,
  'ended.clear': ASIDE,
  'space.trim': ASIDE,
  'delivery.add': ASIDE,
  'delivery.postpone': ASIDE,
  'delivery.settle': ASIDE,
  'delivery.bury': ASIDE,
  'delivery.redirect': ASIDE,
  'delivery.redrive': ASIDE,
  'delivery.remove': ASIDE,
  'webhook.rotate': ASIDE,
  'retention.put': ASIDE,
  'retention.remove': ASIDE,
  'trigger.add': FIRING,
  'trigger.replace': FIRING,
  'trigger.remove': FIRING,
  'trigger.advance': FIRING,
  'trigger.count': FIRING,
  'trigger.disable': FIRING,
  'firing.accept': FIRING,
  'firing.take': FIRING,
  'firing.release': FIRING,
  'firing.settle': FIRING,
  'firing.batch': FIRING,
  'firing.redrive': FIRING,
  'firing.edit': FIRING,
  'firing.skip': FIRING,
  'firing.remove': FIRING,
  'firing.purge': FIRING,
  'file.add': FILE,
  'file.remove': FILE,
  'input.add': INPUT,
  'input.remove': INPUT,
  'command.note': AUDIT,
  'command.forget': AUDIT,
  'audit.append': AUDIT,
  'audit.tell': TELLING,
  'audit.purge': SWEEP,
  'journal.add': SHARED,
  'journal.remove': SHARED,
  'quota.put': SETTING,
  'quota.remove': SETTING,
};

export interface Failpoint {
  /** `noun.verb` of the write. */
  readonly write: string;
  /** As FAILPOINT names it, without a count. */
  readonly name: string;
  readonly reach: Reach;
}

function sourceOf(folder: string): string {
  const path = join(ROOT, folder);
  return readdirSync(path)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
    .map((file) => readFileSync(join(path, file), 'utf8'))
    .join('\n');
}

/** Every failpoint at a write of `documents.db`, `relational.db` and the blobs, found in the sources. */
export function failpoints(): readonly Failpoint[] {
  const names: string[] = [];
  const add = (write: string, moments: readonly string[]) =>
    names.push(...moments.map((moment) => `${write}.${moment}`));
  const documents = sourceOf('libs/adapters/embedded/src');
  for (const [, call, name = ''] of documents.matchAll(/\bdb\.(write|transaction|trim)\(\s*'([\w.]+)'/g))
    add(name, call === 'write' ? ['before', 'after'] : ['before', 'commit', 'after']);
  for (const [, name = ''] of documents.matchAll(/\bfailpoint\('([\w.]+)'\)/g)) names.push(name);
  const relational = sourceOf('libs/adapters/sql/src');
  for (const [, name = ''] of relational.matchAll(/\brelational\.run\(\s*'([\w.]+)'/g))
    add(name, ['before', 'commit', 'after']);
  for (const [, name = ''] of relational.matchAll(/\bdb\.write\(\s*'([\w.]+)'/g)) add(name, ['before', 'after']);
  add('schema.migrate', ['before', 'commit', 'after']);
  const found = [...new Set(names)].map((name): Failpoint => {
    const write = name.slice(0, name.lastIndexOf('.'));
    const reach = WRITES[write];
    if (!reach) throw new Error(`Nothing says how a running service comes to the write ${write}: test/chaos/writes.ts`);
    return { write, name, reach };
  });
  const gone = Object.keys(WRITES).filter((write) => !found.some((one) => one.write === write));
  if (gone.length > 0) throw new Error(`There is no write ${gone.join(', ')} any more: test/chaos/writes.ts`);
  return found;
}
