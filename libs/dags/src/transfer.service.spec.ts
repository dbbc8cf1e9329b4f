import { RequestInvalid } from '@flow/kernel';
import { DagInvalid, DagTitleTaken, VersionNotRising } from './dag.errors';
import { aCaller, aDagsWorld, aDefinition } from './testing/a-dags-world';

const ann = aCaller();
const eve = aCaller('other');

describe('taking DAGs elsewhere', () => {
  it.each(['json', 'yaml'] as const)('loses nothing on the way through %s', async (format) => {
    const { dags, transfer } = aDagsWorld();
    const sent = aDefinition({
      ...{
        description: 'line\n two: # "x"',
        status: 'stopped',
        type: 't',
        tags: ['b', 'a'],
        labels: { a: 'yes' },
        priority: 'high',
      },
      ...{
        vars: { n: { type: 'number', default: 1e21 } },
        outputs: { a: ['{{n}}', null] },
        timeout: 'P1D',
        retention: { failed: 'P90D' },
        version: 'v1.2.3',
        changeLog: 'c',
      },
    });
    const here = await dags.create(ann, sent);
    const { text, fileName, mediaType } = await transfer.export(ann, here.id, { format });
    expect([fileName, mediaType]).toEqual([`A flow.${format}`, `application/${format}`]);
    const [item] = await transfer.import(eve, { text, format });
    expect(item).toMatchObject({ ok: true, outcome: 'created', version: 'v1.2.3' });
    const there = await dags.get(eve, item!.id!);
    expect({ ...there, id: here.id, domain: here.domain }).toEqual(here);
  });

  it('gives an older version, too', async () => {
    const { dags, transfer } = aDagsWorld();
    const { id } = await dags.create(ann, aDefinition());
    await dags.update(ann, id, aDefinition({}, 'b'));
    const { text } = await transfer.export(ann, id, { version: 'v0.0.0' });
    expect(JSON.parse(text)).toMatchObject({ version: 'v0.0.0', steps: aDefinition().steps });
  });
});

describe('bringing DAGs in', () => {
  it('makes new ones, or changes those of the same title', async () => {
    const { dags, transfer } = aDagsWorld();
    const standing = await dags.create(ann, aDefinition());
    const data = [aDefinition({}, 'b'), aDefinition({ title: 'Another' })];
    const created = await transfer.import(ann, { data });
    expect(created.map(({ ok, error, outcome }) => [ok, error?.code ?? outcome])).toEqual([
      [false, 'dag.title_taken'],
      [true, 'created'],
    ]);
    const upserted = await transfer.import(ann, { data, mode: 'upsert' });
    expect(upserted.map(({ outcome, id, version }) => [outcome, id, version])).toEqual([
      ['updated', standing.id, 'v0.0.1'],
      ['unchanged', created[1]!.id, 'v0.0.0'],
    ]);
  });

  it('throws what keeps a single one out', async () => {
    const { dags, transfer } = aDagsWorld();
    await dags.create(ann, aDefinition({ version: 'v1.0.0' }));
    await expect(transfer.import(ann, { data: aDefinition() })).rejects.toThrow(DagTitleTaken);
    const older = aDefinition({ version: 'v0.5.0' }, 'b');
    await expect(transfer.import(ann, { data: older, mode: 'upsert' })).rejects.toThrow(VersionNotRising);
  });

  it('brings none when one of them is wrong, and says where', async () => {
    const { dags, transfer } = aDagsWorld();
    const text =
      'title: Good\nsteps: [{ id: a, operator: "@trigger/manual" }]\n---\ntitle: Bad\nsteps: [{ id: b, operator: "@x" }]\n';
    const refusal: unknown = await transfer.import(ann, { text }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(DagInvalid);
    expect((refusal as DagInvalid).faults.map(({ pointer }) => pointer)).toEqual([
      '/1/steps/0/operator',
      '/1/steps/0/operator',
    ]);
    const twice = transfer.import(ann, { data: [aDefinition(), aDefinition()] });
    await expect(twice).rejects.toThrow(DagInvalid);
    expect((await dags.list(ann, {}, { limit: 1, count: true })).total).toBe(0);
  });

  it('refuses dialects that it cannot read, nothing at all, and too many', async () => {
    const { transfer } = aDagsWorld();
    const codeOf = (request: object) =>
      transfer.import(ann, request).then(
        () => 'taken',
        (error: unknown) => (error as RequestInvalid).code,
      );
    expect(await codeOf({ data: aDefinition(), dialect: 'cobol' })).toBe('import.dialect_unavailable');
    expect(await codeOf({ data: aDefinition(), dialect: 'flow' })).toBe('taken');
    expect(await codeOf({ data: [] })).toBe('import.empty');
    expect(await codeOf({ data: Array.from({ length: 201 }, () => 1) })).toBe('import.too_many');
    expect(await codeOf({ text: '{"a":1,"a":2}', format: 'json' })).toBe('import.key_duplicate');
    for (const data of [undefined, null, 1, 'x', [null], [[]]]) expect(await codeOf({ data })).toBe('dag.invalid');
  });
});
