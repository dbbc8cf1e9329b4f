import { ValueNotStorable } from '@flow/adapters/sqlite';
import { OutsideTransaction, SqlTokenStore, isDuplicate, type Relational, type Tx } from '@flow/adapters/sql';
import { FailpointHit, armFailpoint } from '@flow/platform';
import { aStoredToken } from '@flow/testing/auth';
import { SeededRandom } from '@flow/testing/kernel';
import { TOKENS } from '../token.entity';

export interface RelationalWorld {
  /** Opens what stands there, the first time nothing. */
  readonly open: () => Promise<Relational>;
  readonly remove: () => Promise<void> | void;
}

const aTurn = () => new Promise<void>((resolve) => setImmediate(resolve));
export const tokenNumber = (n: number) => aStoredToken({ id: `token-${String(n).padStart(3, '0')}` as never });
export const insertToken = (n: number) => (tx: Tx) => tx.repository(TOKENS).insert(tokenNumber(n));
export const tokenIds = (relational: Relational) =>
  relational.read(async (tx) => (await tx.repository(TOKENS).find({ order: { id: 'ASC' } })).map(({ id }) => id));

/** What every Relational keeps. */
export function relationalContract(name: string, world: () => Promise<RelationalWorld>): void {
  describe(`${name} as Relational`, () => {
    let w: RelationalWorld;
    let relational: Relational;
    const ids = () => tokenIds(relational);

    beforeEach(async () => {
      w = await world();
      relational = await w.open();
    });
    afterEach(async () => {
      armFailpoint(undefined);
      await relational.close();
      await w.remove();
    });

    it('keeps exactly what was acknowledged when 50 writers interleave and half of them throw', async () => {
      const random = new SeededRandom(7);
      const writers = Array.from({ length: 50 }, (_, n) =>
        relational.run('test.write', async (tx) => {
          await insertToken(n)(tx);
          for (let turn = Math.floor(random.fraction() * 4); turn > 0; turn -= 1) await aTurn();
          await tx.repository(TOKENS).update({ id: tokenNumber(n).id }, { name: `written ${n}` });
          if (n % 2 === 1) throw new Error('changed my mind');
          return tokenNumber(n).id;
        }),
      );
      const outcomes = await Promise.allSettled(writers);
      const acknowledged = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
      expect(acknowledged).toHaveLength(25);
      expect(await ids()).toEqual(acknowledged);
      await relational.close();
      relational = await w.open();
      expect(await ids()).toEqual(acknowledged);
    });

    it('lets nothing get between what a transaction reads and what it writes', async () => {
      await relational.run('test.write', (tx) => tx.repository(TOKENS).insert({ ...tokenNumber(1), name: '0' }));
      const count = () =>
        relational.run('test.count', async (tx) => {
          const { name } = await tx.repository(TOKENS).findOneByOrFail({ id: tokenNumber(1).id });
          await aTurn();
          await tx.repository(TOKENS).update({ id: tokenNumber(1).id }, { name: String(Number(name) + 1) });
        });
      await Promise.all(Array.from({ length: 20 }, count));
      const [found] = await relational.read((tx) => tx.repository(TOKENS).find());
      expect(found?.name).toBe('20');
    });

    it('shows nobody what is not committed', async () => {
      let seen: readonly string[] | undefined;
      const writer = relational.run('test.write', async (tx) => {
        await insertToken(1)(tx);
        await aTurn();
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
      await expect(insertToken(1)(leaked!)).rejects.toMatchObject(refused);
      let goOn = () => {};
      let running: Promise<void> | undefined;
      await new Promise<void>((begun) => {
        running = relational.run('test.write', () => {
          begun();
          return new Promise<void>((resolve) => (goOn = resolve));
        });
      });
      await expect(insertToken(1)(leaked!)).rejects.toMatchObject(refused);
      goOn();
      await running;
      expect(await ids()).toEqual([]);
    });

    it('lets nothing in behind the end of a transaction, where it would be one of its own', async () => {
      const late: Promise<unknown>[] = [];
      const leave = (tx: Tx, n: number) => {
        late.push(aTurn().then(() => insertToken(n)(tx)));
        for (let chained = Promise.resolve(), i = 0; i < 40; i += 1) {
          chained = chained.then(() => undefined);
          late.push(chained.then(() => insertToken(n + i)(tx)));
        }
      };
      const failed = relational.run('test.write', async (tx) => {
        leave(tx, 100);
        throw new Error('changed my mind');
      });
      await expect(failed).rejects.toThrow('changed my mind');
      await Promise.allSettled(late);
      expect(await ids()).toEqual([]);
    });

    it('refuses a transaction within a transaction instead of waiting for ever', async () => {
      await expect(relational.run('test.outer', () => relational.run('test.inner', insertToken(1)))).rejects.toThrow(
        'within another',
      );
      expect(await ids()).toEqual([]);
    });

    it('refuses writes of a reader', async () => {
      await expect(relational.read(insertToken(1))).rejects.toThrow();
      expect(await ids()).toEqual([]);
    });

    it.each([
      ['before', []],
      ['commit', []],
      ['after', ['token-001']],
    ])('leaves what had been done when it fails at the failpoint %s, and goes on', async (moment, left) => {
      armFailpoint(`test.write.${moment}:throw`);
      await expect(relational.run('test.write', insertToken(1))).rejects.toThrow(FailpointHit);
      expect(await ids()).toEqual(left);
      await relational.run('test.write', insertToken(2));
      expect(await ids()).toEqual([...left, 'token-002']);
    });

    it('tells a key that stands already from other faults', async () => {
      await relational.run('test.write', insertToken(1));
      const faultOf = (work: (tx: Tx) => Promise<unknown>) => relational.run('test.write', work).catch(isDuplicate);
      expect(await faultOf(insertToken(1))).toBe(true);
      expect(await faultOf((tx) => tx.repository(TOKENS).insert({ ...tokenNumber(2), hash: null as never }))).toBe(
        false,
      );
      expect(await ids()).toEqual(['token-001']);
    });

    it('tells keys apart by case, accents, their form and blanks at their end, in the order of code points', async () => {
      const all = ['a', 'A', 'a ', 'a  ', 'á', 'a\u0301', 'aa', 'ａ', 'ß', 'ss', '\uffee', '🙂', ' a'];
      for (const id of all)
        await relational.run('test.write', (tx) => tx.repository(TOKENS).insert(aStoredToken({ id: id as never })));
      const bytes = (text: string) => Buffer.from(text);
      expect(await ids()).toEqual([...all].sort((a, b) => Buffer.compare(bytes(a), bytes(b))));
      for (const id of all) {
        const found = await relational.read((tx) => tx.repository(TOKENS).findBy({ id: id as never }));
        expect(found.map((token) => token.id)).toEqual([id]);
      }
    });

    it('refuses text that a column would not give back', async () => {
      const bad = { ...tokenNumber(1), hash: 'a\u0000b' };
      await expect(relational.run('test.write', (tx) => tx.repository(TOKENS).insert(bad))).rejects.toMatchObject({
        driverError: expect.any(ValueNotStorable) as unknown,
      });
      const store = new SqlTokenStore(relational);
      await store.add({ ...tokenNumber(2), name: 'a\u0000b \ud800' });
      expect((await store.find(tokenNumber(2).id))?.name).toBe('a\u0000b \ud800');
    });

    it('takes text as text, whatever it looks like', async () => {
      const store = new SqlTokenStore(relational);
      const hostile = `'; DROP TABLE tokens; -- \\' " \` %_ \\\\' ?`;
      const token = aStoredToken({ id: hostile as never, principal: hostile as never, name: hostile });
      await store.add(token);
      expect(await store.find(token.id)).toEqual(token);
      expect(await ids()).toEqual([hostile]);
    });
  });
}
