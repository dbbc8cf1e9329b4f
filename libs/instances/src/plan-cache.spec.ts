import { OperatorCatalogue } from '@flow/operators';
import { testOperators } from '@flow/testing/engine';
import { RunWorld } from '@flow/testing/instances';
import { PlanCache } from './plan-cache';

describe('PlanCache', () => {
  it('keeps what was used last, of so many characters of definitions as memory bears', async () => {
    const world = await RunWorld.open();
    const cache = new PlanCache(world.dags, new OperatorCatalogue(testOperators()));
    const large = async () =>
      world.aDag([{ id: 'a', operator: '@test/write', parameters: { x: 'x'.repeat(6 * 1024 * 1024) } }]);
    const [one, two, three] = [await large(), await large(), await large()];
    const plan = ({ domain, id, version }: typeof one) => cache.get(domain, id, version);
    const first = await plan(one);
    const second = await plan(two);
    expect(await plan(one)).toBe(first);
    await plan(three);
    expect(await plan(one)).toBe(first);
    expect(await plan(two)).not.toBe(second);
    world.close();
  });
});
