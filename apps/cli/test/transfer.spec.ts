import { existsSync, readFileSync } from 'node:fs';
import { CliWorld, aFlow } from './cli-world';

let world: CliWorld;
beforeAll(async () => {
  world = await CliWorld.open();
  await world.serve();
});
afterAll(() => world.close());

const STORED = {
  title: 'Stored',
  steps: [
    { id: 'start', operator: '@trigger/manual' },
    { id: 'first', operator: '@internal/define', parameters: { type: 'number', value: 1 } },
    { id: 'second', operator: '@internal/define', parameters: { type: 'number', value: 2 } },
    { id: 'end', operator: '@internal/return', parameters: { text: 'one\ntwo' } },
  ],
};

describe('flowctl export', () => {
  it('gives a file that import takes, and diff finds the same', async () => {
    await world.call('/dags', aFlow('Round trip'));
    const { code, out, err } = await world.run(['export', 'Round trip']);
    expect([code, err]).toEqual([0, '']);
    world.write('round.yaml', out);
    expect(await world.run(['diff', 'round.yaml'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('= Round trip') as string,
    });
    expect((await world.run(['import', 'round.yaml', '--domain', 'elsewhere'])).code).toBe(0);
  });

  it('writes JSON or YAML as the file is called, and replaces none unasked', async () => {
    await world.call('/dags', aFlow('To a file'));
    const done = await world.run(['export', 'To a file', '-o', 'file.json']);
    expect(done).toMatchObject({ code: 0, out: '' });
    expect(JSON.parse(readFileSync(world.path('file.json'), 'utf8'))).toMatchObject({ title: 'To a file' });
    expect(await world.run(['export', 'To a file', '-o', 'file.json'])).toMatchObject({ code: 6, out: '' });
    expect(await world.run(['export', 'To a file', '-o', 'file.json', '--force'])).toMatchObject({ code: 0 });
    expect(await world.run(['export', 'Nothing', '-o', 'nothing.json'])).toMatchObject({ code: 5 });
    expect(existsSync(world.path('nothing.json'))).toBe(false);
  });

  it('gives older versions', async () => {
    const { id } = (await world.call('/dags', aFlow('Aged'))) as { id: string };
    world.write('aged.json', JSON.stringify({ ...aFlow('Aged'), description: 'newer' }));
    await world.run(['import', '--upsert', 'aged.json']);
    const at = async (...args: string[]) =>
      JSON.parse((await world.run(['export', id, '--json', ...args])).out) as object;
    expect(await at()).toMatchObject({ description: 'newer', version: 'v0.0.1' });
    expect(await at('--dag-version', 'v0.0.0')).toMatchObject({ description: '', version: 'v0.0.0' });
    expect(await world.run(['export', id, '--dag-version', 'v9.9.9'])).toMatchObject({ code: 5 });
  });
});

describe('flowctl dags', () => {
  it('lists DAGs by title, a part of which can be asked for', async () => {
    for (const title of ['Listed B', 'Listed A']) await world.call('/dags', aFlow(title));
    const { code, out, err } = await world.run(['dags', 'listed']);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^DAG .*\n\w{26} {2}Listed A {2}v0\.0\.0 +normal +form +\d{4}.*\n\w{26} {2}Listed B .*\n$/);
    const first = await world.run(['dags', 'listed', '--limit', '1', '--json']);
    expect(JSON.parse(first.out)).toMatchObject({ items: [{ title: 'Listed A' }], more: true });
    expect(await world.run(['dags', 'nothing'])).toEqual({ code: 0, out: '', err: 'There is no such DAG.\n' });
  });
});

describe('flowctl diff', () => {
  beforeAll(() => world.call('/dags', STORED));

  it('shows what an import would change, step by step, and exits with 1', async () => {
    const [start, first, second, end] = STORED.steps;
    const third = { id: 'third', operator: '@internal/define', parameters: { type: 'number', value: 3 } };
    const changed = { ...end, parameters: { text: 'one\n2' } };
    world.write(
      'stored.json',
      JSON.stringify({ ...STORED, description: 'new', steps: [start, second, third, changed] }),
    );
    const { code, out, err } = await world.run(['diff', 'stored.json']);
    expect([code, err]).toEqual([1, '']);
    expect(out).toBe(
      [
        '~ Stored: from v0.0.0 of the service to stored.json',
        '  /description',
        '    - ""',
        '    + "new"',
        '  - step first',
        '  + step third',
        '  ~ step end',
        '      /parameters/text',
        '        - one',
        '        - two',
        '        + one',
        '        + 2',
        '',
      ].join('\n'),
    );
    expect(first?.id).toBe('first');
  });

  it('finds nothing where only what may be left out is left out', async () => {
    world.write('same.json', JSON.stringify(STORED));
    expect(await world.run(['diff', 'same.json'])).toMatchObject({ code: 0 });
    const { out } = await world.run(['diff', 'same.json', '--json']);
    expect(JSON.parse(out)).toMatchObject({ same: true, definitions: [{ state: 'same', version: 'v0.0.0' }] });
  });

  it('knows a new one, and one that is renamed', async () => {
    world.write('new.json', JSON.stringify({ ...STORED, title: 'Named anew' }));
    expect(await world.run(['diff', 'new.json'])).toMatchObject({
      code: 1,
      out: expect.stringContaining('has no DAG of this title') as string,
    });
    const { out } = await world.run(['diff', 'new.json', '--dag', 'Stored']);
    expect(out).toContain('  /title\n    - "Stored"\n    + "Named anew"\n');
  });

  it('compares nothing that has faults', async () => {
    world.write('wrong.json', JSON.stringify({ ...STORED, steps: [] }));
    const { code, out, err } = await world.run(['diff', 'wrong.json']);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^wrong\.json {2}\/steps {2}.*\nwrong\.json cannot be compared: it has 1 fault\.\n$/);
    world.write('broken.json', '{');
    expect(await world.run(['diff', 'broken.json'])).toMatchObject({ code: 2 });
  });
});
