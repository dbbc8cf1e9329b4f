import { Database } from '@flow/adapters/sqlite';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CliWorld } from './cli-world';

let world: CliWorld;
beforeAll(async () => {
  world = await CliWorld.open();
  await world.serve();
});
afterAll(() => world.close());

const STEPS = [{ id: '0', operator: '@trigger/manual' }];

describe('flowctl audit', () => {
  it('lists, notes the end, exports and verifies', async () => {
    for (const title of ['one', 'two', 'three']) await world.call('/dags', { title, steps: STEPS });
    const list = await world.run(['audit', '--action', 'dag.create', '--limit', '2']);
    expect(list.code).toBe(0);
    const [heads, first, second, ...more] = list.out.trimEnd().split('\n');
    expect(heads).toMatch(/^SEQUENCE +AT +WHO +ACTION +OBJECT +OUTCOME$/);
    expect(first).toMatch(/^3 +\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ +admin +dag\.create +\w{26} +done$/);
    expect([second?.startsWith('2 '), more]).toEqual([true, []]);
    const head = (await world.run(['audit', 'head'])).out.trim();
    expect(head).toMatch(/^3:[\w-]{43}$/);
    const whole = await world.run(['audit', 'verify', '--head', head]);
    expect([whole.code, whole.out]).toEqual([0, `Whole: 3 records, up to ${head}.\n`]);
    const file = join(world.folder, 'audit.jsonl');
    expect((await world.run(['audit', 'export', file])).out).toContain('3 records in');
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { sequence: number }).sequence)).toEqual([1, 2, 3]);
    expect(await world.run(['audit', 'export', file])).toMatchObject({ code: 2 });
    expect(await world.run(['audit', 'verify', '--head', 'x'])).toMatchObject({ code: 2 });
    const db = Database.open(join(world.dataDir, 'relational.db'));
    db.write('spec.tamper', 'UPDATE audit_records SET principal = ? WHERE sequence = 2', 'bob');
    db.close();
    const faulty = await world.run(['audit', 'verify']);
    expect(faulty.code).toBe(1);
    expect(faulty.err).toContain('Record 2 is not as it was recorded (edited); 1 record before it is whole.');
    const asJson = await world.run(['audit', 'verify', '--json']);
    expect([asJson.code, (JSON.parse(asJson.out) as { firstFault: unknown }).firstFault]).toEqual([
      1,
      { sequence: 2, kind: 'edited' },
    ]);
  });
});
