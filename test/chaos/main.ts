import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { threadsOf } from '../service';
import { sumOf, type Findings } from './house';
import { SCENARIOS, TIERS, jobsOf, judged, mutantJobs, sideBySide, type Scenario, type Tier } from './plan';
import { caughtBy, tableOf } from './report';

const KILLS: Readonly<Record<Tier, number>> = { small: 10, large: 200 };
const MOST_TOLD = 40;
/** Longer than any wait of a job: one in which nothing has struck for so long hangs. */
const HANGS_AFTER_MS = 10 * 60_000;

const HELP = `npm run chaos -- [options]

Faults on real processes under load, and a checker that knows from the seed alone what must come of it. Exit code 1 when a promise
is broken, when a fault did not hit work, or when a broken build is not found out.

  --tier small|large   how much of it: some minutes, or half an hour on two cores (small)
  --seed N             what is started, and when faults strike (1)
  --kills N            kills at random moments, besides those at writes (${KILLS.small}, or ${KILLS.large})
  --only a,b           ${Object.keys(SCENARIOS).join(', ')}
  --jobs N             services side by side (as many as there are cores)
  --json FILE          the figures, for programs

It takes root (a tmpfs for the full disk) and, on Debian, the packages fiu-utils and libfaketime.`;

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

function whole(text: string, name: string): number {
  if (!/^\d+$/.test(text)) fail(`--${name} is a whole number, not "${text}".`);
  return Number(text);
}

function options() {
  try {
    const { values } = parseArgs({
      options: {
        tier: { type: 'string', default: 'small' },
        seed: { type: 'string', default: '1' },
        kills: { type: 'string' },
        only: { type: 'string', default: Object.keys(SCENARIOS).join(',') },
        jobs: { type: 'string', default: String(cpus().length) },
        json: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      process.stdout.write(`${HELP}\n`);
      process.exit(0);
    }
    const tier = TIERS.find((one) => one === values.tier) ?? fail(`--tier is ${TIERS.join(' or ')}.`);
    const only = values.only.split(',').map((name) => {
      if (!(name in SCENARIOS)) fail(`--only: there is no ${name}, but ${Object.keys(SCENARIOS).join(', ')}.`);
      return name as Scenario;
    });
    return {
      tier,
      only: new Set(only),
      seed: whole(values.seed, 'seed'),
      kills: values.kills === undefined ? KILLS[tier] : whole(values.kills, 'kills'),
      jobs: Math.max(1, whole(values.jobs, 'jobs')),
      json: values.json,
    };
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

/** One line that is written over where somebody watches, and now and then a line where nobody does. */
class Progress {
  private shown = 0;
  private readonly since = Date.now();
  constructor(private readonly whole: () => string) {}

  show(): void {
    const everyMs = process.stderr.isTTY ? 200 : 15_000;
    if (Date.now() - this.shown < everyMs) return;
    this.shown = Date.now();
    const text = `${Math.round((Date.now() - this.since) / 1_000)} s  ${this.whole()}`;
    process.stderr.write(process.stderr.isTTY ? `\r\u001b[K${text}` : `${text}\n`);
  }

  clear(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  }
}

function machine(): string {
  const [cpu] = cpus();
  return `${cpus().length} x ${cpu?.model.trim() ?? 'CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}, Node ${process.versions.node}`;
}

/** Ends the whole run, with a word about which job it was, when one gives no sign of life. */
async function unlessHung<T>(name: string, job: (alive: () => void) => Promise<T>): Promise<T> {
  const hang = setTimeout(() => {
    process.stderr.write(`${name}: nothing has happened for ${HANGS_AFTER_MS / 60_000} minutes.\n`);
    for (const child of readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').split(' ').filter(Boolean))
      process.stderr.write(`Process ${child}: ${threadsOf(child)}\n`);
    process.exit(1);
  }, HANGS_AFTER_MS);
  try {
    return await job(() => hang.refresh());
  } finally {
    clearTimeout(hang);
  }
}

async function main(): Promise<void> {
  const { tier, only, seed, kills: atRandom, jobs, json } = options();
  const startedAt = Date.now();
  const findings = new Map<Scenario, Findings[]>();
  const struck = new Map<Scenario, number>();
  const mutants: { readonly name: string; readonly found: Findings }[] = [];
  const allMutants = only.has('mutants') ? mutantJobs(seed) : [];
  const progress = new Progress(() =>
    [
      ...[...struck].map(([scenario, count]) => `${scenario} ${count}`),
      ...(allMutants.length > 0 ? [`mutants ${mutants.length}/${allMutants.length}`] : []),
    ].join('  '),
  );
  const ticking = setInterval(() => progress.show(), 200);
  try {
    const faults = jobsOf(tier, seed, atRandom).filter(({ scenario }) => only.has(scenario));
    await sideBySide(faults, jobs, async ({ scenario, run }) => {
      const found = await unlessHung(SCENARIOS[scenario], (alive) =>
        run(() => {
          alive();
          struck.set(scenario, (struck.get(scenario) ?? 0) + 1);
        }),
      );
      findings.set(scenario, [...(findings.get(scenario) ?? []), found]);
    });
    await sideBySide(allMutants, jobs, async ({ name, run }) => {
      mutants.push({ name, found: await unlessHung(`a build that ${name}`, run) });
    });
  } finally {
    clearInterval(ticking);
    progress.clear();
  }

  const all = new Map(
    (Object.keys(SCENARIOS) as Scenario[])
      .filter((scenario) => scenario !== 'mutants' && only.has(scenario))
      .map((scenario) => [scenario, judged(scenario, findings.get(scenario) ?? [])]),
  );
  const violations = [...all.values()].flatMap((one) => one.violations);
  const missed = mutants.filter(({ found }) => found.violations.length === 0);
  const lines = [`Tier ${tier}, seed ${seed}, ${Math.round((Date.now() - startedAt) / 1_000)} s on ${machine()}.`, ''];
  if (all.size > 0) lines.push(tableOf(all), '');
  for (const { kind, what } of violations.slice(0, MOST_TOLD)) lines.push(`${kind}: ${what}`);
  if (violations.length > MOST_TOLD) lines.push(`... and ${violations.length - MOST_TOLD} more`);
  for (const { name, found } of mutants) lines.push(`A build that ${name}: ${caughtBy(found)}`);
  if (mutants.length > 0)
    lines.push('', `${mutants.length - missed.length} of ${mutants.length} broken builds were found out.`);
  const kills = sumOf((['kill', 'write', 'aside'] as const).flatMap((scenario) => all.get(scenario) ?? []));
  if (kills.faults > 0) lines.push(`${kills.faults} kills, ${kills.hits} of them with runs in flight.`);
  lines.push(violations.length === 0 ? 'No promise was broken.' : `${violations.length} violations.`);
  process.stdout.write(`${lines.join('\n')}\n`);
  if (json !== undefined)
    writeFileSync(
      json,
      `${JSON.stringify({ tier, seed, machine: machine(), findings: Object.fromEntries(all), mutants }, null, 2)}\n`,
    );
  process.exitCode = violations.length + missed.length > 0 ? 1 : 0;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 2;
});
