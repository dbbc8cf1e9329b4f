import { MARIADB_MIGRATIONS } from '@flow/adapters/sql';
import { TestDatabase } from '@flow/testing/adapters/sql';
import { CliWorld } from './cli-world';

const NEWEST = MARIADB_MIGRATIONS.length;

describe('flowctl migrate', () => {
  let world: CliWorld;
  let database: TestDatabase;
  beforeEach(async () => {
    world = await CliWorld.open();
    database = await TestDatabase.make();
  });
  afterEach(async () => {
    await world.close();
    await database.remove();
  });

  it('brings the tables up to date and back', async () => {
    const as = { MARIADB_URL: database.url.href };
    expect(await world.run(['migrate', '--json'], as)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/"from": 0/) as string,
    });
    expect((await world.run(['migrate'], as)).out).toBe(`The schema of MariaDB is ${NEWEST} already.\n`);
    expect((await world.run(['migrate', '--down-to', '1'], as)).out).toBe(
      `The schema of MariaDB was ${NEWEST} and is 1 now.\n`,
    );
    expect(Object.keys(await database.dump())).toEqual(['secrets', 'tokens', 'variables']);
  });

  it('says what is wrong, without the password', async () => {
    expect(await world.run(['migrate'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('MARIADB_URL is not set') as string,
    });
    expect((await world.run(['migrate', '--down-to', String(NEWEST)], { MARIADB_URL: database.url.href })).code).toBe(
      2,
    );
    const url = await database.userWho('SELECT');
    const refused = await world.run(['migrate'], { MARIADB_URL: url.href });
    expect(refused.code).toBe(1);
    expect(refused.err).toContain('may not change tables');
    expect(refused.err).not.toContain(url.password);
    const wrong = new URL(url);
    wrong.password = 'wrong-and-hidden';
    const denied = await world.run(['migrate'], { MARIADB_URL: wrong.href });
    expect(denied.err).toMatch(/^MariaDB at .* refuses the user or its password/);
    expect(denied.err).not.toContain('hidden');
  });
});
