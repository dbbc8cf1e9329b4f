import { AuditPurge, verifyChain } from '@flow/audit';
import { ACME, AT, MemoryAuditStore, PUBLIC, aChain, aCommand, later } from '@flow/testing/audit';
import { FixedClock } from '@flow/testing/kernel';

const DAY_MS = 24 * 3_600_000;

describe('Records whose time is over', () => {
  const chain = aChain();
  let store: MemoryAuditStore;
  let clock: FixedClock;
  let faults: unknown[];
  const purging = (keptMs: number) => {
    const purge = new AuditPurge(store, chain, clock, keptMs, (error) => faults.push(error));
    purge.start();
    return purge;
  };
  const standing = async (domain = PUBLIC) => (await store.behind(domain, 0, 10_000)).map(({ sequence }) => sequence);

  beforeEach(async () => {
    store = new MemoryAuditStore();
    clock = new FixedClock(AT.toISOString());
    faults = [];
    const many = Array.from({ length: 2_500 }, (_, i) => aCommand(i + 1, { endedAt: AT }));
    await store.append(PUBLIC, [...many, aCommand(2_501, { endedAt: later(DAY_MS / 1_000) })], chain);
    await store.append(ACME, [aCommand(3_000, { domain: ACME, endedAt: AT })], chain);
  });

  it('go in every business domain, however many they are, and what stays is whole', async () => {
    const purge = purging(DAY_MS);
    await clock.advance(DAY_MS);
    expect(await standing()).toHaveLength(2_501);
    await clock.advance(3_600_000);
    expect([await standing(), await standing(ACME)]).toEqual([[2_501], []]);
    for (const domain of [PUBLIC, ACME])
      expect(await verifyChain(store, chain, domain, { most: 10 })).toMatchObject({ ok: true });
    await clock.advance(DAY_MS + 3_600_000);
    expect(await standing()).toEqual([]);
    await purge.stop();
    expect(faults).toEqual([]);
  });

  it('stay where they are kept for ever', async () => {
    const purge = purging(Infinity);
    await clock.advance(3 * DAY_MS);
    expect(await standing()).toHaveLength(2_501);
    await purge.stop();
  });

  it('go when the store is there again', async () => {
    const outdated = store.outdated.bind(store);
    store.outdated = () => Promise.reject(new Error('away'));
    const purge = purging(1);
    await clock.advance(3_600_000);
    expect([faults.length > 0, (await standing()).length]).toEqual([true, 2_501]);
    store.outdated = outdated;
    await clock.advance(3_600_000);
    expect(await standing()).toEqual([2_501]);
    await purge.stop();
    clock.jump(3 * DAY_MS);
    await clock.advance(3_600_000);
    expect(await standing()).toEqual([2_501]);
  });
});
