import { inspect } from 'node:util';
import { CommitUnknown, RelationalContended, RelationalUnavailable, type Relational } from '@flow/adapters/sql';
import type { MariaDbRelational } from './relational.mariadb';
import { TestDatabase } from './testing/mariadb-server';
import { insertToken, relationalContract, tokenIds, tokenNumber } from './testing/relational.contract';
import { TcpGate } from './testing/tcp-gate';
import { TOKENS } from './token.entity';

relationalContract('MariaDbRelational', async () => {
  const database = await TestDatabase.make();
  return { open: () => database.open(), remove: () => database.remove() };
});

describe('MariaDbRelational', () => {
  let database: TestDatabase;
  let opened: Relational[];
  let gate: TcpGate | undefined;

  beforeEach(async () => {
    database = await TestDatabase.make();
    opened = [];
    gate = undefined;
  });
  afterEach(async () => {
    for (const relational of opened) await relational.close();
    await gate?.close();
    await database.remove();
  });

  async function open(options: Parameters<TestDatabase['open']>[0] = {}): Promise<MariaDbRelational> {
    const relational = await database.open(options);
    opened.push(relational);
    return relational;
  }

  async function openThroughGate(patience = {}): Promise<{ relational: MariaDbRelational; gate: TcpGate }> {
    gate = await TcpGate.before(database.url);
    const relational = await open({ url: gate.of(database.url), patience });
    await relational.run('test.write', async () => undefined);
    return { relational, gate };
  }

  it('carries out again what a deadlock has cost its life, so that both end', async () => {
    const relational = await open();
    await relational.run('test.write', async (tx) => {
      await insertToken(1)(tx);
      await insertToken(2)(tx);
    });
    let came = 0;
    let bothAreThere = () => {};
    const both = new Promise<void>((resolve) => (bothAreThere = resolve));
    let attempts = 0;
    const cross = (first: number, second: number) =>
      relational.run('test.cross', async (tx) => {
        attempts += 1;
        const addTo = (n: number) =>
          tx
            .repository(TOKENS)
            .createQueryBuilder()
            .update()
            .set({ lastUsedAt: () => 'COALESCE(last_used_at, 0) + 1' })
            .where({ id: tokenNumber(n).id })
            .execute();
        await addTo(first);
        came += 1;
        if (came === 2) bothAreThere();
        await both;
        await addTo(second);
      });
    await Promise.all([cross(1, 2), cross(2, 1)]);
    expect(attempts).toBeGreaterThan(2);
    const tokens = await relational.read((tx) => tx.repository(TOKENS).find());
    expect(tokens.map(({ lastUsedAt }) => lastUsedAt?.getTime())).toEqual([2, 2]);
  });

  it('repeats nothing in behind a deadlock that was swallowed, where it would be a transaction of its own', async () => {
    const relational = await open();
    await relational.run('test.write', async (tx) => {
      await insertToken(1)(tx);
      await insertToken(2)(tx);
    });
    let came = 0;
    let bothAreThere = () => {};
    const both = new Promise<void>((resolve) => (bothAreThere = resolve));
    const cross = (first: number, second: number) =>
      relational.run('test.cross', async (tx) => {
        const tokens = tx.repository(TOKENS);
        await tokens.update({ id: tokenNumber(first).id }, { name: `by ${first}` });
        came += 1;
        if (came === 2) bothAreThere();
        await both;
        await tokens.update({ id: tokenNumber(second).id }, { name: `by ${first}` }).catch(() => undefined);
        await tokens.insert({ ...tokenNumber(came + 10), name: `by ${first}` }).catch(() => undefined);
      });
    await Promise.all([cross(1, 2), cross(2, 1)]);
    const tokens = await relational.read((tx) => tx.repository(TOKENS).find({ order: { id: 'ASC' } }));
    // Each of both ended once, as a whole.
    expect(tokens).toHaveLength(4);
    expect(new Set(tokens.slice(2).map(({ name }) => name))).toEqual(new Set(['by 1', 'by 2']));
    expect(tokens[0]?.name).toBe(tokens[1]?.name);
  });

  it('gives up a lock that it does not get, with nothing kept, and goes on when it is free', async () => {
    const relational = await open({ patience: { lockWaitS: 1, attempts: 2 } });
    await relational.run('test.write', insertToken(1));
    await database.query('BEGIN');
    await database.query('SELECT * FROM tokens FOR UPDATE');
    const change = () =>
      relational.run('test.change', async (tx) => {
        await insertToken(2)(tx);
        await tx.repository(TOKENS).update({ id: tokenNumber(1).id }, { name: 'changed' });
      });
    await expect(change()).rejects.toThrow(RelationalContended);
    expect(await tokenIds(relational)).toEqual(['token-001']);
    await database.query('ROLLBACK');
    await change();
    expect(await tokenIds(relational)).toEqual(['token-001', 'token-002']);
  });

  it('leaves nothing when its connection is killed in the middle, and says so', async () => {
    const relational = await open();
    const killed = relational.run('test.write', async (tx) => {
      await insertToken(1)(tx);
      const [row] = await tx.repository(TOKENS).query<{ id: string }[]>('SELECT CONNECTION_ID() AS id');
      await database.query(`KILL CONNECTION ${row!.id}`);
      await insertToken(2)(tx);
    });
    await expect(killed).rejects.toThrow(RelationalUnavailable);
    await expect(killed).rejects.toThrow(/nothing of this was kept.*MARIADB_URL/);
    expect(await tokenIds(relational)).toEqual([]);
    await relational.run('test.write', insertToken(3));
    expect(await tokenIds(relational)).toEqual(['token-003']);
  });

  it('says that a statement was ended by somebody, and keeps nothing', async () => {
    const relational = await open();
    await relational.run('test.write', insertToken(9));
    const ended = relational.run('test.write', async (tx) => {
      await insertToken(1)(tx);
      const tokens = tx.repository(TOKENS);
      const [row] = await tokens.query<{ id: string }[]>('SELECT CONNECTION_ID() AS id');
      const slow = tokens.query('UPDATE tokens SET last_used_at = SLEEP(20)');
      const isSlow = async () =>
        (await database.query('SELECT info FROM information_schema.processlist WHERE id = ?', [row!.id])).some(
          ({ info }) => String(info).includes('SLEEP'),
        );
      while (!(await isSlow())) await new Promise<void>((resolve) => setImmediate(resolve));
      await database.query(`KILL QUERY ${row!.id}`);
      await slow;
    });
    await expect(ended).rejects.toThrow(/gave up a statement.*MARIADB_URL/);
    expect(await tokenIds(relational)).toEqual(['token-009']);
  });

  it('sends no COMMIT over a connection that is known to be broken', async () => {
    const relational = await open();
    const killed = relational.run('test.write', async (tx) => {
      await insertToken(1)(tx);
      const [row] = await tx.repository(TOKENS).query<{ id: string }[]>('SELECT CONNECTION_ID() AS id');
      await database.query(`KILL CONNECTION ${row!.id}`);
      await insertToken(2)(tx).catch(() => undefined);
    });
    await expect(killed).rejects.toThrow(RelationalUnavailable);
    expect(await tokenIds(relational)).toEqual([]);
  });

  it.each([
    ['before', []],
    ['after', ['token-001']],
  ] as const)(
    'says that the outcome is not known when the connection is lost %s the server has the COMMIT, and repeats nothing',
    async (cut, kept) => {
      const { relational, gate } = await openThroughGate();
      let attempts = 0;
      gate.mode = { cut, at: 'COMMIT' };
      const unknown = relational.run('test.write', async (tx) => {
        attempts += 1;
        await insertToken(1)(tx);
      });
      await expect(unknown).rejects.toThrow(CommitUnknown);
      await expect(unknown).rejects.toMatchObject({ kind: 'unavailable', code: 'relational.commit_unknown' });
      gate.mode = 'open';
      expect(attempts).toBe(1);
      expect(await tokenIds(relational)).toEqual(kept);
    },
  );

  it('takes a new connection in the place of those that died while nobody used them', async () => {
    const relational = await open({ pool: 3 });
    await Promise.all([1, 2, 3].map((n) => relational.run('test.write', insertToken(n))));
    const ids = await database.connections();
    expect(ids.length).toBeGreaterThan(0);
    for (const id of ids) await database.query(`KILL CONNECTION ${id}`);
    await Promise.all([4, 5, 6].map((n) => relational.run('test.write', insertToken(n))));
    expect(await tokenIds(relational)).toHaveLength(6);
  });

  it.each<[string, (url: URL) => void, RegExp, 'misconfigured' | 'unavailable']>([
    ['a wrong password', (url) => (url.password = 'wrong-and-hidden'), /refuses the user or its/, 'misconfigured'],
    ['an unknown user', (url) => (url.username = 'nobody'), /refuses the user or its password/, 'misconfigured'],
    ['an unknown host', (url) => (url.hostname = 'no-such-host.invalid'), /host name that is not/, 'unavailable'],
    ['a port that nobody listens on', (url) => (url.port = '1'), /cannot be reached/, 'unavailable'],
    ['an unknown database', (url) => (url.pathname = 'none'), /no such database|does not let/, 'misconfigured'],
  ])('is refused with the setting to correct, and without the password: %s', async (_what, spoil, said, fact) => {
    const url = await database.userWho('SELECT');
    spoil(url);
    const password = decodeURIComponent(url.password);
    const error = await open({ url }).then(
      () => undefined,
      (thrown: unknown) => thrown as RelationalUnavailable,
    );
    expect(error).toMatchObject({ kind: 'unavailable', code: `relational.${fact}` });
    expect(error?.message).toMatch(said);
    expect(error?.message).toContain('MARIADB_URL');
    expect(error?.message).toContain(url.host);
    const shown = inspect(error, { depth: 12, showHidden: true });
    for (const secret of [password, url.password]) expect(shown).not.toContain(secret);
  });

  it('does not wait for ever for a server that takes connections and says nothing', async () => {
    gate = await TcpGate.before(database.url);
    gate.mode = 'silent';
    const silent = open({ url: gate.of(database.url), patience: { connectMs: 200 } });
    await expect(silent).rejects.toThrow(/does not answer.*MARIADB_URL/);
  });

  it('does not wait for ever for the answer to a statement, and keeps nothing', async () => {
    const { relational, gate } = await openThroughGate({ statementMs: 300, connectMs: 300 });
    const silent = relational.run('test.write', async (tx) => {
      await insertToken(1)(tx);
      gate.mode = 'silent';
      await insertToken(2)(tx);
    });
    await expect(silent).rejects.toThrow(/did not answer a statement.*MARIADB_URL/);
    await expect(relational.run('test.write', insertToken(3))).rejects.toThrow(RelationalUnavailable);
    gate.mode = 'open';
    expect(await tokenIds(relational)).toEqual([]);
    await relational.run('test.write', insertToken(4));
    expect(await tokenIds(relational)).toEqual(['token-004']);
  });

  it('has so many connections at once and no more, and names the setting to whom it leaves without one', async () => {
    const relational = await open({ pool: 2, patience: { acquireMs: 200 } });
    let letGo = () => {};
    const held = new Promise<void>((resolve) => (letGo = resolve));
    let holding = 0;
    let bothHold = () => {};
    const both = new Promise<void>((resolve) => (bothHold = resolve));
    const holders = [1, 2].map((n) =>
      relational.run('test.write', async (tx) => {
        await insertToken(n)(tx);
        holding += 1;
        if (holding === 2) bothHold();
        await held;
      }),
    );
    await both;
    await expect(relational.run('test.write', insertToken(3))).rejects.toThrow(/all 2 were in use.*MARIADB_POOL/);
    expect(await database.connections()).toHaveLength(2);
    letGo();
    await Promise.all(holders);
    await relational.run('test.write', insertToken(4));
    expect(await tokenIds(relational)).toEqual(['token-001', 'token-002', 'token-004']);
  });

  it('serves many with few connections, each in its turn', async () => {
    const relational = await open({ pool: 2 });
    await Promise.all(Array.from({ length: 40 }, (_, n) => relational.run('test.write', insertToken(n))));
    expect(await tokenIds(relational)).toHaveLength(40);
    expect((await database.connections()).length).toBeLessThanOrEqual(2);
  });

  it('ends the transactions that have begun before it closes', async () => {
    const relational = await database.open();
    const writers = [1, 2, 3].map((n) => relational.run('test.write', insertToken(n)));
    await relational.close();
    await Promise.all(writers);
    expect(await tokenIds(await open())).toHaveLength(3);
    await expect(relational.run('test.write', insertToken(4))).rejects.toThrow();
  });

  it('shows no values of a statement that fails, in whatever is logged of it', async () => {
    const relational = await open();
    const failed = relational.run('test.write', (tx) =>
      tx.repository(TOKENS).query('INSERT INTO tokens (id, no_such_column) VALUES (?, ?)', ['1', 'a-hidden-value']),
    );
    const error = await failed.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(Error);
    expect(inspect(error, { depth: 12, showHidden: true })).not.toContain('a-hidden-value');
  });
});
