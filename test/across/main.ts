import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { notOutlivingUs } from '../chaos/leftovers';
import { VIOLATIONS } from '../checker';
import { OwnServer } from '../services/own-server';
import { FAULTS, type Fault, type FaultName } from './faults';
import { killedAt } from './kills';
import { MUTANTS_ACROSS, tryMutantAcross } from './mutants';
import { TOPOLOGIES, type Topology } from './nodes';
import { Servers } from './servers';
import { strikeAcross, sumOf, type Findings } from './strikes';
import { reachedAcross } from './writes';

const NAMES = Object.keys(FAULTS) as FaultName[];
/** All failpoints at writes of MongoDB, one after the other. */
const WRITES = 'writes';
/** Broken builds instead of faults. */
const MUTANTS = 'mutants';
const MOST_TOLD = 40;

const HELP = `npm run chaos -- across [options]

Several processes on MongoDB, MariaDB, Redis and Kafka under load; processes, servers and the ways between them fail. Exit code 1 when a
promise is broken, or when a fault did not hit work. All servers are started for it, but for a MongoDB that TEST_MONGO_URL names.

  --rounds N    how often each fault strikes (3)
  --seed N      what is started, and whom faults strike (1)
  --only a,b    ${NAMES.join(', ')};
                by name only: writes (kill -9 at each named write of MongoDB, before and after it, once),
                mutants (builds that break a promise, each of which must be found out)
  --writes a,b  of writes, those whose names begin so: log.append, instance.project.before
  --topology T  ${Object.entries(TOPOLOGIES)
    .map(([name, apps]) => `${name}: ${apps.join(', ')}`)
    .join('; ')} (alike)
  --json FILE   the figures, for programs
  --logs FOLDER what the processes have said, where a promise was broken`;

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

function whole(text: string, name: string): number {
  if (!/^[1-9]\d*$/.test(text)) fail(`--${name} is a whole number from 1, not "${text}".`);
  return Number(text);
}

function options() {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '3' },
      seed: { type: 'string', default: '1' },
      only: { type: 'string', default: NAMES.join(',') },
      writes: { type: 'string', default: '' },
      topology: { type: 'string', default: 'alike' },
      json: { type: 'string' },
      logs: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${HELP}\n`);
    process.exit(0);
  }
  const names = values.only.split(',');
  const only = names
    .filter((name) => name !== MUTANTS)
    .map((name) => {
      if (name !== WRITES && !(name in FAULTS))
        fail(`--only: there is no ${name}, but ${[...NAMES, WRITES, MUTANTS].join(', ')}.`);
      return name as FaultName | typeof WRITES;
    });
  const { topology, json, logs } = values;
  if (!(topology in TOPOLOGIES)) fail(`--topology is ${Object.keys(TOPOLOGIES).join(' or ')}.`);
  const [rounds, seed] = [whole(values.rounds, 'rounds'), whole(values.seed, 'seed')];
  const points = values.writes.split(',').flatMap((start) => {
    const all = reachedAcross().filter(({ name }) => name.startsWith(start));
    if (all.length === 0)
      fail(`--writes: no process comes to a write ${start} under this load (test/across/writes.ts).`);
    return all;
  });
  // Stores grow with what was started: those of each write are its own.
  const faultsOf = (name: FaultName | typeof WRITES): readonly (readonly Fault[])[] =>
    name === WRITES
      ? [...new Set(points.map(({ write }) => write))].map((own) =>
          points.filter(({ write }) => write === own).map(killedAt),
        )
      : [Array.from({ length: rounds }, () => FAULTS[name])];
  return {
    rounds,
    seed,
    only,
    triesMutants: names.includes(MUTANTS),
    faultsOf,
    topology: topology as Topology,
    json,
    logs,
  };
}

/** TEST_MONGO_URL, where it says another one; else a stand-in of our own. */
async function openMongo(): Promise<OwnServer | undefined> {
  if (process.env.TEST_MONGO_URL) return undefined;
  const mongo = await OwnServer.prepare('mongo');
  notOutlivingUs(() => mongo.kill());
  await mongo.up();
  process.env.TEST_MONGO_URL = `mongodb://127.0.0.1:${mongo.port}/`;
  return mongo;
}

const HEAD = [
  'fault',
  'struck',
  'hit work',
  'evidence',
  'runs',
  'times',
  'calls',
  'messages',
  'ends',
  'refused',
  'longest answer',
  ...VIOLATIONS,
];

