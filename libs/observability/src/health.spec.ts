import { FixedClock, settle } from '@flow/testing/kernel';
import { HealthChecks } from './health';

describe('HealthChecks', () => {
  it('are up while every check is', async () => {
    const health = new HealthChecks(new FixedClock());
    health.add('ready', 'documents', () => undefined);
    health.add('ready', 'log', async () => undefined);
    expect(await health.ask('ready')).toEqual({ status: 'up', checks: { documents: 'up', log: 'up' } });
  });

  it('are up where there is nothing to check', async () => {
    expect(await new HealthChecks(new FixedClock()).ask('alive')).toEqual({ status: 'up', checks: {} });
  });

  it('say which one is down, and the reason to the log alone: once when it goes, and once when it is back', async () => {
    const told: string[] = [];
    const clock = new FixedClock();
    const health = new HealthChecks(clock, {
      onDown: (name, error) => told.push(`${name}: ${String(error)}`),
      onBack: (name, downMs) => told.push(`${name} is back after ${downMs} ms`),
    });
    let isAway = true;
    health.add('ready', 'documents', () => {
      if (isAway) throw new Error('disk at /secret/path');
    });
    health.add('ready', 'log', () => undefined);
    const down = { status: 'down', checks: { documents: 'down', log: 'up' } };
    expect(await health.ask('ready')).toEqual(down);
    await clock.advance(4_000);
    expect(await health.ask('ready')).toEqual(down);
    isAway = false;
    expect((await health.ask('ready')).status).toBe('up');
    await health.ask('ready');
    expect(told).toEqual(['documents: Error: disk at /secret/path', 'documents is back after 4000 ms']);
  });

  it('are looked at also where no probe asks', async () => {
    const told: string[] = [];
    const clock = new FixedClock();
    const health = new HealthChecks(clock, {
      onDown: (name) => told.push(`${name} is away`),
      onBack: (name) => told.push(`${name} is back`),
    });
    let isAway = false;
    health.add('ready', 'redis', () => (isAway ? Promise.reject(new Error('away')) : undefined));
    const end = health.watch();
    const pass = async (ms: number) => {
      for (let at = 0; at < ms; at += 1_000) {
        await clock.advance(1_000);
        await settle();
      }
    };
    await pass(20_000);
    expect(told).toEqual([]);
    isAway = true;
    await pass(20_000);
    isAway = false;
    await pass(20_000);
    expect(told).toEqual(['redis is away', 'redis is back']);
    end();
    isAway = true;
    await pass(20_000);
    expect(told).toHaveLength(2);
  });

  it('do not wait for a check that hangs', async () => {
    const clock = new FixedClock();
    const health = new HealthChecks(clock);
    health.add('ready', 'documents', () => new Promise<void>(() => undefined));
    const asked = health.ask('ready');
    await settle();
    await clock.advance(2_000);
    expect(await asked).toEqual({ status: 'down', checks: { documents: 'down' } });
  });

  it('keep the probes apart: what makes a process not ready does not make it dead', async () => {
    const health = new HealthChecks(new FixedClock());
    health.add('ready', 'documents', () => Promise.reject(new Error('away')));
    expect((await health.ask('alive')).status).toBe('up');
  });

  it('show a hint that is down, and stay up', async () => {
    const health = new HealthChecks(new FixedClock(), {
      onDown: (name) => told.push(name),
      onBack: (name) => told.push(name),
    });
    const told: string[] = [];
    health.add('ready', 'store', () => undefined);
    health.addHint('ready', 'kafka', () => {
      throw new Error('away');
    });
    expect(await health.ask('ready')).toEqual({ status: 'up', checks: { store: 'up', kafka: 'down' } });
    expect(told).toEqual([]);
  });
});
