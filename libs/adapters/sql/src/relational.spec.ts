import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ValueNotStorable } from '@flow/adapters/sqlite';
import { ENTITIES, OutsideTransaction, Relational, SqlTokenStore, type Tx } from '@flow/adapters/sql';
import { FailpointHit, armFailpoint } from '@flow/platform';
import { SeededRandom } from '@flow/testing/kernel';
import { aStoredToken } from '@flow/testing/auth';
import { TOKENS } from './token.entity';

describe('Relational', () => {
  let folder: string;
  let relational: Relational;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'relational-'));
    relational = Relational.open(folder, ENTITIES);
  });
  afterEach(async () => {
    armFailpoint(undefined);
    await relational.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const token = (n: number) => aStoredToken({ id: `token-${String(n).padStart(3, '0')}` as never });
  const insert = (n: number) => (tx: Tx) => tx.repository(TOKENS).insert(token(n));
  const ids = () =>
    relational.read(async (tx) => (await tx.repository(TOKENS).find({ order: { id: 'ASC' } })).map(({ id }) => id));

  it('keeps exactly what was acknowledged when 50 writers interleave and half of them throw', async () => {
    const random = new SeededRandom(7);
    const writers = Array.from({ length: 50 }, (_, n) =>
      relational.run('test.write', async (tx) => {
        await tx.repository(TOKENS).insert(token(n));
        for (let turn = Math.floor(random.fraction() * 4); turn > 0; turn -= 1)
          await new Promise<void>((resolve) => setImmediate(resolve));
        await tx.repository(TOKENS).update({ id: token(n).id }, { name: `written ${n}` });
        if (n % 2 === 1) throw new Error('changed my mind');
        return token(n).id;
      }),
    );
    const outcomes = await Promise.allSettled(writers);
    const acknowledged = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    expect(acknowledged).toHaveLength(25);
    expect(await ids()).toEqual(acknowledged);
    await relational.close();
    relational = Relational.open(folder, ENTITIES);
    expect(await ids()).toEqual(acknowledged);
  });

  it('shows nobody what is not committed', async () => {
    let seen: readonly string[] | undefined;
    const writer = relational.run('test.write', async (tx) => {
      await insert(1)(tx);
      await new Promise<void>((resolve) => setImmediate(resolve));
      throw new Error('changed my mind');
    });
    const reader = ids().then((found) => (seen = found));
    await expect(writer).rejects.toThrow('changed my mind');
    await reader;
    expect(seen).toEqual([]);
  });

  it('refuses a repository that outlives its transaction, also while another one runs', async () => {
    const refused = { driverError: expect.any(OutsideTransaction) as unknown };
    let leaked: Tx | undefined;
    await relational.run('test.write', async (tx) => {
      leaked = tx;
    });
    await expect(insert(1)(leaked!)).rejects.toMatchObject(refused);
    let goOn = () => {};
    const running = relational.run('test.write', () => new Promise<void>((resolve) => (goOn = resolve)));
    await new Promise<void>((resolve) => setImmediate(resolve));
    await expect(insert(1)(leaked!)).rejects.toMatchObject(refused);
    goOn();
    await running;
    expect(await ids()).toEqual([]);
  });

  it('refuses a transaction within a transaction instead of waiting for ever', async () => {
    await expect(relational.run('test.outer', () => relational.run('test.inner', insert(1)))).rejects.toThrow(
      'within another',
    );
    expect(await ids()).toEqual([]);
  });

  it('refuses writes of a reader', async () => {
    await expect(relational.read(insert(1))).rejects.toThrow();
    expect(await ids()).toEqual([]);
  });

  it.each([
    ['before', []],
    ['commit', []],
    ['after', ['token-001']],
  ])('leaves what had been done when it fails at the failpoint %s, and goes on', async (moment, left) => {
    armFailpoint(`test.write.${moment}:throw`);
    await expect(relational.run('test.write', insert(1))).rejects.toThrow(FailpointHit);
    expect(await ids()).toEqual(left);
    await relational.run('test.write', insert(2));
    expect(await ids()).toEqual([...left, 'token-002']);
  });

  it('refuses text that a column would not give back', async () => {
    const bad = { ...token(1), hash: 'a\u0000b' };
    await expect(relational.run('test.write', (tx) => tx.repository(TOKENS).insert(bad))).rejects.toMatchObject({
      driverError: expect.any(ValueNotStorable) as unknown,
    });
    const store = new SqlTokenStore(relational);
    await store.add({ ...token(2), name: 'a\u0000b \ud800' });
    expect((await store.find(token(2).id))?.name).toBe('a\u0000b \ud800');
  });
});
