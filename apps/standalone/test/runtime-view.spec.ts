import { ApiWorld, MANUAL, aDefinition, until } from './api-world';

interface RuntimeView {
  readonly at: string;
  readonly live: Readonly<Record<string, { readonly count: number; readonly more: boolean }>>;
  readonly ended: {
    readonly minutes: readonly { at: string; succeeded: number; failed: number; cancelled: number }[];
    readonly more: boolean;
  };
}

describe('The runtime view', () => {
  let world: ApiWorld;
  beforeAll(async () => {
    world = await ApiWorld.open();
  });
  afterAll(() => world.close());

  it('tells of its own business domain how much is live and how much ended in the last hour', async () => {
    const domain = world.newDomain();
    const view = async (of = domain) =>
      (await world.must('GET', '/observability/runtime-view', undefined, { domain: of })).as<RuntimeView>();
    const start = async (definition: object, query = '') => {
      const { id } = await world.must('POST', '/dags', definition, { domain });
      return world.must('POST', `/dags/${id}/run${query}`, undefined, { domain });
    };
    await start(aDefinition('Ends'), '?wait=PT10S');
    await start(
      { title: 'Fails', steps: [MANUAL, { id: 'f', operator: '@internal/return', parameters: { a: '{{1 / 0}}' } }] },
      '?wait=PT10S',
    );
    const waiting = await start({
      title: 'Waits',
      steps: [MANUAL, { id: 'w', operator: '@control/wait', parameters: { duration: 'PT1H' } }],
    });
    const before = await view();
    const sum = (found: RuntimeView, status: 'succeeded' | 'failed' | 'cancelled') =>
      found.ended.minutes.reduce((total, minute) => total + minute[status], 0);
    expect([sum(before, 'succeeded'), sum(before, 'failed'), sum(before, 'cancelled')]).toEqual([1, 1, 0]);
    expect(Object.values(before.live).reduce((total, { count }) => total + count, 0)).toBe(1);
    expect([before.ended.more, Object.values(before.live).some(({ more }) => more)]).toEqual([false, false]);
    expect(before.ended.minutes).toHaveLength(60);
    const [first, last] = [before.ended.minutes[0]!.at, before.ended.minutes[59]!.at].map((at) => Date.parse(at));
    expect([last! - first!, Math.floor(Date.parse(before.at) / 60_000) * 60_000]).toEqual([59 * 60_000, last]);

    await world.must('POST', `/instances/${waiting.id}/cancel`, undefined, { domain });
    await until(async () => (sum(await view(), 'cancelled') === 1 ? true : undefined));
    expect(Object.values((await view()).live).every(({ count }) => count === 0)).toBe(true);
    const elsewhere = await view(world.newDomain());
    expect(elsewhere.ended.minutes.every(({ succeeded, failed }) => succeeded + failed === 0)).toBe(true);
  });

  it('is for those who may see instances', async () => {
    const answer = await world.call('GET', '/observability/runtime-view', undefined, {
      token: await world.token(['dag.view']),
    });
    expect([answer.status, answer.problem.code]).toEqual([403, 'permission.missing']);
  });
});
