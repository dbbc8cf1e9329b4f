import { CliWorld } from './cli-world';

let world: CliWorld;
beforeAll(async () => {
  world = await CliWorld.open();
  await world.serve();
});
afterAll(() => world.close());

const STEPS = [
  { id: '0', operator: '@trigger/manual' },
  { id: '1', operator: '@internal/return', parameters: {} },
];

describe('flowctl triggers', () => {
  it('says when there is none', async () => {
    const { code, out, err } = await world.run(['triggers']);
    expect([code, out]).toEqual([0, '']);
    expect(err).toContain('--all');
  });

  it('lists what fires next, the first on top, with the words of each schedule', async () => {
    const { id: dagId } = (await world.call('/dags', { title: 'Report', steps: STEPS })) as { id: string };
    const make = (sent: object) => world.call(`/dags/${dagId}/triggers`, sent) as Promise<{ id: string }>;
    const later = await make({ kind: 'cron', name: 'yearly', config: { cron: '0 0 1 1 *' } });
    const sooner = await make({
      kind: 'cron',
      name: 'often',
      config: { cron: '* * * * *', timezone: 'Europe/Berlin' },
    });
    await make({ kind: 'cron', name: 'off', enabled: false, config: { cron: '* * * * *' } });
    const { code, out } = await world.run(['triggers']);
    expect(code).toBe(0);
    const [, first, second, ...more] = out.trimEnd().split('\n');
    expect(first).toMatch(
      new RegExp(`^${sooner.id} +Report +cron +\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:00Z +- +often: .*Europe/Berlin`),
    );
    expect(second).toMatch(new RegExp(`^${later.id} .*yearly`));
    expect(more).toEqual([]);
    const all = await world.run(['triggers', '--dag', 'Report']);
    expect(all.out).toMatch(/off.*\n/);
    expect(all.out).toContain('disabled');
  });

  it('tells what one has decided, and why', async () => {
    const { id: dagId } = (await world.call('/dags', { title: 'Stopped', status: 'stopped', steps: STEPS })) as {
      id: string;
    };
    const { id } = (await world.call(`/dags/${dagId}/triggers`, { kind: 'manual' })) as { id: string };
    await world.call(`/triggers/${id}/fire`, {});
    const { out } = await world.run(['triggers', '--history', id]);
    expect(out).toMatch(/manual +skipped +- +.*\(dag\.stopped\)/);
    expect(await world.run(['triggers', '--history', dagId])).toMatchObject({ code: 5 });
  });
});
