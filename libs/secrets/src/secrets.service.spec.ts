import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ENTITIES, SqlSecretStore, SqlVariableStore, SqliteRelational } from '@flow/adapters/sql';
import { PermissionMissing, type Caller, type Permission } from '@flow/auth';
import { IdGenerator, RequestInvalid, type DomainId } from '@flow/kernel';
import {
  REVEALED_FOR_MS,
  USERS_SHOWN,
  SecretBox,
  SecretInUse,
  SecretNameTaken,
  SecretNotFound,
  SecretsService,
  StoredSecretReader,
  VariableNameTaken,
  VariableNotFound,
  VariablesService,
} from '@flow/secrets';
import { FixedClock, SeededRandom } from '@flow/testing/kernel';
import { MemorySecretUsers } from '@flow/testing/secrets';

const ACME = 'acme' as DomainId;
const OTHER = 'other' as DomainId;
const ALL: Permission[] = ['dag.view', 'secret.view', 'secret.manage', 'variable.view', 'variable.manage'];

function aCaller(domain: DomainId = ACME, permissions: Permission[] = ALL): Caller {
  return { principal: 'ann', tokenId: 't', domain, permissions: new Set(permissions) } as unknown as Caller;
}

function world() {
  const folder = mkdtempSync(join(tmpdir(), 'secrets-'));
  const relational = SqliteRelational.open(folder, ENTITIES);
  const clock = new FixedClock();
  const random = new SeededRandom();
  const ids = new IdGenerator(clock, random);
  const store = new SqlSecretStore(relational);
  const box = new SecretBox([new Uint8Array(32).fill(1)], random);
  const reader = new StoredSecretReader(store, box, clock);
  const variables = new SqlVariableStore(relational);
  const users = new MemorySecretUsers();
  return {
    clock,
    store,
    box,
    reader,
    random,
    users,
    secrets: new SecretsService(store, box, reader, users, clock, ids),
    variables: new VariablesService(variables, clock, ids),
    close: async () => {
      await relational.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

let w: ReturnType<typeof world>;
beforeEach(() => {
  w = world();
});
afterEach(() => w.close());

const reveal = async (name: string, domain = ACME) => (await w.reader.reveal(domain, [name])).get(name);

describe('SecretsService', () => {
  it('never shows a value: not when made, listed, got or replaced, and stores it encrypted', async () => {
    const made = await w.secrets.create(aCaller(), 'key', { value: 'hunter22', hosts: ['API.example.com'] });
    const replaced = await w.secrets.replace(aCaller(), 'key', { value: 'hunter23' });
    const shown = [
      made,
      replaced,
      await w.secrets.get(aCaller(), 'key'),
      await w.secrets.list(aCaller(), { limit: 9 }),
    ];
    expect(JSON.stringify([shown, await w.store.find(ACME, 'key')])).not.toContain('hunter');
    expect(made).toMatchObject({ name: 'key', hosts: ['api.example.com'], createdBy: 'ann' });
    expect(made).not.toHaveProperty('envelope');
  });

  it('gives the value and its hosts to whoever carries out a step', async () => {
    await w.secrets.create(aCaller(), 'key', { value: 'hunter22', hosts: ['*.example.com'] });
    await w.secrets.create(aCaller(), 'other', { value: '\u0000ü' });
    expect(await w.reader.reveal(ACME, ['key', 'other', 'none', 'key'])).toEqual(
      new Map([
        ['key', { value: 'hunter22', hosts: ['*.example.com'] }],
        ['other', { value: '\u0000ü', hosts: [] }],
      ]),
    );
  });

  it("does not find another domain's secret, nor touch it", async () => {
    await w.secrets.create(aCaller(), 'key', { value: 'hunter22' });
    const stranger = aCaller(OTHER);
    await expect(w.secrets.get(stranger, 'key')).rejects.toThrow(SecretNotFound);
    await expect(w.secrets.replace(stranger, 'key', { value: 'x' })).rejects.toThrow(SecretNotFound);
    await expect(w.secrets.remove(stranger, 'key')).rejects.toThrow(SecretNotFound);
    expect((await w.secrets.list(stranger, { limit: 9 })).items).toEqual([]);
    expect(await reveal('key', OTHER)).toBeUndefined();
    await w.secrets.create(stranger, 'key', { value: 'theirs' });
    expect((await reveal('key'))?.value).toBe('hunter22');
    expect((await reveal('key', OTHER))?.value).toBe('theirs');
  });

  it('does not open a value that was copied to another domain or name in the database', async () => {
    await w.secrets.create(aCaller(), 'key', { value: 'hunter22' });
    const stolen = await w.store.find(ACME, 'key');
    await w.store.add({ ...stolen!, domain: OTHER, id: 'copy' });
    await expect(reveal('key', OTHER)).rejects.toMatchObject({ code: 'secret.damaged' });
    await w.store.add({ ...stolen!, name: 'key2', id: 'copy2' });
    await expect(reveal('key2')).rejects.toMatchObject({ code: 'secret.damaged' });
  });

  it('reveals a changed value at once, and a removed one no more', async () => {
    await w.secrets.create(aCaller(), 'key', { value: 'hunter22' });
    expect((await reveal('key'))?.value).toBe('hunter22');
    await w.secrets.replace(aCaller(), 'key', { value: 'hunter23' });
    expect((await reveal('key'))?.value).toBe('hunter23');
    await w.secrets.remove(aCaller(), 'key');
    expect(await reveal('key')).toBeUndefined();
  });

  it('does not keep a value that was read while it changed', async () => {
    await w.secrets.create(aCaller(), 'key', { value: 'hunter22' });
    await Promise.all([reveal('key'), w.secrets.replace(aCaller(), 'key', { value: 'hunter23' })]);
    expect((await reveal('key'))?.value).toBe('hunter23');
  });

  it('sees what another process changed before long', async () => {
    await w.secrets.create(aCaller(), 'key', { value: 'hunter22' });
    await reveal('key');
    await w.store.remove(ACME, 'key');
    expect(await reveal('key')).toBeDefined();
    await w.clock.advance(REVEALED_FOR_MS);
    expect(await reveal('key')).toBeUndefined();
  });

  it('reads secrets of an older key after a new one was put in front', async () => {
    await w.secrets.create(aCaller(), 'key', { value: 'hunter22' });
    const rotated = new SecretBox([new Uint8Array(32).fill(2), new Uint8Array(32).fill(1)], w.random);
    const reader = new StoredSecretReader(w.store, rotated, w.clock);
    expect((await reader.reveal(ACME, ['key'])).get('key')?.value).toBe('hunter22');
  });

  it('makes exactly one of two with the same name, and the same one for a repeat with its id', async () => {
    const make = (value: string) => w.secrets.create(aCaller(), 'key', { value });
    const outcomes = await Promise.allSettled([make('a'), make('b')]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(make('c')).rejects.toThrow(SecretNameTaken);
    const first = await w.secrets.create(aCaller(), 'k2', { value: 'x' }, { id: 'given' });
    expect(await w.secrets.create(aCaller(), 'k2', { value: 'x' }, { id: 'given' })).toEqual(first);
  });

  it('shows the DAGs of its domain that name a secret: twenty, and how many there are', async () => {
    for (let i = 0; i < 25; i += 1) w.users.save(ACME, `Flow ${i}`, ['key']);
    w.users.save(OTHER, 'Foreign', ['key', 'unused']);
    const made = await w.secrets.create(aCaller(), 'key', { value: 'x' });
    await w.secrets.create(aCaller(), 'unused', { value: 'x' });
    const { items } = await w.secrets.list(aCaller(), { limit: 9 });
    expect(items.map(({ usedBy }) => [usedBy.total, usedBy.dags.length])).toEqual([
      [25, USERS_SHOWN],
      [0, 0],
    ]);
    expect(items[0]?.usedBy.dags[0]).toEqual({ id: 'dag-0', title: 'Flow 0' });
    const others = [await w.secrets.get(aCaller(), 'key'), await w.secrets.replace(aCaller(), 'key', { value: 'y' })];
    for (const one of [made, ...others]) expect(one.usedBy).toEqual(items[0]?.usedBy);
  });

  it('refuses to remove what DAGs name, unless it is forced to', async () => {
    const id = w.users.save(ACME, 'Nightly', ['key']);
    await w.secrets.create(aCaller(), 'key', { value: 'x' });
    await expect(w.secrets.remove(aCaller(), 'key')).rejects.toThrow(SecretInUse);
    await expect(w.secrets.remove(aCaller(), 'key')).rejects.toThrow(`"Nightly" (${id})`);
    expect(await reveal('key')).toBeDefined();
    await w.secrets.remove(aCaller(), 'key', { force: true });
    expect(await reveal('key')).toBeUndefined();
    for (const force of [false, true])
      await expect(w.secrets.remove(aCaller(), 'key', { force })).rejects.toThrow(SecretNotFound);
  });

  it('tells who may not see DAGs how many name a secret, and no more', async () => {
    const blind = aCaller(ACME, ['secret.view', 'secret.manage']);
    w.users.save(ACME, 'Acquisition', ['key']);
    await w.secrets.create(blind, 'key', { value: 'x' });
    expect((await w.secrets.get(blind, 'key')).usedBy).toEqual({ total: 1, dags: [] });
    await expect(w.secrets.remove(blind, 'key')).rejects.toThrow(
      '1 DAG or trigger names the secret key. Change it first',
    );
    await expect(w.secrets.remove(blind, 'key')).rejects.not.toThrow('Acquisition');
  });

  it('names every fault of a request at once and changes nothing', async () => {
    const attempt = w.secrets.create(aCaller(), '1 bad', { value: '', hosts: ['a:1', 'ok.example'] });
    await expect(attempt).rejects.toThrow(RequestInvalid);
    await expect(attempt).rejects.toMatchObject({
      faults: [{ pointer: '/name' }, { pointer: '/value' }, { pointer: '/hosts/0' }],
    });
    expect((await w.secrets.list(aCaller(), { limit: 9 })).items).toEqual([]);
  });

  it('asks for the permission first', async () => {
    const viewer = aCaller(ACME, ['secret.view']);
    await expect(w.secrets.create(viewer, '1 bad', { value: '' })).rejects.toThrow(PermissionMissing);
    await expect(w.secrets.replace(viewer, 'none', { value: 'x' })).rejects.toThrow(PermissionMissing);
    await expect(w.secrets.remove(viewer, 'none')).rejects.toThrow(PermissionMissing);
    await expect(w.secrets.list(aCaller(ACME, []), { limit: 1 })).rejects.toThrow(PermissionMissing);
    await expect(w.secrets.get(aCaller(ACME, []), 'none')).rejects.toThrow(PermissionMissing);
  });
});

describe('VariablesService', () => {
  it('keeps JSON as it was sent and gives all of a domain at once', async () => {
    await w.variables.create(aCaller(), 'region', 'eu');
    await w.variables.create(aCaller(), 'limits', { max: [1, null] });
    await w.variables.create(aCaller(OTHER), 'region', 'us');
    expect(await w.variables.valuesOf(ACME)).toEqual({ region: 'eu', limits: { max: [1, null] } });
    expect((await w.variables.list(aCaller(), { limit: 9 })).items.map(({ name }) => name)).toEqual([
      'limits',
      'region',
    ]);
  });

  it('replaces and removes within its own domain alone', async () => {
    await w.variables.create(aCaller(), 'region', 'eu');
    await expect(w.variables.replace(aCaller(OTHER), 'region', 'us')).rejects.toThrow(VariableNotFound);
    await expect(w.variables.remove(aCaller(OTHER), 'region')).rejects.toThrow(VariableNotFound);
    expect((await w.variables.replace(aCaller(), 'region', 'us')).value).toBe('us');
    await w.variables.remove(aCaller(), 'region');
    await expect(w.variables.get(aCaller(), 'region')).rejects.toThrow(VariableNotFound);
  });

  it('takes each name once, and a repeat with the same id', async () => {
    const first = await w.variables.create(aCaller(), 'region', 'eu', { id: 'given' });
    await expect(w.variables.create(aCaller(), 'region', 'us')).rejects.toThrow(VariableNameTaken);
    expect(await w.variables.create(aCaller(), 'region', 'eu', { id: 'given' })).toEqual(first);
  });

  it.each([
    ['more than 64 KiB', 'x'.repeat(64 * 1024)],
    ['too deep a value', JSON.parse('['.repeat(33) + ']'.repeat(33)) as never],
    ['a key of JavaScript', JSON.parse('{"a":{"__proto__":1}}') as never],
  ])('refuses %s', async (_what, value) => {
    await expect(w.variables.create(aCaller(), 'region', value)).rejects.toMatchObject({
      faults: [{ pointer: '/value', code: 'variable.value_invalid' }],
    });
  });

  it('asks for the permission first', async () => {
    const viewer = aCaller(ACME, ['variable.view']);
    await expect(w.variables.create(viewer, '', 1)).rejects.toThrow(PermissionMissing);
    await expect(w.variables.replace(viewer, 'none', 1)).rejects.toThrow(PermissionMissing);
    await expect(w.variables.remove(viewer, 'none')).rejects.toThrow(PermissionMissing);
    await expect(w.variables.list(aCaller(ACME, []), { limit: 1 })).rejects.toThrow(PermissionMissing);
  });
});
