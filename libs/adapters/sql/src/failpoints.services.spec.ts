import { join } from 'node:path';
import { FailpointHit, armFailpoint } from '@flow/platform';
import { runScript } from '@flow/testing/adapters/sqlite';
import { TestDatabase } from './testing/mariadb-server';
import { relationalSteps, transactionNames } from './testing/relational-steps';

const SCRIPT = join(__dirname, 'testing', 'write-relational.ts');
const MOMENTS = ['before', 'commit', 'after'];

const points = transactionNames().flatMap((name) => MOMENTS.map((moment) => `${name}.${moment}`));
const ofSchema = [...MOMENTS, 'statement', 'statement@2'].map((moment) => `schema.migrate.${moment}`);
/** One of each kind dies with its process: an insert, an update that reads, an upsert, a delete of several. */
const killed = ['token.add', 'variable.replace', 'retention.put', 'token.purge'].flatMap((name) =>
  MOMENTS.map((moment) => `${name}.${moment}`),
);

/** Behind `after` the write that was under way is kept, though nobody was told. */
const unanswered = (point: string) => (point.endsWith('.after') && points.includes(point) ? 1 : 0);

describe('writes to MariaDB', () => {
  let database: TestDatabase;
  /** What stands after each number of steps. */
  const wanted: unknown[] = [];

  beforeAll(async () => {
    const all = await TestDatabase.make();
    const relational = await all.open();
    wanted.push(await all.dump());
    for (const takeStep of relationalSteps(relational)) {
      await takeStep();
      wanted.push(await all.dump());
    }
    await relational.close();
    await all.remove();
  });
  beforeEach(async () => {
    database = await TestDatabase.make();
  });
  afterEach(async () => {
    armFailpoint(undefined);
    await database.remove();
  });

  it.each(points)('leave what was acknowledged when one fails at %s', async (point) => {
    const relational = await database.open();
    armFailpoint(`${point}:throw`);
    let acknowledged = 0;
    const takeAll = async () => {
      for (const takeStep of relationalSteps(relational)) {
        await takeStep();
        acknowledged += 1;
      }
    };
    await expect(takeAll()).rejects.toThrow(FailpointHit);
    await relational.close();
    expect(await database.dump()).toEqual(wanted[acknowledged + unanswered(point)]);
  });

  it.each([...ofSchema, ...killed])(
    'leave exactly what was acknowledged when the process is killed at %s',
    async (point) => {
      const child = runScript(SCRIPT, [database.url.href], point);
      expect({ signal: child.signal, stderr: child.stderr }).toEqual({ signal: 'SIGKILL', stderr: '' });
      // The next process finds what is there, as after every death.
      await (await database.open()).close();
      expect(await database.dump()).toEqual(wanted[child.stdout.length + unanswered(point)]);
    },
  );

  it('are all taken when nothing happens', async () => {
    const child = runScript(SCRIPT, [database.url.href]);
    expect(child).toMatchObject({ stdout: '.'.repeat(wanted.length - 1), stderr: '', status: 0 });
    expect(await database.dump()).toEqual(wanted.at(-1));
  });
});
