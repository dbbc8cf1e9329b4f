import type { InstanceBirths, InstanceStore } from '@flow/instances';
import type { DomainId, WorkerId } from '@flow/kernel';
import { anInstance } from './an-instance';
import type { Opened } from './worker-log.contract';

const PUBLIC = 'public' as DomainId;

/** What every InstanceBirths keeps (engine.md B3), beside the InstanceStore of the same rows. */
export function instanceBirthsContract(
  name: string,
  open: () => Promise<Opened<{ readonly births: InstanceBirths; readonly instances: InstanceStore }>>,
): void {
  describe(`${name} as InstanceBirths`, () => {
    let births: InstanceBirths;
    let instances: InstanceStore;
    let world: Awaited<ReturnType<typeof open>>;

    beforeEach(async () => {
      world = await open();
      ({ births, instances } = world.store);
    });
    afterEach(() => world.close());

    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const aBirth = (instance = anInstance({ status: 'queued', labels: { team: 'x' }, traceparent })) => ({
      header: { instance, owner: null, epoch: 0, seq: 0, wakeAt: 100 },
      cursor: { seq: 0, schema: 1, state: '{"at":1,"input":"ü"}' },
    });

    it('makes an instance that nobody holds, to be gone on with at its time', async () => {
      const birth = aBirth();
      const { instance } = birth.header;
      expect(await births.create(birth)).toEqual(instance);
      const view = (await world.reopen()).instances;
      expect(await view.find(PUBLIC, instance.id)).toEqual(instance);
      expect(await view.load(instance.id)).toEqual({ header: birth.header, cursor: birth.cursor, history: [] });
      expect(await view.waking(100, null, 10)).toEqual([{ at: 100, id: instance.id }]);
      expect((await view.list(PUBLIC, { label: { key: 'team', value: 'x' } }, { limit: 10 })).items).toHaveLength(1);
    });

    it('makes one of an id once, and gives every caller what stands', async () => {
      const birth = aBirth();
      const { instance } = birth.header;
      const second = (await world.reopen()).births;
      const again = { ...birth, header: { ...birth.header, instance: { ...instance, input: { other: 1 } } } };
      const given = await Promise.all([births.create(birth), second.create(again), births.create(birth)]);
      expect(new Set(given.map((one) => JSON.stringify(one))).size).toBe(1);
      const claimed = await instances.claim(instance.id, { owner: null, epoch: 0 }, 'worker-1' as WorkerId);
      expect(claimed).toMatchObject({ header: { epoch: 1, seq: 0, wakeAt: null }, cursor: birth.cursor, history: [] });
      expect(await second.create(birth)).toEqual(given[0]);
      expect(await instances.header(instance.id)).toMatchObject({ owner: 'worker-1', epoch: 1 });
    });
  });
}
