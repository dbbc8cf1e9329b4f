// Fills a data folder with DAGs and ended instances, by the stores themselves: `many-rows.ts <folder> <DAGs> <instances>`.
import { SqliteDagStore, SqliteInstanceStore, openDocuments } from '@flow/adapters/embedded';
import { IdGenerator, type DagId, type DomainId, type InstanceId, type Json } from '@flow/kernel';
import { aDag } from '@flow/testing/dags';
import { anInstance, rowsOf } from '@flow/testing/instances';
import { FixedClock, SeededRandom } from '@flow/testing/kernel';

const DOMAIN = 'public' as DomainId;
const WORDS = ['invoice', 'orders', 'nightly', 'report', 'customer', 'import', 'ledger', 'stock'];
const TRIGGERS = ['manual', 'cron', 'form', 'webhook'];
/** So many DAGs have half of all instances. */
const BUSY_DAGS = 20;
const AT_ONCE = 2_000;

/** So many in a thousand are this; the others have succeeded. */
const ENDS = [
  { most: 5, status: 'waiting' },
  { most: 25, status: 'cancelled' },
  { most: 105, status: 'failed' },
] as const;

async function main(): Promise<void> {
  const [folder = '', dagCount = '', instanceCount = ''] = process.argv.slice(2);
  const db = openDocuments(folder);
  // Nobody minds when it has to be made again.
  db.exec('PRAGMA synchronous = OFF');
  const [clock, random] = [new FixedClock(), new SeededRandom(1)];
  const ids = new IdGenerator(clock, random);
  const below = (most: number) => Math.floor(random.fraction() * most);
  const startMs = Date.UTC(2026, 0, 1);
  const at = (ms: number) => new Date(startMs + ms).toISOString();

  const store = new SqliteDagStore(db);
  const dags: DagId[] = [];
  for (let i = 0; i < Number(dagCount); i += 1) {
    const trigger = TRIGGERS[i % TRIGGERS.length] ?? '';
    const dag = aDag({
      id: ids.next<DagId>(),
      domain: DOMAIN,
      title: `${WORDS[i % WORDS.length]} ${WORDS[(i >> 3) % WORDS.length]} ${i}${i % 997 === 0 ? ' quarterly' : ''}`,
      status: i % 10 === 3 ? 'stopped' : 'normal',
      tags: [`team-${i % 20}`, ...(i % 1_001 === 0 ? ['rare'] : [])],
      steps: [{ id: '0', operator: `@trigger/${trigger}` }],
      createdBy: `person-${i % 50}`,
      createdAt: at(i * 1_000),
      updatedAt: at(((i * 7_919) % Number(dagCount)) * 1_000),
    });
    dags.push((await store.create(dag)).dag.id);
  }

  const instances = new SqliteInstanceStore(db);
  const value: Json = { customer: 'A customer with a name', amount: 123.45 };
  for (let first = 0; first < Number(instanceCount); first += AT_ONCE)
    await instances.project(
      Array.from({ length: Math.min(AT_ONCE, Number(instanceCount) - first) }, (_, i) => {
        const n = first + i;
        const end = below(1_000);
        const status = ENDS.find(({ most }) => end < most)?.status ?? 'succeeded';
        const dagId = dags[n % 2 === 0 ? below(BUSY_DAGS) : below(dags.length)];
        return rowsOf(
          anInstance({
            id: ids.next<InstanceId>(),
            domain: DOMAIN,
            ...(dagId !== undefined && { dagId }),
            status,
            input: value,
            result: value,
            // A label in four, few values of it, and a value that is rare.
            labels: below(4) === 0 ? { team: `t${below(10)}`, ...(below(2_500) === 0 && { case: 'rare' }) } : {},
            createdAt: at(n * 100),
            startedAt: at(n * 100),
            endedAt: status === 'waiting' ? null : at(n * 100 + 50),
          }),
          { owner: null },
        );
      }),
    );
  db.exec('PRAGMA optimize');
  db.close();
}

void main();
