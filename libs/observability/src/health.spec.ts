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

  it('say which one is down, and the reason only to the log', async () => {
    const reasons: string[] = [];
    const health = new HealthChecks(new FixedClock(), (name, error) => reasons.push(`${name}: ${String(error)}`));
    health.add('ready', 'documents', () => {
      throw new Error('disk at /secret/path');
    });
    health.add('ready', 'log', () => undefined);
    expect(await health.ask('ready')).toEqual({ status: 'down', checks: { documents: 'down', log: 'up' } });
    expect(reasons).toEqual(['documents: Error: disk at /secret/path']);
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
    const health = new HealthChecks(new FixedClock(), (name) => told.push(name));
    const told: string[] = [];
    health.add('ready', 'store', () => undefined);
    health.addHint('ready', 'kafka', () => {
      throw new Error('away');
    });
    expect(await health.ask('ready')).toEqual({ status: 'up', checks: { store: 'up', kafka: 'down' } });
    expect(told).toEqual([]);
  });
});
