import { CommitUnknown, ENTITIES, RelationalUnavailable } from '@flow/adapters/sql';
import { SystemClock, SystemRandom } from '@flow/platform';
import { MariaDbRelational } from './relational.mariadb';
import { OwnMariaDb } from './testing/own-mariadb';
import { insertToken, tokenIds, tokenNumber } from './testing/relational.contract';
import { TOKENS } from './token.entity';

describe('A MariaDB that goes away', () => {
  let server: OwnMariaDb;
  let opened: MariaDbRelational[];

  beforeAll(async () => {
    server = await OwnMariaDb.make();
  });
  afterAll(() => server.remove());
  beforeEach(async () => {
    opened = [];
    await server.start([]);
  });
  afterEach(async () => {
    for (const relational of opened) await relational.close();
  });

  async function open(pool: number): Promise<MariaDbRelational> {
    const around = { clock: new SystemClock(), random: new SystemRandom() };
    const relational = await MariaDbRelational.open({ url: server.url.href, pool, tls: 'off' }, ENTITIES, around);
    opened.push(relational);
    await relational.run('test.clear', (tx) => tx.repository(TOKENS).createQueryBuilder().delete().execute());
    return relational;
  }

  it('is said to be away, and used again as soon as it is back', async () => {
    const relational = await open(3);
    await relational.run('test.write', insertToken(1));
    await server.stop();
    await expect(relational.run('test.write', insertToken(2))).rejects.toThrow(RelationalUnavailable);
    await expect(tokenIds(relational)).rejects.toThrow(/MARIADB_URL/);
    await server.start([]);
    expect(await tokenIds(relational)).toEqual(['token-001']);
    await relational.run('test.write', insertToken(2));
    expect(await tokenIds(relational)).toEqual(['token-001', 'token-002']);
  });

  it('has lost nothing that was acknowledged, and kept nothing that was refused, when it is killed under load', async () => {
    const relational = await open(8);
    const [kept, unknown, refused]: Set<string>[] = [new Set(), new Set(), new Set()];
    let isOver = false;
    let next = 0;
    const write = async (): Promise<void> => {
      while (!isOver) {
        const n = (next += 1);
        const { id } = tokenNumber(n);
        await relational.run('test.write', insertToken(n)).then(
          () => kept!.add(id),
          (error: unknown) => {
            isOver = true;
            expect(error instanceof CommitUnknown || error instanceof RelationalUnavailable).toBe(true);
            (error instanceof CommitUnknown ? unknown : refused)!.add(id);
          },
        );
        if (kept!.size >= 200) await server.stop('SIGKILL');
      }
    };
    await Promise.all(Array.from({ length: 8 }, write));
    expect(refused!.size + unknown!.size).toBeGreaterThan(0);
    await server.start([]);
    const found = new Set<string>(await tokenIds(relational));
    expect([...kept!].filter((id) => !found.has(id))).toEqual([]);
    expect([...found].filter((id) => !kept!.has(id) && !unknown!.has(id))).toEqual([]);
  });

  it('is read from when it is read-only, and says what to do when it should write', async () => {
    const relational = await open(2);
    await relational.run('test.write', insertToken(1));
    await server.start(['--read-only=ON']);
    const refused = relational.run('test.write', insertToken(2));
    await expect(refused).rejects.toMatchObject({ kind: 'unavailable', code: 'relational.unavailable' });
    await expect(refused).rejects.toThrow(/read-only.*MARIADB_URL/);
    // Whoever is answered may be anybody.
    await expect(refused).rejects.not.toThrow(/localhost|flow|hidden/);
    expect(await tokenIds(relational)).toEqual(['token-001']);
    await server.start([]);
    await relational.run('test.write', insertToken(2));
    expect(await tokenIds(relational)).toEqual(['token-001', 'token-002']);
  });

  it('is said to take no more connections, with the setting to lower, and taken again when it does', async () => {
    await server.start(['--max-connections=10']);
    const relational = await open(2);
    let letGo = () => {};
    let holder: Promise<unknown> | undefined;
    await new Promise<void>((isHeld) => {
      holder = relational.run('test.write', async (tx) => {
        await insertToken(1)(tx);
        isHeld();
        await new Promise<void>((resolve) => (letGo = resolve));
      });
    });
    const others = await server.fill();
    const refused = relational.run('test.write', insertToken(2)).then(
      () => 'done',
      (error: unknown) => error,
    );
    const said = await refused;
    await others.close();
    letGo();
    await holder;
    expect(said).toBeInstanceOf(RelationalUnavailable);
    expect(String(said)).toMatch(/takes no more connections.*MARIADB_POOL/);
    await relational.run('test.write', insertToken(2));
    expect(await tokenIds(relational)).toEqual(['token-001', 'token-002']);
  });
});