const aboutOf = (name: FaultName | typeof WRITES): Pick<Fault, 'what' | 'evidence'> =>
  name === WRITES
    ? { what: 'kill -9 at named writes of MongoDB, before and after each', evidence: 'processes killed there' }
    : FAULTS[name];

type Found = readonly [FaultName | typeof WRITES, Findings];

function rowOf([name, { faults, hits, evidence, runs, fired, refused, longestAnswerMs, violations }]: Found): string {
  return tableRow([
    aboutOf(name).what,
    String(faults),
    String(hits),
    `${evidence} ${aboutOf(name).evidence}`,
    String(runs),
    ...[fired?.times, fired?.calls, fired?.messages, fired?.ends].map((count) => String(count ?? '-')),
    String(refused),
    `${(longestAnswerMs / 1_000).toFixed(1)} s`,
    ...VIOLATIONS.map((kind) => String(violations.filter((one) => one.kind === kind).length)),
  ]);
}

const tableRow = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;

function tableOf(all: readonly Found[]): string {
  return [tableRow(HEAD), tableRow(HEAD.map((_, i) => (i === 0 ? '---' : '---:'))), ...all.map(rowOf)].join('\n');
}

async function main(): Promise<void> {
  const { rounds, seed, only, triesMutants, faultsOf, topology, json, logs } = options();
  const startedAt = Date.now();
  const progress = (what: string) =>
    process.stderr.write(`${Math.round((Date.now() - startedAt) / 1_000)} s  ${what}\n`);
  const all = new Map<FaultName | typeof WRITES, Findings>();
  /** By what each was found out. */
  const mutants = new Map<string, string>();
  const mongo = await openMongo();
  const servers = await Servers.open({ hasKafka: triesMutants || only.some((name) => name !== WRITES) });
  try {
    for (const name of only) {
      const found: Findings[] = [];
      for (const [i, faults] of faultsOf(name).entries()) {
        const one = await strikeAcross(servers, faults, {
          seed: seed * 1_000 + (name === WRITES ? NAMES.length + i : NAMES.indexOf(name)),
          topology,
          ...(logs !== undefined && { logs: join(logs, name, String(i)) }),
          progress,
        });
        for (const { kind, what } of one.violations) progress(`${kind}: ${what}`);
        found.push(one);
      }
      all.set(name, sumOf(found));
      progress(rowOf([name, sumOf(found)]));
    }
    if (triesMutants)
      for (const mutant of MUTANTS_ACROSS) {
        const { violations } = await tryMutantAcross(servers, mutant, seed, progress);
        const kinds = VIOLATIONS.filter((kind) => violations.some((one) => one.kind === kind)).join(', ');
        mutants.set(mutant.name, kinds);
        progress(`${mutant.name}: ${kinds || 'not found out'}; ${violations[0]?.what.slice(0, 200) ?? ''}`);
      }
  } finally {
    await servers.close();
    await mongo?.close();
  }
  const violations = [...all].flatMap(([name, found]) =>
    found.violations.map(({ kind, what }) => `${name}: ${kind}: ${what}`),
  );
  const unhit = [...all].flatMap(([name, { faults, hits, missed }]) =>
    hits < faults ? [`${name}: ${hits} of ${faults} hit`, ...missed.map((what) => `  not: ${what}`)] : [],
  );
  const lines = [
    `Processes ${topology} (${TOPOLOGIES[topology].join(', ')}), seed ${seed}, ${rounds} rounds, ${Math.round((Date.now() - startedAt) / 1_000)} s.`,
    '',
    ...(all.size > 0 ? [tableOf([...all]), ''] : []),
    ...(mutants.size > 0 ? ['| A build that ... | by |', '|---|---|'] : []),
    ...[...mutants].map(([name, kinds]) => `| ${name} | ${kinds || 'NOT FOUND OUT'} |`),
    ...(mutants.size > 0 ? [''] : []),
  ];
  lines.push(...violations.slice(0, MOST_TOLD), ...unhit);
  lines.push(violations.length === 0 ? 'No promise was broken.' : `${violations.length} violations.`);
  process.stdout.write(`${lines.join('\n')}\n`);
  if (json !== undefined)
    writeFileSync(json, `${JSON.stringify({ seed, rounds, findings: Object.fromEntries(all) }, null, 2)}\n`);
  process.exitCode = violations.length + unhit.length > 0 || [...mutants.values()].includes('') ? 1 : 0;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 2;
});
