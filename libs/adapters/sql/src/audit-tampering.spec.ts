import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database } from '@flow/adapters/sqlite';
import { ENTITIES, RELATIONAL_FILE, SqlAuditStore, SqliteRelational } from '@flow/adapters/sql';
import { AuditChain, verifyChain, type AuditVerdict, type ChainPlace } from '@flow/audit';
import { ACME, PUBLIC, aChain, aCommand, later } from '@flow/testing/audit';

const chain = aChain();
const RECORDS = 8;

/** Whoever writes the file beside the service, and has no key. */
describe('A trail that somebody tampers with', () => {
  let folder: string;
  let relational: SqliteRelational;
  let store: SqlAuditStore;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'audit-'));
    relational = SqliteRelational.open(folder, ENTITIES);
    store = new SqlAuditStore(relational);
    const commands = Array.from({ length: RECORDS }, (_, n) => aCommand(n + 1));
    await store.append(PUBLIC, commands, chain);
    await store.append(ACME, [aCommand(100, { domain: ACME })], chain);
  });
  afterEach(async () => {
    await relational.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function tamper(...statements: readonly string[]): void {
    const db = Database.open(join(folder, RELATIONAL_FILE));
    for (const sql of statements) expect(db.write('spec.tamper', sql).changes).toBeGreaterThan(0);
    db.close();
  }
  const verify = (noted?: ChainPlace, most = 1_000): Promise<AuditVerdict> =>
    verifyChain(store, chain, PUBLIC, { most, ...(noted && { noted }) });
  const faultOf = async (noted?: ChainPlace) => (await verify(noted)).firstFault;

  it('is whole when nobody does', async () => {
    expect(await verify()).toMatchObject({ ok: true, checked: RECORDS, firstFault: null, next: null });
  });

  it.each([
    ['id', `'other'`],
    ['started_at', '1'],
    ['started_at', '8700000000000000'],
    ['ended_at', '1'],
    ['principal', `'bob'`],
    ['token_id', `'t2'`],
    ['action', `'dag.view'`],
    ['object_type', `'token'`],
    ['object_id', 'NULL'],
    ['outcome', `'refused'`],
    ['status', '403'],
    ['code', `'x'`],
    ['request_id', `'r'`],
    ['trace_id', `'t'`],
    ['remote', 'NULL'],
    ['details', `'{}'`],
    ['details', `'no JSON'`],
    ['hash', `'${'A'.repeat(43)}'`],
  ])('tells that %s was edited to %s', async (column, value) => {
    tamper(`UPDATE audit_records SET ${column} = ${value} WHERE domain = 'public' AND sequence = 4`);
    expect(await verify()).toMatchObject({ ok: false, checked: 3, firstFault: { sequence: 4, kind: 'edited' } });
  });

  it('tells a key that is not known apart from an edit', async () => {
    tamper(`UPDATE audit_records SET key_id = 'k9' WHERE domain = 'public' AND sequence = 4`);
    expect(await faultOf()).toEqual({ sequence: 4, kind: 'no_key' });
  });

  it.each([1, 4, 7])('tells that record %i is missing', async (sequence) => {
    tamper(`DELETE FROM audit_records WHERE domain = 'public' AND sequence = ${sequence}`);
    expect(await faultOf()).toEqual({ sequence, kind: 'missing' });
  });

  it('tells that the newest, or all of them, were cut off', async () => {
    tamper(`DELETE FROM audit_records WHERE domain = 'public' AND sequence = 8`);
    expect(await faultOf()).toEqual({ sequence: 8, kind: 'truncated' });
    tamper(`DELETE FROM audit_records WHERE domain = 'public'`);
    expect(await faultOf()).toEqual({ sequence: 1, kind: 'truncated' });
  });

  it('tells that two have changed places, near and far', async () => {
    const swap = (a: number, b: number) =>
      tamper(
        `UPDATE audit_records SET sequence = 1000 WHERE domain = 'public' AND sequence = ${a}`,
        `UPDATE audit_records SET sequence = ${a} WHERE domain = 'public' AND sequence = ${b}`,
        `UPDATE audit_records SET sequence = ${b} WHERE domain = 'public' AND sequence = 1000`,
      );
    swap(3, 4);
    expect(await faultOf()).toEqual({ sequence: 3, kind: 'reordered' });
    swap(3, 4);
    expect(await faultOf()).toBeNull();
    swap(2, 7);
    expect(await faultOf()).toEqual({ sequence: 2, kind: 'reordered' });
  });

  it('tells that a record of another business domain was put in', async () => {
    tamper(
      `DELETE FROM audit_records WHERE domain = 'public' AND sequence = 1`,
      `UPDATE audit_records SET domain = 'public' WHERE domain = 'acme' AND sequence = 1`,
    );
    expect(await faultOf()).toEqual({ sequence: 1, kind: 'edited' });
  });

  it('tells that the newest were cut off and the head set back, since nobody can seal that', async () => {
    const before = (await store.behind(PUBLIC, 4, 1))[0]!;
    tamper(
      `DELETE FROM audit_records WHERE domain = 'public' AND sequence > 5`,
      `UPDATE audit_heads SET sequence = 5, hash = '${before.hash}' WHERE domain = 'public'`,
    );
    expect(await faultOf()).toEqual({ sequence: 5, kind: 'head' });
  });

  it('tells that the oldest were removed by somebody who has moved the base', async () => {
    const second = (await store.behind(PUBLIC, 1, 1))[0]!;
    tamper(
      `DELETE FROM audit_records WHERE domain = 'public' AND sequence <= 2`,
      `UPDATE audit_heads SET base_sequence = 2, base_hash = '${second.hash}' WHERE domain = 'public'`,
    );
    expect(await faultOf()).toEqual({ sequence: 8, kind: 'head' });
  });

  it('tells a chain that was linked anew with another key', async () => {
    const forger = new AuditChain({ newest: 'k1', all: new Map([['k1', new Uint8Array(32).fill(9)]]) });
    const forged = forger.link(forger.beginning(PUBLIC), [aCommand(1, { outcome: 'refused' })]);
    tamper(
      `DELETE FROM audit_records WHERE domain = 'public' AND sequence > 1`,
      `UPDATE audit_records SET outcome = 'refused', hash = '${forged.records[0]!.hash}' WHERE domain = 'public'`,
      `UPDATE audit_heads SET sequence = 1, hash = '${forged.head.hash}', seal = '${forged.head.seal}' WHERE domain = 'public'`,
    );
    expect(await faultOf()).toEqual({ sequence: 1, kind: 'head' });
  });

  it('tells by a head that was noted elsewhere that an older state of all of it was put back', async () => {
    const old = (await store.extent(PUBLIC))!.head;
    await store.append(PUBLIC, [aCommand(9), aCommand(10)], chain);
    const noted = (await store.extent(PUBLIC))!.head;
    expect(await faultOf(noted)).toBeNull();
    expect(await faultOf(old)).toBeNull();
    tamper(
      `DELETE FROM audit_records WHERE domain = 'public' AND sequence > 8`,
      `UPDATE audit_heads SET sequence = 8, hash = '${old.hash}', seal = '${old.seal}' WHERE domain = 'public'`,
    );
    expect(await faultOf()).toBeNull();
    expect(await faultOf(noted)).toEqual({ sequence: 9, kind: 'truncated' });
    tamper(`DELETE FROM audit_records WHERE domain = 'public'`, `DELETE FROM audit_heads WHERE domain = 'public'`);
    expect(await faultOf()).toBeNull();
    expect(await faultOf(noted)).toEqual({ sequence: 1, kind: 'truncated' });
  });

  it('tells by a noted head that the chain was written anew by somebody who has the key', async () => {
    const noted = (await store.behind(PUBLIC, 4, 1))[0]!;
    tamper(`DELETE FROM audit_records WHERE domain = 'public'`, `DELETE FROM audit_heads WHERE domain = 'public'`);
    const commands = Array.from({ length: RECORDS }, (_, n) => aCommand(n + 1, { remote: null }));
    await store.append(PUBLIC, commands, chain);
    expect(await faultOf()).toBeNull();
    expect(await faultOf(noted)).toEqual({ sequence: 5, kind: 'edited' });
  });

  it('tells that an older head was put back before records that stand', async () => {
    const old = (await store.extent(PUBLIC))!.head;
    await store.append(PUBLIC, [aCommand(9)], chain);
    tamper(`UPDATE audit_heads SET sequence = 8, hash = '${old.hash}', seal = '${old.seal}' WHERE domain = 'public'`);
    expect(await faultOf()).toEqual({ sequence: 8, kind: 'head' });
  });

  it('is gone through a piece at a time, also while its oldest are removed', async () => {
    const first = await verify(undefined, 3);
    expect(first).toMatchObject({ ok: true, checked: 3, next: { sequence: 3 } });
    const second = await verifyChain(store, chain, PUBLIC, { after: first.next as ChainPlace, most: 1_000 });
    expect(second).toMatchObject({ ok: true, checked: 5, next: null });
    await store.removeOldest(PUBLIC, later(5), 100, chain);
    const behind = await verifyChain(store, chain, PUBLIC, { after: first.next as ChainPlace, most: 1_000 });
    expect(behind).toMatchObject({ ok: true, checked: 4, base: { sequence: 4 } });
    expect(await verify()).toMatchObject({ ok: true, checked: 4 });
  });
});
